"""Tokens that are given back: revoked by whoever has them, over real connections (RFC 7009)."""

import asyncio
import json
import logging
from collections.abc import Callable
from typing import Any

import pytest

from jwt_middleware import ConfigurationError, TokenOutage
from jwt_middleware.client import TokenEndpoint, client_secret_basic, private_key_jwt
from jwt_middleware.issuing import SigningKey
from jwt_middleware.waiting import run

from .servers import Received, Say, TokenServer

FORM = [("grant_type", "client_credentials"), ("resource", "https://inventory.example.com/v1")]
OTHER = [("grant_type", "client_credentials"), ("resource", "https://billing.example.com")]

Revoke = Callable[[TokenEndpoint, str], None]


def awaited(endpoint: TokenEndpoint, token: str) -> None:
    asyncio.run(endpoint.arevoke(token))


@pytest.fixture(params=[TokenEndpoint.revoke, awaited], ids=["plain", "awaited"])
def revoke(request: pytest.FixtureRequest) -> Revoke:
    found: Revoke = request.param
    return found


@pytest.fixture
def server(issuer: TokenServer) -> TokenServer:
    """With a revocation endpoint that takes everything."""
    issuer.metadata["revocation_endpoint"] = f"{issuer.origin}/revoke"
    return issuer


def endpoint(server: TokenServer, **given: Any) -> TokenEndpoint:
    return TokenEndpoint(server.origin, **{"client_id": "orders", "authentication": client_secret_basic("s3"), **given})


def given_back(server: TokenServer) -> list[Received]:
    return [each for each in server.requests if each.path == "/revoke"]


def test_a_token_is_given_back_with_our_proof_and_forgotten(server: TokenServer, revoke: Revoke) -> None:
    ours = endpoint(server)
    token = run(ours.token(FORM)).token
    revoke(ours, token)
    (asked,) = given_back(server)
    assert (asked.method, asked.form) == ("POST", [("token", "token-1")])
    assert asked.headers["authorization"].startswith("Basic ")
    assert asked.headers["content-type"] == "application/x-www-form-urlencoded"
    assert run(ours.token(FORM)).token == "token-2"


def test_each_time_with_an_assertion_of_its_own(server: TokenServer, revoke: Revoke) -> None:
    ours = endpoint(server, authentication=private_key_jwt(SigningKey.generate("ES256")))
    for _ in range(2):
        revoke(ours, "token-7")
    shown = [dict(each.form)["client_assertion"] for each in given_back(server)]
    assert len(set(shown)) == 2


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Say(503, retry_after="7"), (503, 7, "status 503")),
        (Say(429), (503, 1, "status 429")),
        (Say(400, b'{"error": "unsupported_token_type"}'), (502, 1, "refuses: unsupported_token_type")),
        (Say(400, b'{"error": "<script>"}'), (502, 1, "refuses: status 400")),
        (Say(302, location="https://elsewhere.example"), (502, 1, "refuses: status 302")),
    ],
    ids=lambda each: str(getattr(each, "status", "")),
)
def test_a_token_that_could_not_be_given_back_is_held_and_good_still(
    server: TokenServer, revoke: Revoke, answer: Say, said: tuple[int, int, str]
) -> None:
    server.answers["/revoke"] = lambda _: answer
    ours = endpoint(server)
    token = run(ours.token(FORM)).token
    with pytest.raises(TokenOutage) as refused:
        revoke(ours, token)
    assert (refused.value.status, refused.value.retry_after) == said[:2]
    assert said[2] in str(refused.value)
    assert run(ours.token(FORM)).token == token
    server.answers["/revoke"] = lambda _: Say()
    revoke(ours, token)  # later, as RFC 7009 section 2.2.1 has it
    assert run(ours.token(FORM)).token != token


def test_a_server_that_is_gone_is_an_outage(server: TokenServer, revoke: Revoke, caplog: Any) -> None:
    ours = endpoint(server, timeout=2)
    token = run(ours.token(FORM)).token
    server.stop()
    with caplog.at_level(logging.DEBUG), pytest.raises(TokenOutage, match="still good") as refused:
        revoke(ours, token)
    assert token not in caplog.text + str(refused.value)


@pytest.mark.parametrize(
    ("named", "said"),
    [
        (None, "names no revocation endpoint"),
        ("http://198.51.100.1/revoke", "names no revocation endpoint"),
        ("https://evil.example/revoke", "another origin"),
        (7, "names no revocation endpoint"),
    ],
)
def test_a_token_goes_to_no_endpoint_that_is_not_the_issuers(
    server: TokenServer, revoke: Revoke, named: Any, said: str
) -> None:
    server.metadata["revocation_endpoint"] = named
    with pytest.raises(TokenOutage, match=said) as refused:
        revoke(endpoint(server), "token-7")
    assert refused.value.status == 502
    assert b"token-7" not in server.octets


def test_an_endpoint_that_is_named_needs_no_discovery_and_is_https(server: TokenServer, revoke: Revoke) -> None:
    named: dict[str, Any] = {
        "token_endpoint": f"{server.origin}/token",
        "revocation_endpoint": f"{server.origin}/revoke",
    }
    ours = TokenEndpoint(
        "https://idp.example.com", client_id="orders", authentication=client_secret_basic("s3"), **named
    )
    revoke(ours, "token-7")
    assert [each.path for each in server.requests] == ["/revoke"]
    with pytest.raises(ConfigurationError, match="not https"):
        endpoint(server, revocation_endpoint="http://idp.example.com/revoke")


@pytest.mark.parametrize("awaits", [False, True], ids=["plain", "awaited"])
def test_all_that_is_held_is_given_back_at_the_end(server: TokenServer, awaits: bool) -> None:
    ours = endpoint(server)
    for form in (FORM, OTHER):
        run(ours.token(form))
    count = asyncio.run(ours.arevoke_held()) if awaits else ours.revoke_held()
    assert count == 2
    assert [each.form for each in given_back(server)] == [[("token", "token-1")], [("token", "token-2")]]
    assert ours.revoke_held() == 0


def test_what_could_not_be_given_back_at_the_end_stays(server: TokenServer) -> None:
    ours = endpoint(server)
    for form in (FORM, OTHER):
        run(ours.token(form))
    server.answers["/revoke"] = lambda got: Say() if got.form == [("token", "token-1")] else Say(503)
    with pytest.raises(TokenOutage):
        ours.revoke_held()
    server.answers["/revoke"] = lambda _: Say()
    assert ours.revoke_held() == 1


def test_our_own_issuer_takes_it_back(server: TokenServer) -> None:
    """What this client sends is what the endpoints of this package understand."""
    from tests.issuing.clients import SECRETS, Clients

    clients = Clients()
    token = clients.token(audience="inventory")["access_token"]

    def ours(got: Received) -> Say:
        headers = {name: [value] for name, value in got.headers.items()}
        answer = clients.send("revoke", got.body, headers)
        return Say(answer.status, answer.body)

    server.answers["/revoke"] = ours
    assert clients.introspected(token)["active"] is True
    asked = endpoint(server, authentication=client_secret_basic(SECRETS["orders"]))
    asked.revoke(token)
    assert clients.introspected(token) == {"active": False}
    assert json.loads(clients.post("inventory", "introspect", token=token).body) == {"active": False}
