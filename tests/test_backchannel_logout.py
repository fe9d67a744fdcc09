"""Logout tokens (OpenID Back-Channel Logout 1.0): what is taken, and what is not."""

import json
import time
import urllib.parse
from typing import Any

import pytest

from jwt_middleware import ConfigurationError, RequestInfo, TrustedIssuer
from jwt_middleware.backchannel_logout import LogoutReceiver
from jwt_middleware.issuing.exchange import Answer, IssuingRequest
from jwt_middleware.key_sources.static import static
from jwt_middleware.revocation_stores.memory import MemoryRevocations, memory
from jwt_middleware.waiting import run
from tests import tokens
from tests.verification.test_revocation import claims

EVENT = "http://schemas.openid.net/event/backchannel-logout"
TRUSTED = TrustedIssuer(tokens.ISSUER, audience="api", keys=static(jwks=tokens.jwks("ec")))


def logout_token(headers: Any = None, **changes: Any) -> str:
    said = {
        "aud": "shop",
        "sub": "alice",
        "sid": "s1",
        "events": {EVENT: {}},
        "scope": None,
        "roles": None,
        **changes,
    }
    return tokens.mint("ec", headers={"typ": "logout+jwt", **(headers or {})}, **said)


def posted(
    receiver: LogoutReceiver, body: bytes | str, content_type: str = "application/x-www-form-urlencoded"
) -> Answer:
    given = {"content-type": [content_type]}
    info = RequestInfo(method="POST", header=lambda name: given.get(name, []))
    content = body if isinstance(body, bytes) else urllib.parse.urlencode({"logout_token": body}).encode()
    return run(receiver.answer(IssuingRequest(info=info, body=content)))


def receiver(store: MemoryRevocations, **given: Any) -> LogoutReceiver:
    return LogoutReceiver(TRUSTED, **{"client_id": "shop", "revocations": store, **given})


def now() -> float:
    return time.time()


def test_a_session_ends() -> None:
    store = memory()
    answer = posted(receiver(store), logout_token())
    assert (answer.status, answer.body, dict(answer.headers)) == (200, b"", {"cache-control": "no-store"})
    assert store.is_revoked(claims(session_id="s1", subject="alice"))
    assert not store.is_revoked(claims(session_id="s2", subject="alice"))
    assert posted(receiver(store), logout_token()).status == 200  # again, without effect


@pytest.mark.parametrize("given", [{"sid": None}, {"sid": "s1"}])
def test_a_subject_loses_what_was_issued_before(given: dict[str, Any]) -> None:
    store = memory()
    whole = given["sid"] is not None
    assert posted(receiver(store, whole_subject=whole), logout_token(**given)).status == 200
    assert store.is_revoked(claims(session_id="s9", subject="alice", issued_at=now() - 10))
    assert not store.is_revoked(claims(session_id="s9", subject="alice", issued_at=now() + 10))
    assert not store.is_revoked(claims(session_id="s9", subject="bob", issued_at=now() - 10))


@pytest.mark.parametrize(
    ("headers", "changes"),
    [
        ({"typ": "JWT"}, {}),
        ({"typ": "application/logout+jwt"}, {}),
        ({}, {"sub": None}),
        ({}, {"aud": ["other", "shop"]}),
        ({}, {"events": {EVENT: {}, "https://other.example/event": {}}}),
    ],
)
def test_what_the_specification_allows_is_taken(headers: Any, changes: Any) -> None:
    assert posted(receiver(memory()), logout_token(headers, **changes)).status == 200


@pytest.mark.parametrize(
    ("headers", "changes"),
    [
        ({"typ": "at+jwt"}, {}),
        ({"typ": "dpop+jwt"}, {}),
        ({}, {"iss": "https://other.example"}),
        ({}, {"aud": "another client"}),
        ({}, {"aud": None}),
        ({}, {"aud": {"shop": 1}}),
        ({}, {"iat": None}),
        ({}, {"iat": True}),
        ({}, {"iat": 99999999999}),
        ({}, {"exp": None}),
        ({}, {"exp": "soon"}),
        ({}, {"exp": 1}),
        ({}, {"jti": None}),
        ({}, {"jti": 7}),
        ({}, {"sub": None, "sid": None}),
        ({}, {"sub": ""}),
        ({}, {"sid": 7}),
        ({}, {"events": None}),
        ({}, {"events": [EVENT]}),
        ({}, {"events": {EVENT: True}}),
        ({}, {"events": {"https://other.example/event": {}}}),
        ({}, {"nonce": "n"}),
        ({}, {"nonce": ""}),
        ({"alg": "none"}, {}),
        ({"alg": "HS256"}, {}),
        ({"kid": "unknown"}, {}),
        ({"crit": ["x"]}, {}),
    ],
)
def test_everything_else_is_refused_and_ends_nothing(headers: Any, changes: Any) -> None:
    store = memory()
    answer = posted(receiver(store), logout_token(headers, **changes))
    assert (answer.status, json.loads(answer.body)) == (400, {"error": "invalid_request"})
    assert dict(answer.headers)["cache-control"] == "no-store"
    assert not store.is_revoked(claims(session_id="s1", subject="alice"))


def test_a_foreign_signature_is_refused() -> None:
    head, said, _ = logout_token().split(".")
    forged = logout_token(sub="eve").split(".")[2]
    assert posted(receiver(memory()), f"{head}.{said}.{forged}").status == 400


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", "application/x-www-form-urlencoded"),
        (b"logout_token=", "application/x-www-form-urlencoded"),
        (b"logout_token=a&logout_token=b", "application/x-www-form-urlencoded"),
        (b"logout_token=" + b"a" * 9000, "application/x-www-form-urlencoded"),
        (b"\xff", "application/x-www-form-urlencoded"),
        (b"a=1&" * 50, "application/x-www-form-urlencoded"),
        (b'{"logout_token": "x"}', "application/json"),
    ],
)
def test_a_body_that_is_no_such_form_is_refused(body: bytes, content_type: str) -> None:
    assert posted(receiver(memory()), body, content_type).status == 400


def test_a_store_out_of_reach_is_503_and_not_a_success() -> None:
    store = memory()

    def away(revocation: Any) -> None:
        raise OSError("away")

    store.revoke = away  # type: ignore[method-assign]  # a store that fails
    answer = posted(receiver(store), logout_token())
    assert answer.status == 503
    assert "retry-after" in dict(answer.headers)


def test_wrong_settings_are_refused() -> None:
    for given in ({"client_id": ""}, {"token_lifetime": 0}, {"token_lifetime": True}):
        with pytest.raises(ConfigurationError):
            receiver(memory(), **given)
    with pytest.raises(ConfigurationError, match="name a TrustedIssuer"):
        LogoutReceiver(client_id="shop", revocations=memory())
    assert repr(receiver(memory())) == "<LogoutReceiver of 'shop'>"


def test_starlette_has_a_route_for_it() -> None:
    pytest.importorskip("starlette", reason="needs the package starlette")
    from starlette.applications import Starlette
    from starlette.testclient import TestClient

    from jwt_middleware.starlette_issuing import backchannel_logout_route

    store = memory()
    client = TestClient(Starlette(routes=[backchannel_logout_route(receiver(store))]))
    assert client.get("/backchannel-logout").status_code == 405
    assert client.post("/backchannel-logout", data={"logout_token": logout_token()}).status_code == 200
    assert store.is_revoked(claims(session_id="s1"))
    assert client.post("/backchannel-logout").status_code == 400
