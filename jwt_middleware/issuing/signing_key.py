"""SigningKey: one private key, the algorithm it signs with, and the public half that others may know."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from types import MappingProxyType
from typing import Final, Literal, get_args

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from ..errors import ConfigurationError

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
Algorithm = Literal["ES256", "EdDSA", "RS256"]

_MIN_RSA_BITS: Final = 2048  # RFC 7518 section 3.3
_THUMBPRINT_MEMBERS: Final = MappingProxyType(  # RFC 7638 section 3.2, RFC 8037 section 2
    {"EC": ("crv", "kty", "x", "y"), "OKP": ("crv", "kty", "x"), "RSA": ("e", "kty", "n")}
)


@dataclass(frozen=True, slots=True, init=False)
class SigningKey:
    """A private key that signs tokens. The key id is its RFC 7638 thumbprint; the private half is in no repr.

    ``public_jwk`` is what a JWKS publishes of it.
    """

    kid: str
    algorithm: Algorithm
    public_jwk: Mapping[str, str] = field(repr=False)
    _private: PrivateKey = field(repr=False, compare=False)

    def __init__(self, private: PrivateKey) -> None:
        self_algorithm, jwk = _described(private)
        kid = thumbprint(jwk)
        published = {**jwk, "kid": kid, "use": "sig", "alg": self_algorithm}
        object.__setattr__(self, "kid", kid)
        object.__setattr__(self, "algorithm", self_algorithm)
        object.__setattr__(self, "public_jwk", MappingProxyType(published))
        object.__setattr__(self, "_private", private)

    @classmethod
    def generate(cls, algorithm: Algorithm = "ES256") -> "SigningKey":
        """A fresh key. RS256 (2048 bits) is for verifiers that know nothing else: it is slow to sign with."""
        if algorithm == "ES256":
            return cls(ec.generate_private_key(ec.SECP256R1()))
        if algorithm == "EdDSA":
            return cls(ed25519.Ed25519PrivateKey.generate())
        if algorithm == "RS256":
            return cls(rsa.generate_private_key(65537, _MIN_RSA_BITS))
        raise ConfigurationError(
            f"SigningKey.generate({algorithm!r}): choose one of {', '.join(map(repr, get_args(Algorithm)))}"
        )

    @classmethod
    def from_pem(cls, pem: str | bytes, password: bytes | None = None) -> "SigningKey":
        """A key at hand: P-256, Ed25519 or RSA in PEM. Raises ConfigurationError; no text of the key is part of it."""
        try:
            private = load_pem_private_key(pem.encode() if isinstance(pem, str) else pem, password)
        except (ValueError, TypeError):  # not chained: the library's text may quote what it was given
            raise ConfigurationError("SigningKey.from_pem(): the text is no private key that can be read") from None
        if not isinstance(private, PrivateKey):
            raise ConfigurationError("SigningKey.from_pem(): hand in a P-256, Ed25519 or RSA key")
        return cls(private)

    def sign(self, claims: Mapping[str, object], kind: str) -> str:
        """The compact form of ``claims``, with ``kind`` as its ``typ`` (RFC 8725 section 3.11)."""
        return jwt.encode(dict(claims), self._private, self.algorithm, headers={"kid": self.kid, "typ": kind})

    def __reduce__(self) -> str:
        raise TypeError("a signing key is not pickled: its private half would travel with it")


def thumbprint(jwk: Mapping[str, str]) -> str:
    """RFC 7638 with SHA-256, of the public half of a key."""
    canonical = {name: jwk[name] for name in _THUMBPRINT_MEMBERS[jwk["kty"]]}
    digest = sha256(json.dumps(canonical, separators=(",", ":"), sort_keys=True).encode()).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode()


def _described(private: object) -> tuple[Algorithm, Mapping[str, str]]:
    if isinstance(private, ec.EllipticCurvePrivateKey) and isinstance(private.curve, ec.SECP256R1):
        return "ES256", _members(ECAlgorithm.to_jwk(private.public_key(), as_dict=True))
    if isinstance(private, ed25519.Ed25519PrivateKey):
        return "EdDSA", _members(OKPAlgorithm.to_jwk(private.public_key(), as_dict=True))
    if isinstance(private, rsa.RSAPrivateKey):
        if private.key_size < _MIN_RSA_BITS:
            raise ConfigurationError(
                f"SigningKey(): the RSA key has {private.key_size} bits; at least {_MIN_RSA_BITS} are needed"
            )
        return "RS256", _members(RSAAlgorithm.to_jwk(private.public_key(), as_dict=True))
    raise ConfigurationError("SigningKey(): hand in a P-256, Ed25519 or RSA private key")


def _members(jwk: Mapping[str, object]) -> Mapping[str, str]:
    kty = jwk["kty"]
    return {name: str(jwk[name]) for name in _THUMBPRINT_MEMBERS[str(kty)]}
