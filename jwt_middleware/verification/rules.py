"""TokenRules: what we demand of one issuer's tokens."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from .kinds import Kinds, Profile
from .mapping import Reference

Value = str | int | bool | None  # of a claim; None where the claim may be absent

SYMMETRIC: Final = ("HS256", "HS384", "HS512")
ASYMMETRIC: Final = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "Ed25519", "Ed448", "EdDSA"),
)
DEFAULT_ALGORITHMS: Final = tuple(name for name in ASYMMETRIC if name != "Ed448")

# besides exp, iss and the claim of the audience, which are always required
REQUIRED_CLAIMS: Final[Mapping[Profile, tuple[str, ...]]] = MappingProxyType(
    {
        "access-token": (),
        "rfc9068": ("sub", "client_id", "iat", "jti"),  # RFC 9068 section 2.2
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRules:
    """What we demand of one issuer's tokens. Durations are in seconds, the size in bytes.

    ``issuers``: from what ``iss`` says, None where it is absent, to the issuer that it means. ``audience_claim``: where
    the audience stands. ``required_claims``: of each group one must be there. ``claim_values``: what a claim may say,
    None where it may be absent. ``tenants``: the only ones whose callers are taken. ``key_issuers``: for each ``iss``
    what a key may say of its own issuer, None where it may say nothing.
    """

    issuers: Mapping[str | None, str] = field(hash=False)
    audience: frozenset[str]
    audience_claim: Reference
    algorithms: frozenset[str]
    kinds: Kinds
    required_claims: tuple[tuple[Reference, ...], ...]
    claim_values: Mapping[Reference, tuple[Value, ...]] = field(hash=False)
    tenants: frozenset[str] | None
    key_issuers: Mapping[str | None, frozenset[str | None]] | None = field(hash=False)
    max_age: float | None
    max_size: int
    leeway: float
    required_names: tuple[str, ...] = field(init=False, repr=False)  # of the groups that are one plain name
    required_others: tuple[tuple[Reference, ...], ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        alone = [group for group in self.required_claims if len(group) == 1 and isinstance(group[0], str)]
        object.__setattr__(self, "required_names", tuple(name for (name,) in alone))
        object.__setattr__(self, "required_others", tuple(set(self.required_claims) - set(alone)))

    @property
    def issuer(self) -> str:
        """The issuer, or the first where several share these rules."""
        return next(iter(self.issuers.values()))
