"""Another company: whose tokens count there, and for what."""

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient


@pytest.fixture
def client(mesh: dict[str, Any]) -> Iterator[TestClient]:
    with TestClient(mesh["shipping"].app) as client:
        yield client


def test_orders_sends_parcels_for_its_callers(client: TestClient, callers: Any) -> None:
    sent = client.post("/parcels", json={"order": 7}, headers=callers["orders for the clerk"])
    assert (sent.status_code, sent.json()["sent_by"]) == (201, "clerk")


def test_a_persons_own_token_is_not_for_this_company(client: TestClient, callers: Any) -> None:
    refused = client.post("/parcels", json={"order": 7}, headers=callers["clerk"])
    assert (refused.status_code, refused.json()["code"]) == (401, "audience_mismatch")


def test_who_is_called_orders_at_the_partners_issuer_is_somebody_else(client: TestClient, mesh: Any) -> None:
    token = mesh["shipping"].issuer.machine_token("orders", audience="shipping", scopes=["parcels:send"])
    refused = client.post("/parcels", json={"order": 7}, headers={"Authorization": f"Bearer {token}"})
    assert refused.status_code == 403
    assert len(refused.json()["missing"]) == 2  # the issuer, and who calls


def test_only_this_companys_couriers_see_and_deliver_parcels(client: TestClient, callers: Any, courier: Any) -> None:
    sent = client.post("/parcels", json={"order": 7}, headers=callers["orders for the clerk"]).json()
    assert sent in client.get("/parcels", headers=courier).json()
    for path, method in (("/parcels", "GET"), (f"/parcels/{sent['number']}/delivered", "POST")):
        refused = client.request(method, path, headers=callers["orders for the clerk"])
        assert refused.status_code == 403


def test_orders_decides_whether_a_parcel_is_delivered(client: TestClient, callers: Any, courier: Any) -> None:
    unknown = client.post("/parcels", json={"order": 7919}, headers=callers["orders for the clerk"]).json()
    answer = client.post(f"/parcels/{unknown['number']}/delivered", headers=courier)
    assert (answer.status_code, answer.json()) == (404, {"detail": "no such order is on its way"})
    assert client.get("/parcels", headers=courier).json()[-1]["state"] == "on its way"


def test_a_couriers_token_that_was_withdrawn_is_refused_at_once(client: TestClient, mesh: Any, courier: Any) -> None:
    token = courier["Authorization"].removeprefix("Bearer ")
    secret = mesh["shipping"].secret("courier-secret").read_text()
    assert client.get("/parcels", headers=courier).status_code == 200
    assert client.post("/oauth/revoke", data={"token": token}, auth=("courier", secret)).status_code == 200
    refused = client.get("/parcels", headers=courier)
    assert (refused.status_code, refused.json()["code"]) == (401, "token_revoked")


def test_a_body_that_names_no_order_is_refused(client: TestClient, callers: Any) -> None:
    for body in (b"", b"[]", b'{"order": "x"}', b"{}"):
        assert client.post("/parcels", content=body, headers=callers["orders for the clerk"]).status_code == 400
