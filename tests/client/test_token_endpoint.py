"""A token endpoint, asked over real connections: found, asked within bounds, and what it may answer."""

import asyncio
import json
import logging
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jwt_middleware import ConfigurationError, TokenOutage
from jwt_middleware.client import TokenEndpoint, client_secret_basic, client_secret_post, private_key_jwt
from jwt_middleware.client.token_answer import Granted
from jwt_middleware.issuing import SigningKey
from jwt_middleware.waiting import run

from .conftest import Clock
from .servers import Listener, Received, Say, TokenServer

FORM = [("grant_type", "client_credentials"), ("resource", "https://inventory.example.com/v1")]


def endpoint(issuer: str, **given: Any) -> TokenEndpoint:
    return TokenEndpoint(issuer, **{"client_id": "orders", "authentication": client_secret_basic("s3"), **given})


def found(asked: TokenEndpoint, form: list[tuple[str, str]] = FORM) -> Granted:
    return run(asked.token(form))


def refused(asked: TokenEndpoint) -> TokenOutage:
    with pytest.raises(TokenOutage) as caught:
        found(asked)
    return caught.value


def test_it_is_found_by_discovery_and_asked_with_a_form(issuer: TokenServer) -> None:
    assert found(endpoint(issuer.origin)) == Granted("token-1", 300.0, None)
    (asked,) = issuer.asked
    assert asked.method == "POST"
    assert asked.form == FORM
    assert asked.headers["content-type"] == "application/x-www-form-urlencoded"
    assert asked.headers["authorization"].startswith("Basic ")


def test_it_is_found_awaited_as_well(issuer: TokenServer) -> None:
    assert asyncio.run(endpoint(issuer.origin).token(FORM)).token == "token-1"


def test_metadata_is_found_where_rfc_8414_puts_it(issuer: TokenServer) -> None:
    metadata = issuer.metadata = {"issuer": f"{issuer.origin}/t1", "token_endpoint": f"{issuer.origin}/token"}
    issuer.answers["/.well-known/oauth-authorization-server/t1"] = lambda _: Say(body=json.dumps(metadata).encode())
    assert found(endpoint(f"{issuer.origin}/t1")).token == "token-1"


def test_an_endpoint_that_is_named_needs_no_discovery(issuer: TokenServer) -> None:
    assert found(endpoint("https://idp.example.com", token_endpoint=f"{issuer.origin}/token")).token == "token-1"
    assert [each.path for each in issuer.requests] == ["/token"]


def test_the_way_to_it_is_remembered_as_long_as_its_metadata_says(issuer: TokenServer, clock: Clock) -> None:
    asked = endpoint(issuer.origin, clock=clock)
    found(asked)
    clock.now += 299  # the token has been renewed by then
    found(asked)
    assert [each.path for each in issuer.requests].count("/.well-known/openid-configuration") == 1
    clock.now += 3600
    issuer.answers["/.well-known/openid-configuration"] = lambda _: Say(500)
    assert found(asked).token == "token-3"  # it has hardly moved


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://other.example.com"},
        {"token_endpoint": 7},
        {"token_endpoint": None},
        {"token_endpoint": "http://198.51.100.1/token"},
        {"token_endpoint": "ftp://127.0.0.1/token"},
        {"token_endpoint": "https://user:password@127.0.0.1/token"},
    ],
)
def test_metadata_of_somebody_else_or_with_a_bad_endpoint_is_not_believed(
    issuer: TokenServer, metadata: dict[str, Any]
) -> None:
    issuer.metadata |= metadata
    assert refused(endpoint(issuer.origin)).status == 503
    assert issuer.asked == []


def test_an_endpoint_at_another_origin_must_be_listed(
    issuer: TokenServer, listener: Callable[..., TokenServer]
) -> None:
    other = listener(TokenServer)
    issuer.metadata["token_endpoint"] = f"{other.origin}/token"
    assert refused(endpoint(issuer.origin)).status == 502
    assert other.requests == []
    assert found(endpoint(issuer.origin, endpoint_origins=[other.origin])).token == "token-1"
    assert len(other.asked) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_gets_neither_secret_nor_form(
    issuer: TokenServer, listener: Callable[..., Listener], status: int
) -> None:
    thief = listener()
    issuer.failure = Say(status, location=f"{thief.origin}/token")
    for shown in (client_secret_basic("s3"), client_secret_post("s3"), private_key_jwt(SigningKey.generate("EdDSA"))):
        assert refused(endpoint(issuer.origin, authentication=shown)).status == 502
    assert thief.octets == b""


def test_proxies_of_the_environment_are_not_used(
    issuer: TokenServer, target: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, target.origin)
    found(endpoint(issuer.origin))
    assert target.octets == b""


def test_over_tls_its_certificate_is_verified(listener: Callable[..., TokenServer], certificate: Path) -> None:
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate)
    issuer = listener(TokenServer, tls)
    assert found(endpoint(issuer.origin, ca_file=certificate)).token == "token-1"
    before = len(issuer.octets)
    assert refused(endpoint(issuer.origin)).status == 503
    assert len(issuer.octets) == before


GOOD = {"access_token": "abc", "token_type": "Bearer", "expires_in": 300}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, Granted("abc", 300.0)),
        ({"token_type": "bEARER"}, Granted("abc", 300.0)),
        ({"expires_in": "3600"}, Granted("abc", 3600.0)),
        ({"expires_in": 299.5}, Granted("abc", 299.5)),
        ({"expires_in": None}, Granted("abc", 60.0)),
        ({"expires_in": 10**30}, Granted("abc", 86_400.0)),
        ({"scope": "b a"}, Granted("abc", 300.0, ("b", "a"))),
        ({"scope": ""}, Granted("abc", 300.0, ())),
        ({"scope": ["a"]}, Granted("abc", 300.0)),
        ({"surprise": {"x": 1}}, Granted("abc", 300.0)),
        ({"refresh_token": "never kept"}, Granted("abc", 300.0)),
        ({"issued_token_type": "urn:ietf:params:oauth:token-type:jwt"}, Granted("abc", 300.0)),
    ],
)
def test_an_answer_is_read(issuer: TokenServer, said: dict[str, Any], expected: Granted) -> None:
    issuer.said = {**GOOD, **said}
    assert found(endpoint(issuer.origin)) == expected


@pytest.mark.parametrize(
    "said",
    [
        {"access_token": None},
        {"access_token": ""},
        {"access_token": "a b"},
        {"access_token": "abc\r\nx: y"},
        {"access_token": "ä"},
        {"access_token": "a" * 16_385},
        {"access_token": 7},
        {"token_type": None},
        {"token_type": "DPoP"},
        {"token_type": "N_A"},
        {"expires_in": 0},
        {"expires_in": -1},
        {"expires_in": True},
        {"expires_in": "soon"},
        {"expires_in": float("nan")},
        {"issued_token_type": "urn:ietf:params:oauth:token-type:refresh_token"},
    ],
)
def test_what_is_no_token_is_not_sent(issuer: TokenServer, said: dict[str, Any]) -> None:
    issuer.said = {**GOOD, **said}
    assert refused(endpoint(issuer.origin)).status == 502


@pytest.mark.parametrize("body", [b"", b"[]", b"\xff", b"{", b"[" * 5000, b"<html>"])
def test_what_is_no_json_is_no_token(issuer: TokenServer, body: bytes) -> None:
    issuer.failure = Say(body=body)
    assert refused(endpoint(issuer.origin)).status == 502


@pytest.mark.parametrize(
    ("code", "named"),
    [
        ("invalid_client", "invalid_client"),
        ("invalid_target", "invalid_target"),
        ("<script>", "status 400"),
        (7, "status 400"),
    ],
)
def test_a_refusal_is_named_by_its_code_and_by_no_other_text(
    issuer: TokenServer, caplog: pytest.LogCaptureFixture, code: object, named: str
) -> None:
    said = {"error": code, "error_description": "the secret s3 is wrong", "error_uri": "https://evil.example"}
    issuer.failure = Say(400, json.dumps(said).encode())
    error = refused(endpoint(issuer.origin))
    assert (error.status, error.refused, error.retry_after) == (502, named, 1)
    assert named in str(error)
    for text in ("s3", "evil", "script"):
        assert text not in str(error)
        assert text not in caplog.text


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_an_outage_says_when_to_come_again(issuer: TokenServer, status: int) -> None:
    issuer.failure = Say(status, retry_after="7")
    error = refused(endpoint(issuer.origin))
    assert (error.status, error.retry_after) == (503, 7)


def test_nobody_listens(listener: Callable[..., TokenServer]) -> None:
    gone = listener(TokenServer)
    gone.stop()
    error = refused(endpoint(gone.origin))
    assert error.status == 503
    assert "reached" in str(error)
    gone.__init__()  # type: ignore[misc]  # so that it can be stopped again


def test_a_server_that_never_answers_does_not_hold_us(issuer: TokenServer) -> None:
    issuer.may_answer.clear()
    try:
        error = refused(endpoint(issuer.origin, timeout=0.2))
    finally:
        issuer.may_answer.set()
    assert error.status == 503


def test_a_connection_that_breaks_is_tried_once_more_with_a_new_assertion(issuer: TokenServer) -> None:
    seen: list[Received] = []

    def breaks(received: Received) -> Say:
        seen.append(received)
        if len(seen) == 1:
            raise ConnectionError
        return Say(body=json.dumps(GOOD).encode())

    issuer.answers["/token"] = breaks
    asked = endpoint(issuer.origin, authentication=private_key_jwt(SigningKey.generate("EdDSA")))
    assert found(asked).token == "abc"
    first, second = (dict(each.form)["client_assertion"] for each in seen)
    assert first != second


def test_neither_secret_nor_token_is_logged_or_shown(issuer: TokenServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    asked = endpoint(issuer.origin, authentication=client_secret_post("s3cr3t-of-orders"))
    given = found(asked)
    issuer.failure = Say(500)
    refused(endpoint(issuer.origin, authentication=client_secret_post("s3cr3t-of-orders")))
    for text in ("s3cr3t-of-orders", "token-1"):
        assert text not in caplog.text
        assert text not in repr(asked) + repr(given) + repr(vars(asked))


def test_mistakes_are_named_all_at_once() -> None:
    with pytest.raises(ConfigurationError) as caught:
        TokenEndpoint(
            "http://idp.example.com",
            client_id="",
            authentication="s3",  # type: ignore[arg-type]  # a mistake
            token_endpoint="https://u:p@idp.example.com/token",
            endpoint_origins=["idp.example.com"],
            timeout=0,
        )
    assert len(caught.value.mistakes) == 6
    with pytest.raises(ConfigurationError, match="ca_file"):
        endpoint("https://idp.example.com", ca_file="/nowhere.pem")
    endpoint("http://idp.example.com", insecure_plain_http_lets_anyone_on_the_way_read_secrets=True)
