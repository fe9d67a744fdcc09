"""Who signs forged tokens: the same keys in every run, so that a run can be repeated; signed without any JWT library."""

import functools
import hmac
from collections.abc import Mapping
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

SECRET: Final = b"a secret of the house, 32 bytes!"
PrivateKey = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey | bytes

# the algorithm that a good token of each key names; those of strangers claim the same key ids
ALGORITHMS: Final[Mapping[str, str]] = {
    "ec": "ES256",
    "ed": "EdDSA",
    "rsa": "RS256",
    "hs": "HS256",
    "a stranger's ec": "ES256",
    "a stranger's ed": "EdDSA",
    "a stranger's hs": "HS256",
    "the text of ec": "HS256",
    "an empty secret": "HS256",
}
KIDS: Final[Mapping[str, str]] = {name: name.rpartition(" ")[2] for name in ALGORITHMS} | {
    "the text of ec": "ec",
    "an empty secret": "hs",
}


@functools.cache
def private_key(name: str) -> PrivateKey:
    """The key of this name. Only that of RSA is another one in each run: nothing that is drawn depends on it."""
    match name:
        case "ec" | "a stranger's ec":
            return ec.derive_private_key(1_000_003 if name == "ec" else 1_000_033, ec.SECP256R1())
        case "ed" | "a stranger's ed":
            return ed25519.Ed25519PrivateKey.from_private_bytes((b"ours" if name == "ed" else b"else") * 8)
        case "rsa":
            return rsa.generate_private_key(65537, 2048)
        case "hs":
            return SECRET
        case "a stranger's hs":
            return b"a secret that is not of the house"
        case "the text of ec":  # what RFC 8725 section 2.1 warns of
            return public_pem("ec")
    return b""


def public_key(name: str) -> ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey | rsa.RSAPublicKey:
    key = private_key(name)
    assert not isinstance(key, bytes)
    return key.public_key()


def public_pem(name: str) -> bytes:
    return public_key(name).public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def sign(name: str, algorithm: str, message: bytes) -> bytes:
    """The signature of ``message`` by this key, with its own algorithm unless ``algorithm`` is another of its kind."""
    key = private_key(name)
    size = algorithm[-3:] if algorithm[-3:] in ("384", "512") else "256"
    digest = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}[size]
    if isinstance(key, bytes):
        return hmac.digest(key, message, f"sha{size}")
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key.sign(message)
    if isinstance(key, rsa.RSAPrivateKey):
        salted = padding.PSS(padding.MGF1(digest), digest.digest_size)
        return key.sign(message, salted if algorithm.startswith("PS") else padding.PKCS1v15(), digest)
    r, s = decode_dss_signature(key.sign(message, ec.ECDSA(hashes.SHA256(), deterministic_signing=True)))
    return r.to_bytes(32) + s.to_bytes(32)
