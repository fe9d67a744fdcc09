"""Which keys may verify, which are refused, and that nothing of a key is ever shown."""

import base64
import datetime as dt
import json
import warnings
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa, x25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from jwt_middleware.keys.key import Key, KeyRefused, key_from_jwk, key_from_pem, secret_key
from tests.tokens import base64url, jwks, private_key

SPKI = PublicFormat.SubjectPublicKeyInfo
RSA_ALGORITHMS = {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"}
SECRET = b"\x00\xff" * 32
RSA_PUBLIC = private_key("rsa").public_key()
assert isinstance(RSA_PUBLIC, rsa.RSAPublicKey)
N, E = RSA_PUBLIC.public_numbers().n, RSA_PUBLIC.public_numbers().e


def number(value: int) -> str:
    return base64url(value.to_bytes((value.bit_length() + 7) // 8))


def jwk(which: str, /, **changes: Any) -> dict[str, Any]:
    [member] = jwks(which)["keys"]
    return {name: value for name, value in {**member, **changes}.items() if value is not None}


def ec_jwk(curve: ec.EllipticCurve, name: str, size: int, **changes: Any) -> dict[str, Any]:
    numbers = ec.generate_private_key(curve).public_key().public_numbers()
    x, y = base64url(numbers.x.to_bytes(size)), base64url(numbers.y.to_bytes(size))
    return {"kty": "EC", "crv": name, "x": x, "y": y, **changes}


def pem(key: Any) -> bytes:
    written: bytes = key.public_bytes(Encoding.PEM, SPKI)
    return written


def certificate() -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "issuer.example")])
    start = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    builder = x509.CertificateBuilder(name, name, RSA_PUBLIC, 1, start, start + dt.timedelta(days=1))
    signer = private_key("rsa")
    assert isinstance(signer, rsa.RSAPrivateKey)
    return builder.sign(signer, hashes.SHA256())


# --- what a key may be used with


@pytest.mark.parametrize(
    ("member", "kind", "algorithms"),
    [
        (jwk("rsa"), "RSA", RSA_ALGORITHMS),
        (jwk("rsa", alg="PS384"), "RSA", {"PS384"}),
        (jwk("ec"), "EC", {"ES256"}),
        (ec_jwk(ec.SECP384R1(), "P-384", 48), "EC", {"ES384"}),
        (ec_jwk(ec.SECP521R1(), "P-521", 66, alg="ES512"), "EC", {"ES512"}),
        (jwk("ed25519"), "OKP", {"EdDSA", "Ed25519"}),
        (jwk("ed25519", alg="EdDSA"), "OKP", {"EdDSA", "Ed25519"}),
        (jwk("ed25519", alg="Ed25519"), "OKP", {"EdDSA", "Ed25519"}),
        (jwk("ed448"), "OKP", {"Ed448"}),
        (jwk("ed448", alg="Ed448"), "OKP", {"Ed448"}),
    ],
)
def test_type_curve_and_alg_of_a_jwk_say_which_algorithms_it_verifies(
    member: dict[str, Any], kind: str, algorithms: set[str]
) -> None:
    key = key_from_jwk(member)
    assert (key.kid, key.kind, key.algorithms) == (member.get("kid"), kind, frozenset(algorithms))


@pytest.mark.parametrize("changes", [{}, {"use": None}, {"key_ops": ["verify"]}, {"x5t": "foreign", "ext": True}])
def test_members_that_do_not_concern_us_are_ignored(changes: dict[str, Any]) -> None:
    assert key_from_jwk(jwk("ec", **changes)) == key_from_jwk(jwk("ec"))


@pytest.mark.parametrize(
    ("length", "algorithms"),
    [
        (32, {"HS256"}),
        (47, {"HS256"}),
        (48, {"HS256", "HS384"}),
        (63, {"HS256", "HS384"}),
        (64, {"HS256", "HS384", "HS512"}),
        (500, {"HS256", "HS384", "HS512"}),
    ],
)
def test_a_secret_verifies_what_it_is_long_enough_for(length: int, algorithms: set[str]) -> None:
    key = secret_key(b"\xfe" * length, "k")
    assert (key.kid, key.kind, key.algorithms, key.material) == ("k", "oct", frozenset(algorithms), b"\xfe" * length)


def test_a_secret_can_be_bound_to_one_algorithm() -> None:
    assert secret_key("ü" * 32, algorithm="HS384").algorithms == {"HS384"}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (pem(RSA_PUBLIC), "RSA"),
        (pem(RSA_PUBLIC).decode(), "RSA"),
        (b"\n\n" + pem(private_key("ec").public_key()), "EC"),
        (pem(private_key("ed25519").public_key()), "OKP"),
        (pem(private_key("ed448").public_key()), "OKP"),
        (RSA_PUBLIC.public_bytes(Encoding.PEM, PublicFormat.PKCS1), "RSA"),
        (RSA_PUBLIC.public_bytes(Encoding.DER, SPKI), "RSA"),
        (certificate().public_bytes(Encoding.PEM), "RSA"),
    ],
)
def test_a_pem_a_certificate_and_a_der_are_read(text: str | bytes, kind: str) -> None:
    assert key_from_pem(text, "k").kind == kind


def test_a_pem_can_be_bound_to_one_algorithm() -> None:
    assert key_from_pem(pem(RSA_PUBLIC), algorithm="RS512").algorithms == {"RS512"}


# --- identity


def test_the_same_key_is_the_same_whichever_way_it_came() -> None:
    from_pem, from_jwk = key_from_pem(pem(RSA_PUBLIC), "rsa"), key_from_jwk(jwk("rsa"))
    from_certificate = key_from_pem(certificate().public_bytes(Encoding.PEM), "rsa")
    assert from_pem == from_jwk == from_certificate
    assert len({from_pem, from_jwk, from_certificate}) == 1
    assert from_pem.thumbprint == key_from_jwk(jwk("rsa", kid="another", alg="RS256")).thumbprint


def test_another_key_of_the_same_name_is_another_key() -> None:
    assert key_from_jwk(jwk("ec")) != key_from_jwk(ec_jwk(ec.SECP256R1(), "P-256", 32, kid="ec", use="sig"))
    assert secret_key(SECRET, "k") != secret_key(SECRET[::-1], "k")


def test_a_key_never_shows_its_material() -> None:
    secret = "correct horse battery staple is far too well known"
    key = secret_key(secret, "k")
    shown = f"{key!r} {key} {[key]}"
    assert "k" in shown
    assert secret not in shown
    assert "material" not in shown
    assert "thumbprint" not in shown


# --- refused JWKs


P25519, P448 = 2**255 - 19, 2**448 - 2**224 - 1
D25519 = -121665 * pow(121666, -1, P25519) % P25519  # RFC 8032 section 5.1


def root(square: int) -> int | None:
    """A square root modulo P25519, which is 5 modulo 8."""
    found = pow(square, (P25519 + 3) // 8, P25519)
    for each in (found, found * pow(2, (P25519 - 1) // 4, P25519) % P25519):
        if each * each % P25519 == square % P25519:
            return each
    return None


def order_eight() -> Iterator[int]:
    """The y of the points of order 8 on -x*x + y*y = 1 + D*x*x*y*y.

    Doubling them must give y = 0, so x*x = -y*y, and t = y*y solves D*t*t + 2*t - 1 = 0.
    """
    discriminant = root(1 + D25519)
    assert discriminant is not None
    for sign in (1, -1):
        y = root((sign * discriminant - 1) * pow(D25519, -1, P25519) % P25519)
        if y is not None:
            yield from (y, P25519 - y)


Y25519 = sorted({0, 1, P25519 - 1, *order_eight()})  # y is 0 at order 4, 1 and -1 at orders 1 and 2
Y448 = [0, 1, P448 - 1]  # the cofactor is 4: there is no order 8
ENCODED_25519 = [
    (y | sign << 255).to_bytes(32, "little")
    for y in {*Y25519, *(y + P25519 for y in Y25519 if y + P25519 < 2**255)}
    for sign in (0, 1)
]
ENCODED_448 = [
    y.to_bytes(56, "little") + bytes([sign])
    for y in {*Y448, *(y + P448 for y in Y448 if y + P448 < 2**448)}
    for sign in (0, 0x80)
]


def test_the_tables_of_small_order_are_complete() -> None:
    assert (len(Y25519), len(ENCODED_25519)) == (5, 14)  # 8 points; 2 more texts of y, each with either sign
    assert (len(Y448), len(ENCODED_448)) == (3, 10)


@pytest.mark.parametrize("point", ENCODED_25519, ids=bytes.hex)
def test_ed25519_points_of_small_order_are_refused(point: bytes) -> None:
    with pytest.raises(KeyRefused, match="small order"):
        key_from_jwk({"kty": "OKP", "crv": "Ed25519", "x": base64url(point)})


@pytest.mark.parametrize("point", ENCODED_448, ids=bytes.hex)
def test_ed448_points_of_small_order_are_refused(point: bytes) -> None:
    with pytest.raises(KeyRefused, match="small order|damaged"):
        key_from_jwk({"kty": "OKP", "crv": "Ed448", "x": base64url(point)})


def test_a_small_order_point_would_verify_any_message() -> None:
    """Why they are refused: the identity as key takes the signature (identity, 0) for whatever is said."""
    identity = (1).to_bytes(32, "little")
    key = ed25519.Ed25519PublicKey.from_public_bytes(identity)
    key.verify(identity + bytes(32), b"anything at all")


def test_an_ed448_key_with_stray_bits_is_refused() -> None:
    public = private_key("ed448").public_key()
    assert isinstance(public, ed448.Ed448PublicKey)
    raw = public.public_bytes_raw()
    for last in (0x01, 0x40, 0x81):
        with pytest.raises(KeyRefused, match="damaged"):
            key_from_jwk({"kty": "OKP", "crv": "Ed448", "x": base64url(raw[:56] + bytes([last]))})


GOOD_X = jwk("ec")["x"]
DIRTY_X = GOOD_X[:-1] + chr(ord(GOOD_X[-1]) + 1)  # 43 characters: the last one carries two bits too many


@pytest.mark.parametrize(
    ("member", "why"),
    [
        ("RSA", "not a JSON object"),
        (None, "not a JSON object"),
        ({}, "type or curve"),
        (jwk("rsa", kid=7), "key id"),
        (jwk("rsa", kid=["rsa"]), "key id"),
        (jwk("rsa", use="enc"), "use"),
        (jwk("rsa", use="SIG"), "use"),
        (jwk("rsa", use=["sig"]), "use"),
        (jwk("rsa", use=""), "use"),
        (jwk("rsa", key_ops=["sign"]), "key_ops"),
        (jwk("rsa", key_ops=[]), "key_ops"),
        (jwk("rsa", key_ops="verify"), "key_ops"),
        (jwk("rsa", alg="none"), "algorithm"),
        (jwk("rsa", alg="ES256"), "algorithm"),
        (jwk("rsa", alg="HS256"), "algorithm"),
        (jwk("rsa", alg="RSA-OAEP"), "algorithm"),
        (jwk("rsa", alg=""), "algorithm"),
        (jwk("rsa", alg=["RS256"]), "algorithm"),
        (jwk("ec", alg="ES384"), "algorithm"),
        (jwk("ec", alg="ES256K"), "algorithm"),
        (jwk("ed25519", alg="Ed448"), "algorithm"),
        (jwk("ed448", alg="EdDSA"), "algorithm"),
        (jwk("rsa", d="AQAB"), "private"),
        (jwk("ec", d="AQAB"), "private"),
        (jwk("ed25519", d="AQAB"), "private"),
        *((jwk("rsa", **{name: "AQAB"}), "private") for name in ("p", "q", "dp", "dq", "qi")),
        (jwk("rsa", oth=[]), "private"),
        (jwk("rsa", kty="rsa"), "type or curve"),
        (jwk("rsa", kty=["RSA"]), "type or curve"),
        (jwk("rsa", kty="AKP"), "type or curve"),
        (jwk("rsa", n=None), "damaged"),
        (jwk("rsa", n=5), "damaged"),
        (jwk("rsa", n=""), "damaged"),
        (jwk("rsa", n=number(N) + "="), "damaged"),
        (jwk("rsa", n=number(N) + "===="), "damaged"),
        (jwk("rsa", n=" " + number(N)), "damaged"),
        (jwk("rsa", n=number(N) + "\n"), "damaged"),
        (jwk("rsa", n="+/" + number(N)[2:]), "damaged"),
        (jwk("rsa", n="!!!!" + number(N)), "damaged"),
        (jwk("rsa", n="\ud800"), "damaged"),
        (jwk("rsa", n="é" * 400), "damaged"),
        (jwk("rsa", n=number(N - 1)), "damaged"),
        (jwk("rsa", n=number(1 << 1023 | 1)), "1024 bits"),
        (jwk("rsa", n=number(1 << 2046 | 1)), "2047 bits"),
        (jwk("rsa", n=number(1 << 16_384 | 1)), "bits"),
        (jwk("rsa", n=number(1 << 20_000 | 1)), "larger"),
        (jwk("rsa", e="AA"), "damaged"),
        (jwk("rsa", e=number(1)), "damaged"),
        (jwk("rsa", e=number(2)), "damaged"),
        (jwk("rsa", e=number(65536)), "damaged"),
        (jwk("rsa", e=number(2**64 + 1)), "exponent"),
        (jwk("rsa", e=number(N)), "damaged"),
        (jwk("ec", crv="P-384"), "damaged"),
        (jwk("ec", crv="secp256k1"), "type or curve"),
        (jwk("ec", crv=["P-256"]), "type or curve"),
        (jwk("ec", crv=None), "type or curve"),
        (jwk("ec", y=None), "damaged"),
        (jwk("ec", x=DIRTY_X), "damaged"),
        (jwk("ec", x=base64url(b"\0" + base64.urlsafe_b64decode(GOOD_X + "="))), "damaged"),
        (jwk("ec", y=GOOD_X), "damaged"),
        (jwk("ec", x=base64url(bytes(32)), y=base64url(bytes(32))), "damaged"),
        (jwk("ed25519", crv="X25519"), "type or curve"),
        (jwk("ed25519", crv="Ed448"), "damaged"),
        (jwk("ed25519", x=None), "damaged"),
        (jwk("ed25519", x=base64url(bytes(31))), "damaged"),
        (jwk("ed25519", kty="EC"), "type or curve"),
        ({"kty": "oct"}, "symmetric"),
        ({"kty": "oct", "k": base64url(SECRET), "alg": "HS256"}, "symmetric"),
        ({"kty": "oct", "k": base64url(SECRET), "alg": "none"}, "symmetric"),
    ],
)
def test_a_jwk_that_must_not_verify_is_refused_with_a_fixed_sentence(member: Any, why: str) -> None:
    with pytest.raises(KeyRefused, match=why) as refused:
        key_from_jwk(member)
    if isinstance(member, dict):
        shown = str(refused.value)
        assert not [value for value in member.values() if isinstance(value, str) and len(value) > 6 and value in shown]


def test_dirty_trailing_bits_are_the_only_thing_wrong_with_the_dirty_x() -> None:
    assert base64.urlsafe_b64decode(DIRTY_X + "=") == base64.urlsafe_b64decode(GOOD_X + "=")


# --- refused PEMs


def private_pem(key: Any, shape: PrivateFormat) -> bytes:
    written: bytes = key.private_bytes(Encoding.PEM, shape, NoEncryption())
    return written


with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # some of these are deprecated, which is why they are refused
    FOREIGN = [
        dsa.generate_private_key(1024).public_key(),
        x25519.X25519PrivateKey.generate().public_key(),
        ec.generate_private_key(ec.SECP256K1()).public_key(),
        ec.generate_private_key(ec.SECP224R1()).public_key(),
    ]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"", "no public key"),
        (b"-----BEGIN PUBLIC KEY-----", "no public key"),
        (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", "no public key"),
        (b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", "no public key"),
        (SECRET, "no public key"),
        ("\ud800", "Unicode"),
        (private_pem(private_key("rsa"), PrivateFormat.PKCS8), "private key"),
        (private_pem(private_key("rsa"), PrivateFormat.TraditionalOpenSSL), "private key"),
        (private_pem(private_key("ec"), PrivateFormat.TraditionalOpenSSL), "private key"),
        (private_pem(private_key("ed25519"), PrivateFormat.OpenSSH), "private key"),
        (pem(RSA_PUBLIC) + pem(private_key("ec").public_key()), "several PEMs"),
        (pem(RSA_PUBLIC) + private_pem(private_key("rsa"), PrivateFormat.PKCS8), "private key"),
        *((pem(each), "type or curve|on a curve") for each in FOREIGN),
        (64, "hand in str or bytes"),
        (None, "hand in str or bytes"),
        (bytearray(pem(RSA_PUBLIC)), "hand in str or bytes"),
    ],
)
def test_a_text_that_is_no_public_key_is_refused(text: Any, why: str) -> None:
    with pytest.raises(KeyRefused, match=why):
        key_from_pem(text)


def test_a_pem_with_an_algorithm_that_does_not_fit_or_a_key_id_that_is_no_text_is_refused() -> None:
    with pytest.raises(KeyRefused, match="algorithm"):
        key_from_pem(pem(RSA_PUBLIC), algorithm="HS256")
    with pytest.raises(KeyRefused, match="key id"):
        key_from_pem(pem(RSA_PUBLIC), 1)  # type: ignore[arg-type]  # what a YAML file gives


# --- refused secrets


@pytest.mark.parametrize("length", [0, 1, 31])
def test_a_short_secret_is_refused_with_a_mend(length: int) -> None:
    with pytest.raises(KeyRefused, match=r"needs at least 32; make one with secrets.token_bytes"):
        secret_key(b"\xfe" * length)


@pytest.mark.parametrize(("length", "algorithm"), [(47, "HS384"), (63, "HS512"), (64, "RS256"), (64, "none")])
def test_a_secret_too_short_for_its_algorithm_is_refused(length: int, algorithm: str) -> None:
    with pytest.raises(KeyRefused, match="algorithm"):
        secret_key(b"\xfe" * length, algorithm=algorithm)


@pytest.mark.parametrize(
    "secret", [64, 0, True, 1.5, None, bytearray(64), memoryview(SECRET), [97] * 64, {"k": SECRET}]
)
def test_only_text_and_bytes_are_a_secret(secret: Any) -> None:
    """``bytes(64)`` are 64 zeros: a secret that everybody knows."""
    with pytest.raises(KeyRefused, match="hand in str or bytes"):
        secret_key(secret)


def test_a_secret_whose_key_id_is_no_text_is_refused() -> None:
    with pytest.raises(KeyRefused, match="key id"):
        secret_key(SECRET, 1)  # type: ignore[arg-type]  # what a YAML file gives


def test_a_secret_that_is_no_unicode_is_refused_without_showing_it() -> None:
    with pytest.raises(KeyRefused, match="hand in bytes") as refused:
        secret_key("\udcff" * 40)
    assert refused.value.__cause__ is None
    assert "dcff" not in str(refused.value)


SSH = private_key("ed25519").public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
SSH_EC = private_key("ec").public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
SPKI_DER = RSA_PUBLIC.public_bytes(Encoding.DER, SPKI)
PEM = pem(RSA_PUBLIC)


@pytest.mark.parametrize(
    "text",
    [
        PEM,
        b"\n  " + PEM,
        b"# the key\n" + PEM,
        b"\xef\xbb\xbf" + PEM,
        PEM.replace(b"\n", b"\r\n"),
        PEM.replace(b"\n", b""),
        b"".join(PEM.splitlines()[1:-1]),
        b"\n".join(PEM.splitlines()[1:-1]),
        base64url(SPKI_DER).encode(),
        SPKI_DER,
        RSA_PUBLIC.public_bytes(Encoding.DER, PublicFormat.PKCS1),
        RSA_PUBLIC.public_bytes(Encoding.PEM, PublicFormat.PKCS1),
        certificate().public_bytes(Encoding.PEM),
        certificate().public_bytes(Encoding.DER),
        base64.b64encode(certificate().public_bytes(Encoding.DER)),
        private_pem(private_key("rsa"), PrivateFormat.PKCS8),
        SSH,
        b"  " + SSH,
        SSH_EC + b" alice@example.com",
        b"sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29t",
        b"---- BEGIN SSH2 PUBLIC KEY ----\nAAAAB3NzaC1yc2EAAAADAQABAAABAQ\n---- END SSH2 PUBLIC KEY ----",
        json.dumps(jwk("rsa")).encode(),
        json.dumps(jwks()).encode(),
        b"\xef\xbb\xbf" + json.dumps(jwks()).encode(),
        json.dumps(jwks()["keys"]).encode(),
        b" \n" + json.dumps(jwks(), indent=1).encode(),
        b"[" * 100_000 + b"]" * 100_000,
    ],
    ids=count(),  # keys are new in each process, and so would their texts be
)
def test_a_text_that_others_know_is_no_secret(text: bytes) -> None:
    with pytest.raises(KeyRefused, match="others know"):
        secret_key(text)


@pytest.mark.parametrize(
    "text",
    [
        b"{" + SECRET,
        b"[" + SECRET,
        b"{not json, only a passphrase that begins with a brace}",
        b"sk-live-0123456789abcdefghijklmnopqrstuvwxyz",
        b"ssh-0123456789abcdefghijklmnopqrstuvwxyz",
        b"0123456789abcdef" * 4,
        base64.b64encode(SECRET),
        base64url(SECRET).encode(),
    ],
)
def test_a_secret_that_only_begins_like_a_key_is_taken(text: bytes) -> None:
    assert secret_key(text).material == text


@given(st.binary(min_size=32, max_size=80))
def test_random_bytes_are_a_good_secret(secret: bytes) -> None:
    assert secret_key(secret).material == secret


def test_keys_are_values() -> None:
    key = secret_key(SECRET)
    with pytest.raises(AttributeError):
        key.kid = "another"  # type: ignore[misc]  # it is frozen: that is the test
    assert isinstance(key, Key)
    assert not hasattr(key, "__dict__")
