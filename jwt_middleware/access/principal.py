"""Principal: who is calling, as routes see it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from ..errors import ConfigurationError
from .actor import Actor, actors_in

_NOTHING: Mapping[str, object] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Principal:
    """Who is calling. Deeply read-only; a misspelt attribute raises AttributeError.

    A caller is one (``issuer``, ``subject``); a token without a subject is its client, ``client:`` + client id.
    ``expires_at`` is in seconds since the epoch. ``actor`` is the ``act`` claim of a delegated token (RFC 8693 section
    4.1), ``actors`` the same as a chain. ``incomplete`` names the fields (of ``scopes``, ``roles``, ``groups``,
    ``permissions``) about which the token did not say everything, or nothing at all: what is not known is never taken
    for "does not have".

    Fits where frameworks look for a user: Starlette's ``BaseUser`` (and ``request.auth``), Django's user.
    """

    subject: str
    issuer: str
    client_id: str | None = None
    kind: Literal["user", "machine"] = "user"
    scopes: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    permissions: tuple[str, ...] = ()
    incomplete: frozenset[str] = frozenset()
    tenant: str | None = None
    session_id: str | None = None
    token_id: str | None = None
    actor: Mapping[str, object] | None = field(default=None, hash=False)
    expires_at: float | None = None
    claims: Mapping[str, object] = field(default_factory=lambda: _NOTHING, hash=False)

    def has_scope(self, name: str) -> bool:
        return name in self.scopes

    def has_role(self, name: str) -> bool:
        return name in self.roles

    def has_group(self, name: str) -> bool:
        return name in self.groups

    def has_permission(self, name: str) -> bool:
        return name in self.permissions

    @property
    def actors(self) -> tuple[Actor, ...]:
        """Who acts for this caller, at first; then who acted before them. They grant nothing. Empty: nobody does."""
        return () if self.actor is None else actors_in(self.actor, self.issuer)

    @property
    def groups_complete(self) -> bool:
        """False when the token names fewer groups than the caller is in, or says nothing of groups."""
        return "groups" not in self.incomplete

    @property
    def is_authenticated(self) -> bool:
        """True for everyone but ANONYMOUS: a verified token always has an issuer."""
        return self.issuer != ""

    # What Starlette calls a user.

    @property
    def display_name(self) -> str:
        return self.subject

    @property
    def identity(self) -> str:
        """The caller in one string, different for equal subjects of different issuers."""
        return f"{self.issuer}|{self.subject}" if self.issuer else ""

    # What Django calls a user. There is no row behind it: see the Django door for a user from the database.

    @property
    def is_anonymous(self) -> bool:
        return not self.is_authenticated

    @property
    def is_active(self) -> bool:
        return self.is_authenticated

    @property
    def is_staff(self) -> bool:
        return False

    @property
    def is_superuser(self) -> bool:
        return False

    @property
    def pk(self) -> str | None:
        return self.identity or None

    @property
    def id(self) -> str | None:
        return self.pk

    @property
    def username(self) -> str:
        return self.subject

    def get_username(self) -> str:
        return self.subject

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """Django's question about one permission. The token says nothing of single objects: with ``obj`` it is no."""
        return obj is None and perm in self.permissions

    def has_perms(self, perm_list: Iterable[str], obj: object = None) -> bool:
        return all(self.has_perm(perm, obj) for perm in perm_list)

    def has_module_perms(self, app_label: str) -> bool:
        return any(permission.startswith(f"{app_label}.") for permission in self.permissions)

    async def ahas_perm(self, perm: str, obj: object = None) -> bool:
        return self.has_perm(perm, obj)

    async def ahas_perms(self, perm_list: Iterable[str], obj: object = None) -> bool:
        return self.has_perms(perm_list, obj)

    async def ahas_module_perms(self, app_label: str) -> bool:
        return self.has_module_perms(app_label)

    def get_all_permissions(self, obj: object = None) -> set[str]:
        return set(self.permissions) if obj is None else set()

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, make: object) -> object:
        """Refuse to be read from a request or written into an answer, as FastAPI would with any dataclass."""
        raise ConfigurationError(
            "a Principal is never made from a request: write caller: CurrentPrincipal or Depends(require(...)) for a"
            " parameter, and answer with single fields"
        )

    def __str__(self) -> str:
        return self.subject

    def __repr__(self) -> str:
        if not self.is_authenticated:
            return "<Principal anonymous>"
        return f"<Principal {self.kind} {self.subject!r} of {self.issuer!r}>"


ANONYMOUS = Principal(subject="", issuer="", incomplete=frozenset({"scopes", "roles", "groups", "permissions"}))
