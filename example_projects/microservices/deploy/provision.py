"""Makes what the services are given as files, where it is not there yet: python provision.py FOLDER

The example's own secrets, Django's key, Redis' password and configuration, and an authority of your own with a
certificate for each service. In earnest let your platform issue the certificates, and throw `ca.key` away here.
"""

import datetime as dt
import ipaddress
import secrets
import sys
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

sys.path.insert(0, str(Path(__file__).parents[1]))

from make_secrets import make, write

SERVICES = ("accounts", "orders", "inventory", "shipping", "redis")
LIFETIME = dt.timedelta(days=90)
REDIS = """\
requirepass {password}
port 0
tls-port 6379
tls-cert-file /run/secrets/tls.crt
tls-key-file /run/secrets/tls.key
tls-ca-cert-file /run/secrets/ca.crt
tls-auth-clients no
dir /data
appendonly yes
save ""
"""


def provision(folder: Path) -> None:
    make(folder)
    write(folder / "django-secret-key", secrets.token_urlsafe(48).encode())
    write(folder / "redis-password", secrets.token_urlsafe(48).encode())
    password = (folder / "redis-password").read_text()
    write(folder / "redis.conf", REDIS.format(password=password).encode())
    url = f"rediss://:{password}@redis:6379/0?ssl_ca_certs=/run/secrets/ca.crt"
    write(folder / "redis-url", url.encode())
    if not (folder / "ca.key").exists():
        key = new_key(folder / "ca.key")
        write(folder / "ca.crt", certificate("authority of the shop", key, "authority of the shop", key))
    authority = load_pem_private_key((folder / "ca.key").read_bytes(), None)
    assert isinstance(authority, EllipticCurvePrivateKey)
    for name in SERVICES:
        if not (folder / f"{name}.crt").exists():  # remove the two files of a service to get new ones
            made = certificate(name, new_key(folder / f"{name}.key"), "authority of the shop", authority)
            write(folder / f"{name}.crt", made)


def new_key(file: Path) -> EllipticCurvePrivateKey:
    file.unlink(missing_ok=True)
    key = generate_private_key(SECP256R1())
    write(file, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return key


def certificate(name: str, key: EllipticCurvePrivateKey, issued_by: str, authority: EllipticCurvePrivateKey) -> bytes:
    """For the name by which the others reach it, and for `localhost`, where its own health check does."""
    now = dt.datetime.now(dt.UTC)
    is_authority = key is authority
    usage = x509.KeyUsage(
        digital_signature=not is_authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        encipher_only=False,
        decipher_only=False,
    )
    names = [x509.DNSName(name), x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issued_by)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(minutes=5))
        .not_valid_after(now + LIFETIME * (10 if is_authority else 1))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=0 if is_authority else None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.public_key()), critical=False)
    )
    if not is_authority:
        made = made.add_extension(x509.SubjectAlternativeName(names), critical=False).add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False
        )
    return made.sign(authority, SHA256()).public_bytes(Encoding.PEM)


if __name__ == "__main__":
    provision(Path(sys.argv[1]))
