"""What is in stock, and who may know and change it."""

from typing import Any

import pytest


@pytest.fixture
def client(accounts: Any) -> Any:
    import inventory
    from django.test import Client

    inventory.stock.update(bolts=500, nuts=20)
    return Client(SERVER_NAME="localhost")


def test_whoever_has_the_permission_sees_and_reserves(client: Any, headers: Any) -> None:
    clerk = headers("clerk")
    assert client.get("/stock/bolts", headers=clerk).json() == {"item": "bolts", "quantity": 500}
    body = {"quantity": 100}
    reserved = client.post("/stock/bolts/reserve", body, content_type="application/json", headers=clerk)
    assert reserved.json() == {"item": "bolts", "quantity": 400}


@pytest.mark.parametrize("body", ['{"quantity": 501}', '{"quantity": 0}', '{"quantity": true}', "{}", "[]", "x"])
def test_what_is_not_there_cannot_be_reserved(client: Any, headers: Any, body: str) -> None:
    answer = client.post("/stock/bolts/reserve", body, content_type="application/json", headers=headers("clerk"))
    assert answer.status_code == 409
    assert client.get("/stock/bolts", headers=headers("clerk")).json()["quantity"] == 500


def test_orders_sees_what_is_there_in_its_own_name_and_no_more(client: Any, callers: Any) -> None:
    orders, body = callers["orders"], {"quantity": 1}
    assert client.get("/stock/bolts", headers=orders).json() == {"item": "bolts", "quantity": 500}
    refused = client.post("/stock/bolts/reserve", body, content_type="application/json", headers=orders)
    assert (refused.status_code, refused.json()["missing"]) == (403, ["permission stock:reserve"])


@pytest.mark.parametrize("name", ["courier", "orders for the clerk"])
def test_a_token_for_somebody_else_is_none_here(client: Any, callers: Any, name: str) -> None:
    refused = client.get("/stock/bolts", headers=callers[name])
    code = {"courier": "issuer_untrusted", "orders for the clerk": "audience_mismatch"}[name]
    assert (refused.status_code, refused.json()["code"]) == (401, code)


def test_prices_and_deliveries_are_for_the_manager(client: Any, headers: Any) -> None:
    clerk, manager, body = headers("clerk"), headers("manager"), {"quantity": 5}
    refused = client.get("/stock/nuts/price", headers=clerk)
    assert (refused.status_code, refused.json()["missing"]) == (403, ["permission prices:read"])
    refused = client.post("/stock/nuts/deliver", body, content_type="application/json", headers=clerk)
    assert (refused.status_code, refused.json()["missing"]) == (403, ["permission stock:write"])
    assert client.get("/stock/nuts/price", headers=manager).json()["price"] == 2
    delivered = client.post("/stock/nuts/deliver", body, content_type="application/json", headers=manager)
    assert delivered.json() == {"item": "nuts", "quantity": 25}


def test_strangers_see_the_health_and_nothing_else(client: Any) -> None:
    assert client.get("/health").status_code == 200
    for path in ("/stock/bolts", "/stock/bolts/price", "/nowhere"):
        assert client.get(path).status_code == 401


def test_what_nobody_has_is_not_found(client: Any, headers: Any) -> None:
    for path in ("/stock/paper", "/stock/paper/price"):
        assert client.get(path, headers=headers("manager")).status_code == 404


def test_it_says_how_old_its_keys_are(accounts: Any, client: Any, becomes_ready: Any) -> None:
    answer = becomes_ready(lambda: client.get("/ready", headers={"Authorization": "Bearer of nothing"}))
    assert answer.status_code == 200
    [keys] = answer.json()
    assert (keys["issuer"], keys["usable"], keys["stale"], keys["last_error"]) == (accounts.ISSUER, True, False, "")
    assert keys["age"] < 300
