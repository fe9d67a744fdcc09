"""What the page offers: who one may be, what one may want, and what may happen to the tokens and the services."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

PASSWORDS: Final[Mapping[str, str]] = MappingProxyType(
    {"clerk": "paper-clip", "manager": "corner-office", "auditor": "red-pencil", "operator": "night-shift"}
)
COURIER: Final = "courier"  # the client that the partner's people carry around; it has a secret, not a password
NOBODY: Final = "nobody"


@dataclass(frozen=True)
class Player:
    """Somebody to be."""

    name: str
    title: str
    sentence: str


@dataclass(frozen=True)
class Wish:
    """Something to do: one request. ``{order}`` and ``{parcel}`` in the path are the last ones there are."""

    name: str
    title: str
    place: str  # the service
    method: str
    path: str
    body: object = None


@dataclass(frozen=True)
class Event:
    """Something that happens to the caller's token, or to the services."""

    name: str
    title: str
    to_token: bool


PLAYERS: Final = (
    Player("clerk", "Clerk", "shop north, takes orders"),
    Player("manager", "Manager", "shop north, sees prices, may cancel"),
    Player("auditor", "Auditor", "shop south, reads its book"),
    Player("partner", "Partner", "another company's courier"),
    Player(NOBODY, "Nobody", "a visitor without a token"),
)
WISHES: Final = (
    Wish("look", "Any bolts left?", "orders", "GET", "/available/bolts"),
    Wish("order", "Order two bolts", "orders", "POST", "/orders", {"item": "bolts", "quantity": 2}),
    Wish("value", "Price the order", "orders", "GET", "/orders/{order}/value"),
    Wish("ship", "Send the order", "orders", "POST", "/orders/{order}/ship"),
    Wish("cancel", "Cancel the order", "orders", "DELETE", "/orders/{order}"),
    Wish("restock", "Restock bolts", "inventory", "POST", "/stock/bolts/deliver", {"quantity": 100}),
    Wish("south", "Audit south", "orders", "GET", "/tenants/south/orders"),
    Wish("north", "Audit north", "orders", "GET", "/tenants/north/orders"),
    Wish("deliver", "Deliver a parcel", "shipping", "POST", "/parcels/{parcel}/delivered"),
)
EVENTS: Final = (
    Event("tamper", "Tamper with it", to_token=True),
    Event("expire", "Let it expire", to_token=True),
    Event("end", "End the session", to_token=True),
    Event("renew", "Log in again", to_token=True),
    Event("rotate", "Rotate the keys", to_token=False),
    Event("stop", "Stop accounts", to_token=False),
    Event("start", "Start accounts", to_token=False),
)
PLACES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "accounts": "signs our tokens",
        "orders": "takes orders",
        "inventory": "stock and prices",
        "shipping": "another company",
    }
)
