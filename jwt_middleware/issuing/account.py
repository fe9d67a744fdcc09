"""Account: whom a token is made for, and what it will say of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from ..errors import ConfigurationError

Claim = str | int | float | bool | None | Sequence["Claim"] | Mapping[str, "Claim"]

_NOTHING: Mapping[str, Claim] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Whom a token is made for. ``subject`` is who they are for this issuer, for ever: nobody else ever gets it.

    ``roles``, ``permissions`` and ``groups`` are always written into the token, also when empty: a caller who has none
    is another thing than one of whom nothing is known. ``claims`` are your own; the names of the standards are taken.
    ``acr`` and ``amr`` say how they logged in (RFC 8176). ``stamp`` is a text that changes when sessions must end, such
    as with the password; only its hash is kept.
    """

    subject: str
    scopes: Sequence[str] = ()
    roles: Sequence[str] = ()
    permissions: Sequence[str] = ()
    groups: Sequence[str] = ()
    tenant: str | None = None
    claims: Mapping[str, Claim] = field(default_factory=lambda: _NOTHING)
    acr: str | None = None
    amr: Sequence[str] = ()
    stamp: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        if not _is_text(self.subject):
            raise ConfigurationError("Account(subject=...): a subject is a text and never empty (RFC 9068)")
        for name in ("scopes", "roles", "permissions", "groups", "amr"):
            given = getattr(self, name)
            if isinstance(given, str):  # one role, never its letters
                raise ConfigurationError(f"Account({name}=...): write a list of texts")
            texts = tuple(given)
            if not all(_is_text(each) for each in texts):
                raise ConfigurationError(f"Account({name}=...): write a list of texts, none of them empty")
            object.__setattr__(self, name, texts)


def _is_text(given: object) -> bool:
    return isinstance(given, str) and given != "" and not any("\ud800" <= each <= "\udfff" for each in given)
