"""Which kind of token this is: an access token, or another that the same issuer signs (RFC 8725 section 3.12)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal

from ..errors import InvalidToken

Profile = Literal["access-token", "rfc9068"]

# by the header's ``typ``; the empty text stands for none at all
TYPES: Final = MappingProxyType(
    {
        "access-token": frozenset({"at+jwt", "jwt", ""}),
        "rfc9068": frozenset({"at+jwt"}),  # RFC 9068 section 4
    }
)

# Claims that only tokens of another kind carry, where nothing else settles the kind.
_ID_TOKEN: Final = frozenset({"nonce", "at_hash", "c_hash", "s_hash"})  # OpenID Connect Core
_OTHERS: Final = frozenset(
    {"events", "htm", "htu"}  # security events and logout (RFC 8417), DPoP proofs (RFC 9449)
)
# What issuers write into the claims when they name the kind there.
_NAMING: Final = ("typ", "token_use", "token_type", "type")
_NAMES_OF_ID_TOKENS: Final = frozenset({"id", "id_token"})
_NAMES_OF_OTHERS: Final = frozenset({"refresh", "refresh_token", "offline", "logout", "logout_token"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Kinds:
    """The kinds of token that are taken from one issuer.

    ``types``: what the header's ``typ`` may say. ``named_by``: the claim in which this issuer names the kind, and what
    it says in those we take. ``id_tokens``: whether ID tokens are taken as well.
    """

    types: frozenset[str]
    named_by: tuple[str, str] | None = None
    id_tokens: bool = False
    typed: bool = field(init=False, repr=False)  # whether ``typ: at+jwt`` settles it

    def __post_init__(self) -> None:
        object.__setattr__(self, "typed", self.named_by is None and "at+jwt" in self.types)


def refuse_other_kinds(kind: str, values: Mapping[str, object], kinds: Kinds) -> None:
    """Raise InvalidToken unless this is an access token. ``kind`` is the header's ``typ``, see ``Unverified``."""
    if kind not in kinds.types:
        raise InvalidToken("kind_refused")
    if "cnf" in values:
        raise InvalidToken("sender_bound")  # RFC 9449 section 7.2, RFC 8705 section 3: never a bearer token
    if kinds.named_by is not None:
        claim, expected = kinds.named_by
        if values.get(claim) != expected:
            raise InvalidToken("kind_refused")
    elif kind != "at+jwt" and _is_another(values, kinds.id_tokens):
        raise InvalidToken("kind_refused")


def _is_another(values: Mapping[str, object], id_tokens: bool) -> bool:
    """Whether the claims tell of another kind. An ID token may look like an access token: then its audience tells."""
    if not _OTHERS.isdisjoint(values) or (not id_tokens and not _ID_TOKEN.isdisjoint(values)):
        return True
    issuer = values.get("iss")
    if issuer is not None and issuer == values.get("sub"):
        return True  # a client assertion: the client speaks of itself (RFC 7523 section 3)
    for name in _NAMING:
        said = values.get(name)
        if isinstance(said, str):
            word = said.lower()
            if word in _NAMES_OF_OTHERS or (not id_tokens and word in _NAMES_OF_ID_TOKENS):
                return True
    return False
