"""orders (FastAPI): takes orders. Asks inventory and shipping, each with the token that it ought to see.

ISSUER=http://127.0.0.1:8001 INVENTORY_URL=http://127.0.0.1:8003 uvicorn orders:app --port 8002
"""

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Annotated

import stores
from calling import Refused, ask, client
from decision_log import DecisionLog
from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse
from places import INVENTORY_URL, ISSUER, PARTNER_ISSUER, SHIPPING_URL, secret
from pydantic import BaseModel, Field
from tracing import Traced

from jwt_middleware import ClaimMapping, Guard, Principal, TrustedIssuer, claim, path, role, scope
from jwt_middleware.client import (
    Carrier,
    TokenEndpoint,
    client_credentials,
    client_secret_basic,
    exchange_token,
    forward_token,
)
from jwt_middleware.fastapi import JWTMiddleware, public, require, unguarded

ours = TrustedIssuer(ISSUER, audience="orders", profile="rfc9068", mapping=ClaimMapping(tenant="tenant"))
# The partner's scopes count here; what it writes into roles and the like means nothing.
partners = TrustedIssuer(
    PARTNER_ISSUER,
    audience="orders",
    profile="rfc9068",
    mapping=ClaimMapping(roles=None, groups=None, permissions=None),
)
guard = Guard(ours, partners, revocations=stores.revocations(), observers=[DecisionLog()])

accounts = TokenEndpoint(ISSUER, client_id="orders", authentication=client_secret_basic(secret("orders-secret")))
for_callers = Carrier(
    {
        INVENTORY_URL: forward_token("inventory"),  # the caller's own token, which names inventory as well
        SHIPPING_URL: exchange_token(accounts, resource=None, audience="shipping", scopes=["parcels:send"]),
    }
)
by_ourselves = Carrier(
    {INVENTORY_URL: client_credentials(accounts, resource=None, audience="inventory", scopes=["stock:read"])}
)
staff = role("clerk") | role("manager")
Staff = Annotated[Principal, Depends(require(staff))]
Manager = Annotated[Principal, Depends(require(role("manager")))]


class Order(BaseModel):
    item: str = Field(pattern="^[a-z]{1,40}$")  # it becomes part of a path at inventory
    quantity: int = Field(ge=1, le=1000)


class PlacedOrder(Order):
    id: int
    tenant: str | None
    placed_by: str
    state: str = "placed"


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with client(for_callers) as app.state.for_callers, client(by_ourselves) as app.state.by_ourselves:
        yield


app = FastAPI(title="orders", lifespan=lifespan)
app.add_middleware(JWTMiddleware, guard=guard)
app.add_middleware(Traced)  # added last, stands outermost
placed: dict[int, PlacedOrder] = {}
numbers = itertools.count(1)


@app.get("/health")
@public
async def health() -> dict[str, str]:
    return {"status": "ok"}


@app.get("/ready")
@unguarded
async def ready() -> JSONResponse:
    """For whoever balances the load: 200 while tokens can be verified, and what is known of the keys."""
    states = guard.ready()
    return JSONResponse([asdict(each) for each in states], 200 if all(each.usable for each in states) else 503)


@app.get("/available/{item}")
@public
async def available(item: Annotated[str, Field(pattern="^[a-z]{1,40}$")], request: Request) -> dict[str, bool]:
    """For visitors of the shop. Nobody is calling, so orders asks in its own name: `client_credentials`."""
    found = await ask(request.app.state.by_ourselves, "GET", f"{INVENTORY_URL}/stock/{item}")
    return {"available": found["quantity"] > 0}


@app.get("/orders")
async def list_orders(caller: Staff) -> list[PlacedOrder]:
    return [each for each in placed.values() if each.tenant == caller.tenant]


@app.get("/tenants/{tenant}/orders")
@require(role("auditor"), claim("tenant", path("tenant")))
async def audit(tenant: str) -> list[PlacedOrder]:
    return [each for each in placed.values() if each.tenant == tenant]


@app.post("/orders", status_code=201)
async def place_order(order: Order, request: Request, caller: Staff) -> PlacedOrder:
    """inventory sees the caller, with the caller's own token: `forward_token`."""
    where = f"{INVENTORY_URL}/stock/{order.item}/reserve"
    await ask(request.app.state.for_callers, "POST", where, {"quantity": order.quantity})
    new = PlacedOrder(id=next(numbers), tenant=caller.tenant, placed_by=caller.subject, **order.model_dump())
    placed[new.id] = new
    return new


@app.get("/orders/{order_id}/value")
async def value(order_id: int, request: Request, caller: Staff) -> dict[str, int]:
    """What an order is worth; inventory decides who may know its prices."""
    order = found(order_id, caller)
    price = await ask(request.app.state.for_callers, "GET", f"{INVENTORY_URL}/stock/{order.item}/price")
    return {"value": order.quantity * int(price["price"])}


@app.post("/orders/{order_id}/ship")
async def ship(order_id: int, request: Request, caller: Staff) -> PlacedOrder:
    """shipping sees the caller and who acts for them, with a token that is good nowhere else: `exchange_token`."""
    order = found(order_id, caller)
    if order.state != "placed":
        raise HTTPException(409, "it is on its way already")
    await ask(request.app.state.for_callers, "POST", f"{SHIPPING_URL}/parcels", {"order": order.id})
    order.state = "shipped"
    return order


@app.delete("/orders/{order_id}")
async def cancel_order(order_id: int, caller: Manager) -> PlacedOrder:
    order = found(order_id, caller)
    del placed[order_id]
    return order


@app.post("/orders/{order_id}/delivered")
@require(claim("iss", PARTNER_ISSUER), scope("orders:deliver"))
async def delivered(order_id: int) -> dict[str, str]:
    """For the partner's machines alone: they are of no shop, and know parcels of all of them."""
    if order_id not in placed or placed[order_id].state != "shipped":
        raise HTTPException(404, "no such order is on its way")
    placed[order_id].state = "delivered"
    return {"state": "delivered"}


def found(order_id: int, caller: Principal) -> PlacedOrder:
    """An order of the caller's own shop; those of another one do not exist for them."""
    if order_id not in placed or placed[order_id].tenant != caller.tenant:
        raise HTTPException(404, "no such order")
    return placed[order_id]


@app.exception_handler(Refused)
async def refused(request: Request, refusal: Refused) -> JSONResponse:
    """What was missing at the service that was asked is what our caller wants to know."""
    return JSONResponse(refusal.answer, refusal.status)
