"""SigningKey: one key that signs, its algorithm, and the public half that others may know."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from secrets import token_bytes, token_urlsafe
from types import MappingProxyType
from typing import Final, Literal, get_args

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from ..errors import ConfigurationError
from ..keys.key import KeyRefused, secret_key

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
PublicAlgorithm = Literal["ES256", "EdDSA", "RS256", "PS256"]
Algorithm = Literal["ES256", "EdDSA", "RS256", "PS256", "HS256"]

_MIN_RSA_BITS: Final = 2048  # RFC 7518 section 3.3
_SECRET_BYTES: Final = 32  # as many as SHA-256 has (RFC 7518 section 3.2)
_THUMBPRINT_MEMBERS: Final = MappingProxyType(  # RFC 7638 section 3.2, RFC 8037 section 2
    {"EC": ("crv", "kty", "x", "y"), "OKP": ("crv", "kty", "x"), "RSA": ("e", "kty", "n")}
)
_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, init=False)
class SigningKey:
    """A key that signs tokens: a private key, whose id is its RFC 7638 thumbprint, or a shared secret with an id.

    ``public_jwk`` is what a JWKS publishes of it; a secret has no public half, and nothing of it is published. What
    signs is in no repr and is not pickled.
    """

    kid: str
    algorithm: Algorithm
    public_jwk: Mapping[str, str] = field(repr=False)
    _private: PrivateKey | bytes = field(repr=False, compare=False)

    def __init__(self, private: PrivateKey, algorithm: PublicAlgorithm | None = None) -> None:
        fits, jwk = _described(private)
        chosen = algorithm or fits[0]
        if chosen not in fits:
            raise ConfigurationError(f"SigningKey(algorithm={algorithm!r}): this key signs with {' or '.join(fits)}")
        kid = thumbprint(jwk)
        _fill(self, kid, chosen, MappingProxyType({**jwk, "kid": kid, "use": "sig", "alg": chosen}), private)

    @classmethod
    def generate(cls, algorithm: Algorithm = "ES256") -> "SigningKey":
        """A fresh key. RS256 and PS256 (2048 bits) are for verifiers that know nothing else: slow to sign with.

        HS256 makes a shared secret: whoever verifies with it can also sign.
        """
        if algorithm == "HS256":
            return cls.from_secret(token_bytes(_SECRET_BYTES), kid=token_urlsafe(16))
        make = _GENERATED.get(algorithm)
        if make is None:
            raise ConfigurationError(
                f"SigningKey.generate({algorithm!r}): choose one of {', '.join(map(repr, get_args(Algorithm)))}"
            )
        return cls(make(), algorithm)

    @classmethod
    def from_pem(
        cls, pem: str | bytes, password: bytes | None = None, *, algorithm: PublicAlgorithm | None = None
    ) -> "SigningKey":
        """A key at hand: P-256, Ed25519 or RSA in PEM. Raises ConfigurationError; no text of the key is part of it.

        An RSA key signs with RS256 unless ``algorithm`` says PS256.
        """
        try:
            private = load_pem_private_key(pem.encode() if isinstance(pem, str) else pem, password)
        except (ValueError, TypeError):  # not chained: the library's text may quote what it was given
            raise ConfigurationError("SigningKey.from_pem(): the text is no private key that can be read") from None
        if not isinstance(private, PrivateKey):
            raise ConfigurationError("SigningKey.from_pem(): hand in a P-256, Ed25519 or RSA key")
        return cls(private, algorithm)

    @classmethod
    def from_secret(cls, secret: str | bytes, *, kid: str) -> "SigningKey":
        """A shared secret of at least 32 bytes, for HS256. ``kid`` is the name that its verifiers know it by.

        It is no thumbprint: that of a weak secret would help to guess it (RFC 7638 section 7).
        """
        if not isinstance(kid, str) or not kid:
            raise ConfigurationError("SigningKey.from_secret(kid=...): name the secret; verifiers look it up by that")
        try:
            checked = secret_key(secret, kid, "HS256")
        except KeyRefused as refused:
            raise ConfigurationError(f"SigningKey.from_secret(): {refused}") from None
        key = object.__new__(cls)
        _fill(key, kid, "HS256", _NOTHING, bytes(checked.material) if isinstance(checked.material, bytes) else b"")
        return key

    @property
    def symmetric(self) -> bool:
        """Whether this is a shared secret."""
        return self.algorithm == "HS256"

    @property
    def shared_secret(self) -> bytes:
        """The secret itself, to hand to the services that verify. Raises ConfigurationError for any other key."""
        if not isinstance(self._private, bytes):
            raise ConfigurationError("SigningKey.shared_secret: this key has a public half: hand out public_jwk")
        return self._private

    def sign(self, claims: Mapping[str, object], kind: str) -> str:
        """The compact form of ``claims``, with ``kind`` as its ``typ`` (RFC 8725 section 3.11)."""
        return jwt.encode(dict(claims), self._private, self.algorithm, headers={"kid": self.kid, "typ": kind})

    def __reduce__(self) -> str:
        raise TypeError("a signing key is not pickled: what signs would travel with it")


def thumbprint(jwk: Mapping[str, str]) -> str:
    """RFC 7638 with SHA-256, of the public half of a key."""
    canonical = {name: jwk[name] for name in _THUMBPRINT_MEMBERS[jwk["kty"]]}
    digest = sha256(json.dumps(canonical, separators=(",", ":"), sort_keys=True).encode()).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode()


def _rsa() -> PrivateKey:
    return rsa.generate_private_key(65537, _MIN_RSA_BITS)


_GENERATED: Final[Mapping[str, Callable[[], PrivateKey]]] = MappingProxyType(
    {
        "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
        "EdDSA": ed25519.Ed25519PrivateKey.generate,
        "RS256": _rsa,
        "PS256": _rsa,
    }
)


def _fill(
    key: SigningKey, kid: str, algorithm: Algorithm, public_jwk: Mapping[str, str], private: PrivateKey | bytes
) -> None:
    object.__setattr__(key, "kid", kid)
    object.__setattr__(key, "algorithm", algorithm)
    object.__setattr__(key, "public_jwk", public_jwk)
    object.__setattr__(key, "_private", private)


def _described(private: object) -> tuple[tuple[PublicAlgorithm, ...], Mapping[str, str]]:
    if isinstance(private, ec.EllipticCurvePrivateKey) and isinstance(private.curve, ec.SECP256R1):
        return ("ES256",), _members(ECAlgorithm.to_jwk(private.public_key(), as_dict=True))
    if isinstance(private, ed25519.Ed25519PrivateKey):
        return ("EdDSA",), _members(OKPAlgorithm.to_jwk(private.public_key(), as_dict=True))
    if isinstance(private, rsa.RSAPrivateKey):
        if private.key_size < _MIN_RSA_BITS:
            raise ConfigurationError(
                f"SigningKey(): the RSA key has {private.key_size} bits; at least {_MIN_RSA_BITS} are needed"
            )
        return ("RS256", "PS256"), _members(RSAAlgorithm.to_jwk(private.public_key(), as_dict=True))
    raise ConfigurationError("SigningKey(): hand in a P-256, Ed25519 or RSA private key")


def _members(jwk: Mapping[str, object]) -> Mapping[str, str]:
    kty = jwk["kty"]
    return {name: str(jwk[name]) for name in _THUMBPRINT_MEMBERS[str(kty)]}
