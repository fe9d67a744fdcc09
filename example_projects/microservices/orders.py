"""orders (FastAPI): takes orders, and asks inventory for the goods with the token of whoever is calling.

ISSUER=http://127.0.0.1:8001 INVENTORY_URL=http://127.0.0.1:8003 uvicorn orders:app --port 8002
"""

import itertools
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Annotated, Any

from decision_log import DecisionLog
from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse
from httpx2 import AsyncClient, HTTPError
from pydantic import BaseModel, Field

from jwt_middleware import Guard, Principal, TrustedIssuer, role
from jwt_middleware.fastapi import JWTMiddleware, public, require, unguarded

ISSUER = os.environ.get("ISSUER", "http://127.0.0.1:8001")
INVENTORY_URL = os.environ.get("INVENTORY_URL", "http://127.0.0.1:8003")

guard = Guard(TrustedIssuer(ISSUER, audience="orders", profile="rfc9068"), observers=[DecisionLog()])
staff = role("clerk") | role("manager")


class Order(BaseModel):
    item: str = Field(pattern="^[a-z]{1,40}$")  # it becomes part of a path at inventory
    quantity: int = Field(ge=1, le=1000)


class PlacedOrder(Order):
    id: int
    placed_by: str


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    # One client for one service: the caller's token goes to this address and nowhere else, redirects included.
    async with AsyncClient(base_url=INVENTORY_URL, follow_redirects=False, trust_env=False, timeout=5.0) as client:
        app.state.inventory = client
        yield


app = FastAPI(title="orders", lifespan=lifespan)
app.add_middleware(JWTMiddleware, guard=guard)
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


@app.get("/orders")
@require(staff)
async def list_orders() -> list[PlacedOrder]:
    return list(placed.values())


@app.post("/orders", status_code=201)
async def place_order(
    order: Order, request: Request, caller: Annotated[Principal, Depends(require(staff))]
) -> PlacedOrder:
    await inventory(request, "POST", f"/stock/{order.item}/reserve", {"quantity": order.quantity})
    new = PlacedOrder(id=next(numbers), placed_by=caller.subject, **order.model_dump())
    placed[new.id] = new
    return new


@app.get("/orders/{order_id}/value")
@require(staff)
async def value(order_id: int, request: Request) -> dict[str, int]:
    """What an order is worth; inventory decides who may know its prices."""
    order = found(order_id)
    price = await inventory(request, "GET", f"/stock/{order.item}/price")
    return {"value": order.quantity * int(price["price"])}


@app.delete("/orders/{order_id}")
@require(role("manager"))
async def cancel_order(order_id: int) -> PlacedOrder:
    order = found(order_id)
    del placed[order_id]
    return order


def found(order_id: int) -> PlacedOrder:
    if order_id not in placed:
        raise HTTPException(404, "no such order")
    return placed[order_id]


class InventoryRefused(Exception):
    """inventory said no. Its answer goes to the caller as it is, for it says what was missing."""

    def __init__(self, status: int, answer: Any) -> None:
        self.status, self.answer = status, answer


async def inventory(request: Request, method: str, path: str, body: object = None) -> Any:
    """Ask inventory in the caller's name: with the very token that came, which is meant for both services."""
    try:
        answer = await request.app.state.inventory.request(
            method, path, json=body, headers={"authorization": request.headers["authorization"]}
        )
        content = answer.json()
    except (HTTPError, ValueError) as error:
        raise HTTPException(502, "inventory does not answer") from error
    if answer.status_code >= 400:
        raise InventoryRefused(answer.status_code if answer.status_code < 500 else 502, content)
    return content


@app.exception_handler(InventoryRefused)
async def inventory_refused(request: Request, refusal: InventoryRefused) -> JSONResponse:
    return JSONResponse(refusal.answer, refusal.status)
