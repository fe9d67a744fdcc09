"""Orders, with the real inventory behind them in the same process."""

from collections.abc import Iterator
from typing import Any

import pytest
from httpx2 import ASGITransport, AsyncClient, ConnectError, MockTransport, Request, Response
from starlette.testclient import TestClient

BOLTS = {"item": "bolts", "quantity": 2}


@pytest.fixture
def client(accounts: Any) -> Iterator[TestClient]:
    import inventory
    import orders

    inventory.stock.update(bolts=500)
    with TestClient(orders.app) as client:
        connect(client, ASGITransport(inventory.app))
        yield client


def connect(client: TestClient, transport: Any) -> None:
    client.app.state.inventory = AsyncClient(transport=transport, base_url="http://localhost")  # type: ignore[attr-defined]  # a FastAPI application


def test_a_clerk_orders_in_their_own_name(client: TestClient, headers: Any) -> None:
    placed = client.post("/orders", json=BOLTS, headers=headers("clerk"))
    assert placed.status_code == 201
    assert placed.json()["placed_by"] == "clerk"
    assert placed.json() in client.get("/orders", headers=headers("manager")).json()


def test_only_a_manager_cancels(client: TestClient, headers: Any) -> None:
    order = client.post("/orders", json=BOLTS, headers=headers("clerk")).json()["id"]
    refused = client.delete(f"/orders/{order}", headers=headers("clerk"))
    assert (refused.status_code, refused.json()["missing"]) == (403, ["role manager"])
    assert client.delete(f"/orders/{order}", headers=headers("manager")).status_code == 200
    assert client.delete(f"/orders/{order}", headers=headers("manager")).status_code == 404


def test_inventory_decides_for_itself_and_its_reason_reaches_the_caller(client: TestClient, headers: Any) -> None:
    order = client.post("/orders", json=BOLTS, headers=headers("clerk")).json()["id"]
    refused = client.get(f"/orders/{order}/value", headers=headers("clerk"))
    assert (refused.status_code, refused.json()["missing"]) == (403, ["permission prices:read"])
    assert client.get(f"/orders/{order}/value", headers=headers("manager")).json() == {"value": 6}


def test_what_inventory_has_not_is_not_ordered(client: TestClient, headers: Any) -> None:
    before = client.get("/orders", headers=headers("clerk")).json()
    assert client.post("/orders", json={"item": "bolts", "quantity": 999}, headers=headers("clerk")).status_code == 409
    assert client.get("/orders", headers=headers("clerk")).json() == before


@pytest.mark.parametrize("item", ["../admin", "bolts/price", "", "bolts?x=1", "http:"])
def test_an_item_never_changes_what_is_asked_of_inventory(client: TestClient, headers: Any, item: str) -> None:
    answer = client.post("/orders", json={"item": item, "quantity": 1}, headers=headers("clerk"))
    assert answer.status_code == 422


def test_an_inventory_that_does_not_answer_is_a_bad_gateway(client: TestClient, headers: Any) -> None:
    def unreachable(request: Request) -> Response:
        raise ConnectError("refused", request=request)

    for answer in (unreachable, lambda _: Response(200, text="no json"), lambda _: Response(500, json={})):
        connect(client, MockTransport(answer))
        assert client.post("/orders", json=BOLTS, headers=headers("clerk")).status_code == 502


def test_strangers_see_the_health_and_nothing_else(client: TestClient) -> None:
    assert client.get("/health").status_code == 200
    for path in ("/orders", "/orders/1/value", "/docs", "/openapi.json", "/nowhere"):
        assert client.get(path).status_code == 401


def test_it_says_how_old_its_keys_are(accounts: Any, client: TestClient, becomes_ready: Any) -> None:
    answer = becomes_ready(lambda: client.get("/ready", headers={"Authorization": "Bearer of nothing"}))
    assert answer.status_code == 200
    [keys] = answer.json()
    assert (keys["issuer"], keys["usable"], keys["stale"], keys["last_error"]) == (accounts.ISSUER, True, False, "")
    assert keys["age"] < 300
