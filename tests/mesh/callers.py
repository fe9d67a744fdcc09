"""Who calls, and what each of them is: said once more here, from the example's README, and by nothing of the package."""

from dataclasses import dataclass
from typing import Final

PEOPLE_AUDIENCE: Final = frozenset({"accounts", "orders", "inventory"})
LOOK: Final = frozenset({"stock:read", "stock:reserve"})


@dataclass(frozen=True, slots=True)
class Caller:
    """What whoever holds a good token of this kind is. ``issuer`` is "shop", "partner", or "" for nobody."""

    name: str
    issuer: str = ""
    audience: frozenset[str] = frozenset()
    subject: str | None = None
    tenant: str | None = None
    roles: frozenset[str] = frozenset()
    permissions: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()
    acts: str | None = None  # the machine that acts for the subject


def _person(name: str, tenant: str | None, role: str, permissions: frozenset[str], scopes: frozenset[str]) -> Caller:
    return Caller(name, "shop", PEOPLE_AUDIENCE, name, tenant, frozenset({role}), permissions, scopes)


_SEND: Final = frozenset({"parcels:send"})
_NONE: Final = frozenset[str]()
_LISTED: Final = (
    _person("clerk", "north", "clerk", LOOK, _SEND),
    _person("manager", "north", "manager", LOOK | {"stock:write", "prices:read"}, _SEND),
    _person("southern-clerk", "south", "clerk", LOOK, _SEND),
    _person("auditor", "south", "auditor", _NONE, _NONE),
    _person("operator", None, "operator", _NONE, _NONE),
    Caller("orders itself", "shop", frozenset({"inventory"}), scopes=frozenset({"stock:read"})),
    Caller("clerk through orders", "shop", frozenset({"shipping"}), "clerk", "north", scopes=_SEND, acts="orders"),
    Caller("courier", "partner", frozenset({"shipping"}), scopes=frozenset({"parcels:read", "parcels:deliver"})),
    Caller("nobody"),
)
CALLERS: Final = {each.name: each for each in _LISTED}

# Under which name a request is drawn, how often, and whose token it holds. The last five hold what must not pass.
SLOTS: Final = {
    "clerk": (20, "clerk"),
    "manager": (14, "manager"),
    "southern-clerk": (10, "southern-clerk"),
    "auditor": (6, "auditor"),
    "operator": (2, "operator"),
    "orders itself": (6, "orders itself"),
    "clerk through orders": (7, "clerk through orders"),
    "courier": (9, "courier"),
    "leaving": (5, "clerk"),  # whose session ends while they go on calling
    "nobody": (5, "nobody"),
    "gone": (5, "clerk"),  # whose session has ended, or whose token was revoked
    "forged": (7, "manager"),
    "expired": (4, "manager"),
}
