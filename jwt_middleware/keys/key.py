"""Key: one verification key, from a JWK (RFC 7517), a PEM or a shared secret."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from types import MappingProxyType
from typing import Final, Literal

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
    load_pem_public_key,
)
from cryptography.x509 import load_pem_x509_certificate

from ..base64url import decode
from .published import is_published

PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey | ed448.Ed448PublicKey
Kind = Literal["RSA", "EC", "OKP", "oct"]

_RSA: Final = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"})
_CURVES: Final[Mapping[str, tuple[type[ec.EllipticCurve], int, str]]] = MappingProxyType(
    {
        "P-256": (ec.SECP256R1, 32, "ES256"),
        "P-384": (ec.SECP384R1, 48, "ES384"),
        "P-521": (ec.SECP521R1, 66, "ES512"),
    }
)
_ED25519: Final = frozenset({"Ed25519", "EdDSA"})  # two names of one algorithm (RFC 9864 section 2.2)
_HMAC_BYTES: Final = MappingProxyType({"HS256": 32, "HS384": 48, "HS512": 64})  # RFC 7518 section 3.2
_HMAC_HASHES: Final = MappingProxyType({"HS256": SHA256(), "HS384": SHA384(), "HS512": SHA512()})
_NOT_KEYED: Final[Mapping[str, HMAC]] = MappingProxyType({})
_PRIVATE_MEMBERS: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth"})
_MIN_RSA_BITS: Final = 2048  # RFC 7518 section 3.3
_MAX_RSA_BITS: Final = 16_384  # verifying costs the square of it
_MAX_EXPONENT_BITS: Final = 64

# Encodings of points of small order, for which one signature verifies with any message.
_P25519: Final = 2**255 - 19
_ORDER_8: Final = 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826
_SMALL_Y: Final = frozenset({0, 1, _P25519 - 1, _P25519, _P25519 + 1, _ORDER_8, _P25519 - _ORDER_8})
_P448: Final = 2**448 - 2**224 - 1
_SMALL_Y_448: Final = frozenset({0, 1, _P448 - 1})  # those from p on are refused as not canonical


class KeyRefused(ValueError):
    """A key that cannot or must not verify anything. The sentence holds nothing of the key."""


@dataclass(frozen=True, slots=True)
class Key:
    """One key that verifies: its key id, its kind (``kty``), and the ``algorithms`` it may be used with.

    ``material`` is a public key of ``cryptography``, or the bytes of a secret. ``thumbprint``, a SHA-256 over the
    material, tells whether two keys are the same one. ``issuer``: whose tokens the key is for, where its JWK says so.
    ``keyed``: of a secret, for each algorithm what begins an HMAC, to be copied.
    """

    kid: str | None
    kind: Kind
    algorithms: frozenset[str]
    material: PublicKey | bytes = field(repr=False, compare=False)
    thumbprint: bytes = field(repr=False)
    issuer: str | None = None
    keyed: Mapping[str, HMAC] = field(default_factory=lambda: _NOT_KEYED, repr=False, compare=False)


def key_from_jwk(jwk: Mapping[str, object]) -> Key:
    """Read one member of a JWKS. Raises KeyRefused. Symmetric keys are refused: see ``secret_from_jwk``."""
    kid, algorithm = _kid_and_algorithm(jwk)
    issuer = jwk.get("issuer")  # a member of Microsoft's key sets, which serve many tenants
    if issuer is not None and not isinstance(issuer, str):
        raise KeyRefused("the issuer of the key is not a text")
    if not _PRIVATE_MEMBERS.isdisjoint(jwk):
        raise KeyRefused("the key is a private one; publish only its public half")
    try:
        return _public(_material(jwk), kid, algorithm, issuer)
    except (ValueError, UnsupportedAlgorithm) as error:
        if isinstance(error, KeyRefused):
            raise
        raise KeyRefused("the key is damaged") from error


def secret_from_jwk(jwk: Mapping[str, object]) -> Key:
    """Read one member of a JWKS of shared secrets, which nobody publishes (RFC 7518 section 6.4). Raises KeyRefused."""
    kid, algorithm = _kid_and_algorithm(jwk)
    if jwk.get("kty") != "oct":
        raise KeyRefused("the key is not symmetric (kty oct): a secret is never one whose other half others know")
    try:
        octets = _octets(jwk, "k")
    except ValueError as error:
        raise KeyRefused("the key is damaged") from error
    return secret_key(octets, kid, algorithm)


def key_from_pem(pem: str | bytes, kid: str | None = None, algorithm: str | None = None) -> Key:
    """Read one public key or certificate in PEM, or a public key in DER. Raises KeyRefused."""
    text, kid = _bytes(pem), _kid(kid)
    if b"PRIVATE KEY" in text:
        raise KeyRefused("the PEM holds a private key; hand in its public half (openssl pkey -pubout)")
    if text.count(b"-----BEGIN ") > 1:
        raise KeyRefused("the text holds several PEMs; hand in each by itself, with a key id")
    try:
        if b"BEGIN CERTIFICATE" in text:
            material: object = load_pem_x509_certificate(text).public_key()
        elif text.lstrip().startswith(b"-----BEGIN"):
            material = load_pem_public_key(text)
        else:
            material = load_der_public_key(text)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise KeyRefused("the text is no public key in PEM") from error
    return _public(material, kid, algorithm)


def secret_key(secret: str | bytes, kid: str | None = None, algorithm: str | None = None) -> Key:
    """A shared secret for HMAC, for every algorithm that it is long enough for. Raises KeyRefused."""
    material, kid = _bytes(secret), _kid(kid)
    if is_published(material):
        raise KeyRefused("the secret is the text of a key or certificate, which others know; make a random one")
    fits = frozenset(name for name, size in _HMAC_BYTES.items() if len(material) >= size)
    if not fits:
        raise KeyRefused(
            f"the secret holds {len(material)} bytes, HS256 needs at least 32; make one with secrets.token_bytes"
        )
    if algorithm is not None and algorithm not in fits:
        raise KeyRefused("the secret is too short for its algorithm, or the algorithm is no HMAC")
    algorithms = fits if algorithm is None else frozenset({algorithm})
    keyed = {name: HMAC(material, _HMAC_HASHES[name]) for name in algorithms}
    return Key(kid, "oct", algorithms, material, sha256(material).digest(), keyed=MappingProxyType(keyed))


def _kid_and_algorithm(jwk: Mapping[str, object]) -> tuple[str | None, str | None]:
    """What a JWK says of itself, if it is one to verify with. Raises KeyRefused."""
    if not isinstance(jwk, Mapping):
        raise KeyRefused("a key of the set is not a JSON object")
    kid, use, operations, algorithm = _kid(jwk.get("kid")), jwk.get("use"), jwk.get("key_ops"), jwk.get("alg")
    if use not in (None, "sig"):
        raise KeyRefused("the key is not for signatures (use)")
    if operations is not None and not (isinstance(operations, list | tuple) and "verify" in operations):
        raise KeyRefused("the key is not for verifying (key_ops)")
    if algorithm is not None and not isinstance(algorithm, str):
        raise KeyRefused("the algorithm of the key is not a text")
    return kid, algorithm


def _public(material: object, kid: str | None, algorithm: str | None, issuer: str | None = None) -> Key:
    if not isinstance(material, PublicKey):
        raise KeyRefused("the key is of a type or curve that no accepted algorithm uses")
    kind, fits = _fitting(material)
    if algorithm is not None and algorithm not in fits:
        raise KeyRefused("the algorithm of the key is not known, or does not fit its type")
    bound = fits if algorithm is None or algorithm in _ED25519 else frozenset({algorithm})
    der = material.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return Key(kid, kind, bound, material, sha256(der).digest(), issuer)


def _fitting(material: PublicKey) -> tuple[Kind, frozenset[str]]:
    if isinstance(material, rsa.RSAPublicKey):
        numbers = material.public_numbers()
        exponent = numbers.e
        if not _MIN_RSA_BITS <= material.key_size <= _MAX_RSA_BITS:
            raise KeyRefused(f"the RSA key has {material.key_size} bits; at least {_MIN_RSA_BITS} are needed")
        if exponent < 3 or exponent % 2 == 0 or exponent.bit_length() > _MAX_EXPONENT_BITS:
            raise KeyRefused("the RSA key has an exponent that nobody uses")
        if numbers.n % 2 == 0:
            raise KeyRefused("the key is damaged")
        return "RSA", _RSA
    if isinstance(material, ec.EllipticCurvePublicKey):
        for curve, _, algorithm in _CURVES.values():
            if isinstance(material.curve, curve):
                return "EC", frozenset({algorithm})
    if isinstance(material, ed25519.Ed25519PublicKey):
        if int.from_bytes(material.public_bytes_raw(), "little") % 2**255 in _SMALL_Y:
            raise KeyRefused("the key is a point of small order")
        return "OKP", _ED25519
    if isinstance(material, ed448.Ed448PublicKey):
        raw = material.public_bytes_raw()
        if raw[56] & 0x7F or int.from_bytes(raw[:56], "little") >= _P448:  # RFC 8032 section 5.2.3
            raise KeyRefused("the key is damaged")
        if int.from_bytes(raw[:56], "little") in _SMALL_Y_448:
            raise KeyRefused("the key is a point of small order")
        return "OKP", frozenset({"Ed448"})
    raise KeyRefused("the key is on a curve that no accepted algorithm uses")


def _material(jwk: Mapping[str, object]) -> PublicKey:
    kty, crv = jwk.get("kty"), jwk.get("crv")
    if kty == "RSA":
        return rsa.RSAPublicNumbers(_number(jwk, "e"), _number(jwk, "n")).public_key()
    if kty == "EC" and isinstance(crv, str) and crv in _CURVES:
        curve, size, _ = _CURVES[crv]
        x, y = _octets(jwk, "x"), _octets(jwk, "y")
        if len(x) != size or len(y) != size:  # RFC 7518 section 6.2.1.2
            raise KeyRefused("the key is damaged")
        return ec.EllipticCurvePublicNumbers(int.from_bytes(x), int.from_bytes(y), curve()).public_key()
    if kty == "OKP" and crv == "Ed25519":
        return ed25519.Ed25519PublicKey.from_public_bytes(_octets(jwk, "x"))
    if kty == "OKP" and crv == "Ed448":
        return ed448.Ed448PublicKey.from_public_bytes(_octets(jwk, "x"))
    if kty == "oct":
        raise KeyRefused("the key is symmetric; a shared secret is never published in a key set")
    raise KeyRefused("the key is of a type or curve that no accepted algorithm uses")


def _number(jwk: Mapping[str, object], name: str) -> int:
    octets = _octets(jwk, name)
    if len(octets) > _MAX_RSA_BITS // 8 + 1:
        raise KeyRefused("the RSA key is larger than any in use")
    return int.from_bytes(octets)


def _octets(jwk: Mapping[str, object], name: str) -> bytes:
    text = jwk.get(name)
    if not isinstance(text, str):
        raise KeyRefused("the key is damaged")
    return decode(text.encode())


def _bytes(text: object) -> bytes:
    """Nothing but text and bytes: ``bytes(64)`` would be a secret of 64 zeros, which everybody knows."""
    if isinstance(text, bytes):
        return text
    if not isinstance(text, str):
        raise KeyRefused(f"the key is a {type(text).__name__}; hand in str or bytes")
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise KeyRefused("the key holds characters that are no Unicode text; hand in bytes") from None


def _kid(kid: object) -> str | None:
    if kid is not None and not isinstance(kid, str):
        raise KeyRefused("the key id is not a text")
    return kid
