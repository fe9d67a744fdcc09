"""ClaimMapping: where in an issuer's tokens the facts about a caller stand."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal

from ..errors import ConfigurationError

Reference = str | tuple[str, ...]
From = Reference | list[Reference] | Callable[[Mapping[str, object]], object] | None
Kind = Literal["user", "machine"]  # of caller
Table = Mapping[str, Iterable[str]]

# the fields that are read from claims
MAPPED: Final = (
    *("subject", "client_id", "scopes", "roles", "groups", "permissions"),
    *("tenant", "session_id", "token_id", "actor"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimMapping:
    """Where the facts about a caller stand, as data.

    A text is one literal claim name (``"https://acme.example/roles"``), a tuple is the path into nested claims
    (``("realm_access", "roles")``), a list holds several of these: a single-valued field takes the first that is not
    empty, a multi-valued field the union of all in order. A function from the claims to the value is the escape hatch.
    None: this issuer does not say. Only scopes are split, at U+0020 (RFC 6749 section 3.3); a role, group or permission
    that comes as a text is one role, group or permission. In a list it is a text, or an object whose ``value`` it is
    (RFC 9068 section 2.2.3.1). Map no claim that users can write themselves.

    ``kind``: which kind of caller the tokens are for, or a function that says it; None: a caller without a subject, or
    whose subject is its client, is a machine. ``role_permissions``: which permissions a role brings.
    ``scope_hierarchy``: which scopes a scope includes, and those in turn: ``{"admin": ["write"], "write": ["read"]}``.
    """

    subject: From = "sub"
    client_id: From = "client_id"
    scopes: From = "scope"
    roles: From = "roles"
    groups: From = "groups"
    permissions: From = "permissions"
    tenant: From = None
    session_id: From = "sid"
    token_id: From = "jti"
    actor: From = "act"
    kind: Kind | Callable[[Mapping[str, object]], Kind] | None = None
    role_permissions: Table = field(default_factory=lambda: MappingProxyType({}), hash=False)
    scope_hierarchy: Table = field(default_factory=lambda: MappingProxyType({}), hash=False)

    def __post_init__(self) -> None:
        mistakes = [
            f"ClaimMapping({name}={getattr(self, name)!r}): write one claim name, a tuple of path segments, a"
            " list of these, a function, or None"
            for name in MAPPED
            if not _is_from(getattr(self, name))
        ]
        if self.kind not in ("user", "machine", None) and not callable(self.kind):
            mistakes.append(f"ClaimMapping(kind={self.kind!r}): write 'user', 'machine', a function, or None")
        for name in ("role_permissions", "scope_hierarchy"):
            table = getattr(self, name)
            if not _is_table(table):
                mistakes.append(f"ClaimMapping({name}=...): write a dict from each name to a list of names")
                continue
            frozen = MappingProxyType({each: tuple(names) for each, names in table.items()})
            object.__setattr__(self, name, frozen if name == "role_permissions" else _closed(frozen))
        if mistakes:
            raise ConfigurationError(*mistakes)


def references(source: From) -> tuple[Reference, ...]:
    """The references of a field that is mapped as data; none for a function or None."""
    if isinstance(source, list):
        return tuple(source)
    return (source,) if isinstance(source, str | tuple) else ()


def resolve(claims: Mapping[str, object], reference: Reference) -> object:
    """What stands at ``reference``, or None."""
    if isinstance(reference, str):
        return claims.get(reference)
    found: object = claims
    for segment in reference:
        if not isinstance(found, Mapping):
            return None
        found = found.get(segment)
    return found


def single(claims: Mapping[str, object], source: From) -> str | None:
    """The first non-empty text or whole number at ``source``, as text."""
    candidates = [source(claims)] if callable(source) else [resolve(claims, each) for each in references(source)]
    for found in candidates:
        if isinstance(found, str) and found:
            return found
        if isinstance(found, int) and not isinstance(found, bool):
            return str(found)
    return None


def subject_of(claims: Mapping[str, object], mapping: ClaimMapping) -> str | None:
    """Who the caller is: the subject, or else the client as ``client:`` + client id."""
    subject = single(claims, mapping.subject)
    client_id = None if subject is not None else single(claims, mapping.client_id)
    return subject if client_id is None else f"client:{client_id}"


def several(claims: Mapping[str, object], source: From, *, split: bool = False) -> tuple[tuple[str, ...], bool]:
    """The union of the texts at ``source`` in order, and whether it is complete.

    Incomplete: nothing stands there at all, something of another kind stands there, or the issuer keeps the claim
    elsewhere (``_claim_names``, OpenID Connect Core section 5.6.2).
    """
    if callable(source):
        texts, complete = _texts(source(claims), split)
        return tuple(dict.fromkeys(texts)), complete
    union: dict[str, None] = {}
    said = False
    complete = True
    elsewhere = claims.get("_claim_names")
    for reference in references(source):
        found = resolve(claims, reference)
        first = reference if isinstance(reference, str) else reference[0]
        if isinstance(elsewhere, Mapping) and first in elsewhere:
            complete = False
        if found is not None:
            said = True
            texts, whole = _texts(found, split)
            union.update(dict.fromkeys(texts))
            complete = complete and whole
    return tuple(union), said and complete


def _texts(found: object, split: bool) -> tuple[tuple[str, ...], bool]:
    if isinstance(found, str):
        return (tuple(part for part in found.split(" ") if part) if split else (found,) if found else ()), True
    if isinstance(found, tuple | list | set | frozenset):
        # RFC 7643 section 4.1.2; scopes are no SCIM attribute
        named = [each.get("value") if isinstance(each, Mapping) and not split else each for each in found]
        texts = tuple(each for each in named if isinstance(each, str) and each)
        whole = len(texts) == len(found)
        return (tuple(part for text in texts for part in text.split(" ") if part) if split else texts), whole
    return (), False


def brought_by(names: tuple[str, ...], table: Table) -> tuple[str, ...]:
    """What these names bring by ``table``, in order."""
    return tuple(dict.fromkeys(brought for name in names for brought in table.get(name, ())))


def is_reference(reference: object) -> bool:
    parts = reference if isinstance(reference, tuple) else (reference,)
    return bool(parts) and all(isinstance(part, str) and part for part in parts)


def _is_from(source: object) -> bool:
    if source is None or callable(source):
        return True
    candidates = source if isinstance(source, list) else [source]
    return bool(candidates) and all(map(is_reference, candidates))


def _is_table(table: object) -> bool:
    return isinstance(table, Mapping) and all(
        is_reference((name,))
        and isinstance(names, list | tuple | set | frozenset)
        and all(is_reference((each,)) for each in names)
        for name, names in table.items()
    )


def _closed(table: Mapping[str, tuple[str, ...]]) -> Table:
    """The table with what is brought in turn; a circle makes equals of its members."""
    closed = {}
    for name in table:
        found: dict[str, None] = {}
        ahead = list(table[name])
        while ahead:
            each = ahead.pop(0)
            if each not in found:
                found[each] = None
                ahead += table.get(each, ())
        closed[name] = tuple(found)
    return MappingProxyType(closed)
