"""Orders, with the real inventory and the real shipping behind it."""

from collections.abc import Iterator
from typing import Any

import pytest
from httpx2 import AsyncClient, ConnectError, MockTransport, Request, Response
from starlette.testclient import TestClient

BOLTS = {"item": "bolts", "quantity": 2}


@pytest.fixture
def client(mesh: dict[str, Any]) -> Iterator[TestClient]:
    mesh["inventory"].stock.update(bolts=500, nuts=20)
    with TestClient(mesh["orders"].app) as client:
        yield client


@pytest.fixture
def ordered(client: TestClient, headers: Any) -> int:
    return int(client.post("/orders", json=BOLTS, headers=headers("clerk")).json()["id"])


def test_a_clerk_orders_in_their_own_name(client: TestClient, headers: Any) -> None:
    placed = client.post("/orders", json=BOLTS, headers=headers("clerk"))
    assert placed.status_code == 201
    assert placed.json()["placed_by"] == "clerk"
    assert placed.json() in client.get("/orders", headers=headers("manager")).json()


def test_only_a_manager_cancels(client: TestClient, headers: Any, ordered: int) -> None:
    refused = client.delete(f"/orders/{ordered}", headers=headers("clerk"))
    assert (refused.status_code, refused.json()["missing"]) == (403, ["role manager"])
    assert client.delete(f"/orders/{ordered}", headers=headers("manager")).status_code == 200
    assert client.delete(f"/orders/{ordered}", headers=headers("manager")).status_code == 404


def test_inventory_decides_for_itself_and_its_reason_reaches_the_caller(
    client: TestClient, headers: Any, ordered: int
) -> None:
    refused = client.get(f"/orders/{ordered}/value", headers=headers("clerk"))
    assert (refused.status_code, refused.json()["missing"]) == (403, ["permission prices:read"])
    assert client.get(f"/orders/{ordered}/value", headers=headers("manager")).json() == {"value": 6}


def test_visitors_see_what_is_available_for_orders_asks_in_its_own_name(client: TestClient, mesh: Any) -> None:
    assert client.get("/available/nuts").json() == {"available": True}
    mesh["inventory"].stock.update(nuts=0)
    assert client.get("/available/nuts").json() == {"available": False}
    assert client.get("/available/paper").status_code == 404


def test_an_order_is_sent_by_orders_for_its_caller_and_delivered_by_the_partner(
    client: TestClient, headers: Any, mesh: Any, courier: Any, ordered: int
) -> None:
    shipped = client.post(f"/orders/{ordered}/ship", headers=headers("manager"))
    assert (shipped.status_code, shipped.json()["state"]) == (200, "shipped")
    with TestClient(mesh["shipping"].app) as shipping:
        parcel = shipping.get("/parcels", headers=courier).json()[-1]
        assert (parcel["order"], parcel["sent_by"]) == (ordered, "manager")
        assert shipping.post(f"/parcels/{parcel['number']}/delivered", headers=courier).status_code == 200
    assert client.get("/orders", headers=headers("clerk")).json()[-1]["state"] == "delivered"


def test_each_shop_sees_its_own_orders_and_no_other(client: TestClient, headers: Any, ordered: int) -> None:
    south, auditor = headers("southern-clerk"), headers("auditor")
    assert client.get("/orders", headers=south).json() == []
    for method, where in (("GET", "value"), ("POST", "ship")):
        assert client.request(method, f"/orders/{ordered}/{where}", headers=south).status_code == 404
    assert client.get("/tenants/south/orders", headers=auditor).json() == []
    refused = client.get("/tenants/north/orders", headers=auditor)
    assert (refused.status_code, refused.json()["missing"]) == (403, ["claim tenant equal to path('tenant')"])


def test_what_the_partner_writes_into_roles_means_nothing(client: TestClient, mesh: Any) -> None:
    forged = {"audience": "orders", "client_id": "courier", "roles": ["manager"], "tenant": "north"}
    token = mesh["shipping"].issuer.access_token("somebody", **forged)
    refused = client.get("/orders", headers={"Authorization": f"Bearer {token}"})
    assert (refused.status_code, refused.json()["missing"]) == (403, ["role clerk or role manager"])


def test_what_inventory_has_not_is_not_ordered(client: TestClient, headers: Any) -> None:
    before = client.get("/orders", headers=headers("clerk")).json()
    assert client.post("/orders", json={"item": "bolts", "quantity": 999}, headers=headers("clerk")).status_code == 409
    assert client.get("/orders", headers=headers("clerk")).json() == before


@pytest.mark.parametrize("item", ["../admin", "bolts/price", "", "bolts?x=1", "http:"])
def test_an_item_never_changes_what_is_asked_of_inventory(client: TestClient, headers: Any, item: str) -> None:
    answer = client.post("/orders", json={"item": item, "quantity": 1}, headers=headers("clerk"))
    assert answer.status_code == 422


@pytest.mark.parametrize("status", [200, 401, 500])
def test_an_inventory_that_does_not_take_the_request_is_a_bad_gateway(
    client: TestClient, headers: Any, status: int
) -> None:
    """401 as well: the caller's token was good here, and nobody is told that it is not because of somebody else."""

    def answer(request: Request) -> Response:
        if status == 200:
            return Response(200, text="no json")
        return Response(status, json={})

    client.app.state.for_callers = AsyncClient(transport=MockTransport(answer))  # type: ignore[attr-defined]  # a FastAPI application
    assert client.post("/orders", json=BOLTS, headers=headers("clerk")).status_code == 502


def test_an_inventory_that_is_not_there_is_a_bad_gateway(client: TestClient, headers: Any) -> None:
    def unreachable(request: Request) -> Response:
        raise ConnectError("refused", request=request)

    client.app.state.for_callers = AsyncClient(transport=MockTransport(unreachable))  # type: ignore[attr-defined]  # the same
    assert client.post("/orders", json=BOLTS, headers=headers("clerk")).status_code == 502


def test_strangers_see_what_is_public_and_nothing_else(client: TestClient) -> None:
    assert client.get("/health").status_code == 200
    for path in ("/orders", "/orders/1/value", "/docs", "/openapi.json", "/nowhere"):
        assert client.get(path).status_code == 401


def test_it_says_how_old_its_keys_are(accounts: Any, client: TestClient, becomes_ready: Any) -> None:
    answer = becomes_ready(lambda: client.get("/ready", headers={"Authorization": "Bearer of nothing"}))
    assert answer.status_code == 200
    for keys in answer.json():
        assert (keys["usable"], keys["stale"], keys["last_error"]) == (True, False, "")
        assert keys["age"] < 300
