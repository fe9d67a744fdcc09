"""Logging in, finding the keys, rotating them."""

from typing import Any

import jwt
import pytest
from starlette.testclient import TestClient


@pytest.fixture
def client(accounts: Any) -> TestClient:
    return TestClient(accounts.app)


def test_a_person_gets_a_token_that_says_what_they_may_do(accounts: Any, client: TestClient) -> None:
    answer = client.post("/login", json={"username": "clerk", "password": "paper-clip"})
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    said = jwt.decode(answer.json()["access_token"], options={"verify_signature": False})
    assert (said["iss"], said["sub"], said["tenant"]) == (accounts.ISSUER, "clerk", "north")
    assert (said["roles"], said["scope"]) == (["clerk"], "parcels:send")
    assert said["aud"] == ["accounts", "orders", "inventory"]  # and not shipping: its company is another one
    assert said["exp"] - said["iat"] == answer.json()["expires_in"] == 300


@pytest.mark.parametrize(
    "body", [{"username": "clerk", "password": "wrong"}, {"username": "nobody", "password": "paper-clip"}]
)
def test_nobody_else_gets_one(client: TestClient, body: dict[str, str]) -> None:
    answer = client.post("/login", json=body)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


def test_whoever_refreshes_stays_and_whoever_logs_out_is_gone(client: TestClient) -> None:
    tokens = client.post("/login", json={"username": "operator", "password": "night-shift"}).json()
    again = client.post("/refresh", json={"refresh_token": tokens["refresh_token"]}).json()
    headers = {"Authorization": f"Bearer {again['access_token']}"}
    assert len(client.get("/sessions", headers=headers).json()["sessions"]) >= 1
    assert client.post("/logout", json={"refresh_token": again["refresh_token"]}).status_code == 204
    assert client.post("/refresh", json={"refresh_token": again["refresh_token"]}).status_code == 400
    assert client.post("/rotate", headers=headers).status_code == 401


def test_a_service_gets_a_token_of_its_own_and_exchanges_those_of_its_callers(callers: Any) -> None:
    own, exchanged = (said_by(callers[each]) for each in ("orders", "orders for the clerk"))
    assert (own["sub"], own["aud"], own["scope"]) == ("orders", "inventory", "stock:read")
    assert (exchanged["sub"], exchanged["aud"], exchanged["scope"]) == ("clerk", "shipping", "parcels:send")
    assert exchanged["act"] == {"sub": "orders", "client_id": "orders"}


def test_who_knows_no_secret_gets_no_token(client: TestClient) -> None:
    form = {"grant_type": "client_credentials"}
    assert client.post("/oauth/token", data=form, auth=("orders", "guessed")).status_code == 401


def said_by(headers: dict[str, str]) -> dict[str, Any]:
    token = headers["Authorization"].removeprefix("Bearer ")
    return dict(jwt.decode(token, options={"verify_signature": False}))


def test_the_keys_are_where_the_metadata_says(accounts: Any, client: TestClient) -> None:
    for path in ("/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"):
        assert client.get(path).json()["jwks_uri"] == f"{accounts.ISSUER}/jwks"
    published = client.get("/jwks").json()["keys"]
    assert accounts.keys.active.kid in {key["kid"] for key in published}
    assert all("d" not in key for key in published)


def test_only_the_operator_rotates_and_old_tokens_still_count(client: TestClient, headers: Any) -> None:
    clerk, operator = headers("clerk"), headers("operator")
    assert client.post("/rotate").status_code == 401
    refused = client.post("/rotate", headers=clerk)
    assert (refused.status_code, refused.json()["missing"]) == (403, ["role operator"])
    before = client.get("/jwks").json()["keys"]
    rotated = client.post("/rotate", headers=operator)
    assert rotated.status_code == 200
    assert client.get("/jwks").json()["keys"][: len(before)] == before
    assert client.post("/rotate", headers=operator).status_code == 200


def test_everything_else_is_refused_to_strangers(client: TestClient) -> None:
    assert client.get("/people").status_code == 401


def test_it_says_how_old_its_keys_are(accounts: Any, client: TestClient, becomes_ready: Any) -> None:
    answer = becomes_ready(lambda: client.get("/ready", headers={"Authorization": "Bearer of nothing"}))
    assert answer.status_code == 200
    [keys] = answer.json()
    assert (keys["issuer"], keys["usable"], keys["stale"], keys["last_error"]) == (accounts.ISSUER, True, False, "")
    assert keys["age"] < 300
