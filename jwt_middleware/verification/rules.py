"""TokenRules: what we demand of one issuer's tokens."""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

Profile = Literal["access-token", "rfc9068"]

SYMMETRIC: Final = ("HS256", "HS384", "HS512")
ASYMMETRIC: Final = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "Ed25519", "Ed448", "EdDSA"),
)
DEFAULT_ALGORITHMS: Final = tuple(name for name in ASYMMETRIC if name != "Ed448")

# kinds of token by their ``typ``; the empty text stands for none at all
KINDS: Final = MappingProxyType(
    {
        "access-token": frozenset({"at+jwt", "jwt", ""}),
        "rfc9068": frozenset({"at+jwt"}),  # RFC 9068 section 4
    }
)
# besides exp, which is always required
REQUIRED_CLAIMS: Final = MappingProxyType(
    {
        "access-token": ("iss", "aud"),
        "rfc9068": ("iss", "aud", "sub", "client_id", "iat", "jti"),  # RFC 9068 section 2.2
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRules:
    """What we demand of one issuer's tokens. Durations are in seconds, the size in bytes."""

    issuer: str
    audience: frozenset[str]
    algorithms: frozenset[str]
    kinds: frozenset[str]
    required_claims: tuple[str, ...]
    max_age: float | None
    max_size: int
    leeway: float
