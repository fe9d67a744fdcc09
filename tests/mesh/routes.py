"""What may be asked of whom, and what the model says to each caller."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from .callers import Caller

ADMITTED: Final = frozenset({200, 201})
NOT_THERE: Final = frozenset({404})
ON_ITS_WAY: Final = frozenset({409})
FORBIDDEN: Final = frozenset({403})
UNKNOWN: Final = frozenset({401})
NORTHERN: Final = 200  # orders of the northern shop, numbered from 1, before the first request arrives
Says = Callable[[Caller], frozenset[int]]  # for a caller whose token is good, and meant for this service


@dataclass(frozen=True, slots=True)
class Route:
    """One thing to ask. ``asks`` are services that the one at ``service`` asks in turn.

    ``{order}`` in a path is one of the NORTHERN orders. ``mark``: "" for a route that wants a token, "public" for one that also takes none, "unguarded" for one that does
    not look. ``exchanges``: its service needs a token from the shop's issuer for it.
    """

    name: str
    service: str
    method: str
    path: str
    says: Says
    mark: str = ""
    body: dict[str, Any] | None = field(default=None, hash=False)
    asks: tuple[str, ...] = ()
    exchanges: bool = False


def _when(condition: bool) -> frozenset[int]:
    return ADMITTED if condition else FORBIDDEN


def _is_staff(caller: Caller) -> bool:
    return caller.issuer == "shop" and not caller.roles.isdisjoint({"clerk", "manager"})


def _may(permission: str) -> Says:
    return lambda caller: _when(permission in caller.permissions)


def _northern(rest: Says) -> Says:
    """An order of the northern shop: for others it does not exist."""

    def says(caller: Caller) -> frozenset[int]:
        if not _is_staff(caller):
            return FORBIDDEN
        return rest(caller) if caller.tenant == "north" else NOT_THERE

    return says


def _audits(tenant: str) -> Says:
    return lambda caller: _when("auditor" in caller.roles and caller.tenant == tenant)


def _places(caller: Caller) -> frozenset[int]:
    """409: sold out."""
    return frozenset({201, 409}) if _is_staff(caller) and "stock:reserve" in caller.permissions else FORBIDDEN


def _couriers(scope: str) -> Says:
    """The partner's machines, and nobody of the shop."""
    return lambda caller: _when(caller.issuer == "partner" and scope in caller.scopes)


def _delivers(caller: Caller) -> frozenset[int]:
    """404: orders says that no such order is on its way."""
    return ADMITTED | NOT_THERE if _couriers("parcels:deliver")(caller) == ADMITTED else FORBIDDEN


def _sends(caller: Caller) -> frozenset[int]:
    return _when(caller.issuer == "shop" and "parcels:send" in caller.scopes and caller.acts == "orders")


def _anybody(caller: Caller) -> frozenset[int]:
    return ADMITTED


def _reserves(caller: Caller) -> frozenset[int]:
    return frozenset({200, 409}) if "stock:reserve" in caller.permissions else FORBIDDEN


_BOLT: Final = {"item": "bolts", "quantity": 1}
_LISTED: Final = (
    Route("orders: health", "orders", "GET", "/health", _anybody, "public"),
    Route("orders: ready", "orders", "GET", "/ready", _anybody, "unguarded"),
    Route("orders: list", "orders", "GET", "/orders", lambda caller: _when(_is_staff(caller))),
    Route("orders: audit of the south", "orders", "GET", "/tenants/south/orders", _audits("south")),
    Route("orders: audit of the north", "orders", "GET", "/tenants/north/orders", _audits("north")),
    Route("orders: place", "orders", "POST", "/orders", _places, "", _BOLT, ("inventory",)),
    Route(
        "orders: value of a northern order",
        "orders",
        "GET",
        "/orders/1/value",
        _northern(_may("prices:read")),
        asks=("inventory",),
    ),
    Route(
        "orders: ship a northern order",
        "orders",
        "POST",
        "/orders/{order}/ship",
        _northern(lambda caller: ADMITTED | ON_ITS_WAY if "parcels:send" in caller.scopes else FORBIDDEN),
        asks=("shipping",),
        exchanges=True,
    ),
    Route(
        "orders: cancel one that is not there",
        "orders",
        "DELETE",
        "/orders/999999",
        lambda caller: NOT_THERE if "manager" in caller.roles else FORBIDDEN,
    ),
    Route("orders: delivered", "orders", "POST", "/orders/1/delivered", lambda caller: FORBIDDEN),
    Route("orders: available", "orders", "GET", "/available/bolts", _anybody, "public", None, ("inventory",)),
    Route("orders: nowhere", "orders", "GET", "/nowhere", lambda caller: NOT_THERE),
    Route("inventory: health", "inventory", "GET", "/health", _anybody, "public"),
    Route(
        "inventory: stock",
        "inventory",
        "GET",
        "/stock/bolts",
        lambda caller: _when("stock:read" in caller.permissions | caller.scopes),
    ),
    Route("inventory: reserve", "inventory", "POST", "/stock/bolts/reserve", _reserves, "", {"quantity": 1}),
    Route(
        "inventory: deliver", "inventory", "POST", "/stock/bolts/deliver", _may("stock:write"), "", {"quantity": 100}
    ),
    Route("inventory: price", "inventory", "GET", "/stock/bolts/price", _may("prices:read")),
    Route("shipping: send", "shipping", "POST", "/parcels", _sends, "", {"order": 1}),
    Route("shipping: list", "shipping", "GET", "/parcels", _couriers("parcels:read")),
    Route("shipping: delivered", "shipping", "POST", "/parcels/1/delivered", _delivers, "", None, ("orders",)),
    Route("accounts: keys", "accounts", "GET", "/jwks?visitor", _anybody, "unguarded"),
    Route("accounts: sessions", "accounts", "GET", "/sessions", _anybody),
    Route(
        "accounts: a page that is not there",
        "accounts",
        "POST",
        "/demo/nowhere",
        lambda caller: NOT_THERE,
    ),
)
ROUTES: Final = {each.name: each for each in _LISTED}


def model(caller: Caller, route: Route, token_is_good: bool) -> frozenset[int]:
    """Which statuses are right while everything works. A token that is forged, expired or revoked is not good."""
    if route.mark == "unguarded":
        return ADMITTED
    if caller.name == "nobody":
        return route.says(caller) if route.mark == "public" else UNKNOWN
    if not token_is_good or route.service not in caller.audience:
        return UNKNOWN
    return route.says(caller)
