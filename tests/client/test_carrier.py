"""Which token a target gets, from each HTTP client, over real connections."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from jwt_middleware import ConfigurationError, Guard, TokenOutage, TokenUnavailable
from jwt_middleware.client import (
    TokenEndpoint,
    client_credentials,
    client_secret_basic,
    exchange_token,
    forward_token,
)

from .calling import LOCAL, calling
from .conftest import Clock
from .sending import SENDERS, Sender, Table
from .servers import Listener, Received, Say, TokenServer

RESOURCE = "https://inventory.example.com/v1"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"

pytestmark = pytest.mark.parametrize("send", SENDERS, ids=[each.name for each in SENDERS])


def endpoint(issuer: TokenServer, **given: Any) -> TokenEndpoint:
    return TokenEndpoint(issuer.origin, client_id="orders", authentication=client_secret_basic("s3"), **given)


def invalid(_: Received) -> Say:
    return Say(401, www_authenticate='Bearer realm="inventory", error="invalid_token"')


# Forwarding the caller's token.


def test_the_callers_token_goes_to_a_target_that_it_is_meant_for(send: Sender, target: Listener) -> None:
    token = LOCAL.token("ann")
    with calling(token):
        (answered,) = send({target.origin: forward_token("orders")}, f"{target.origin}/items?x=1")
    assert (answered.status, target.tokens, target.requests[0].path) == (200, [token], "/items?x=1")


def test_a_token_for_several_audiences_goes_to_each(send: Sender, target: Listener) -> None:
    token = LOCAL._issuer.access_token("ann", audience=["orders", "inventory"], client_id="shop")
    with calling(token):
        send({target.origin: forward_token("inventory")}, target.origin)
    assert target.tokens == [token]


@pytest.mark.parametrize("audience", ["inventory", "order", "orders2", "ORDERS"])
def test_it_goes_to_nobody_else(send: Sender, target: Listener, audience: str) -> None:
    with calling(LOCAL.token("ann")), pytest.raises(TokenUnavailable, match="not meant for this target"):
        send({target.origin: forward_token(audience)}, target.origin)
    assert target.octets == b""


def test_to_a_target_that_is_not_listed_nothing_is_sent(
    send: Sender, target: Listener, listener: Callable[..., Listener]
) -> None:
    listed = listener()
    with calling(LOCAL.token("ann")):
        for url in (target.origin, f"{listed.origin}@127.0.0.1:{target.port}/", f"http://localhost:{target.port}/"):
            with pytest.raises(TokenUnavailable) as caught:
                send({listed.origin: forward_token("orders")}, url)
            assert not isinstance(caught.value, TokenOutage)
    assert target.octets == listed.octets == b""


def test_plain_http_is_another_target_than_https(send: Sender, target: Listener) -> None:
    with calling(LOCAL.token("ann")), pytest.raises(TokenUnavailable, match="not listed"):
        send({target.origin.replace("http:", "https:"): forward_token("orders")}, target.origin)
    assert target.octets == b""


def test_a_token_that_expires_while_its_request_goes_on_is_not_sent(send: Sender, target: Listener) -> None:
    clock = Clock(time.time())
    guard = Guard(LOCAL.trusted, observers=[], clock=clock)
    with calling(LOCAL.token("ann"), guard):
        clock.now += 320  # within the leeway of this service, as of its target
        send({target.origin: forward_token("orders")}, target.origin)
        clock.now += 20
        with pytest.raises(TokenUnavailable, match="expired"):
            send({target.origin: forward_token("orders")}, target.origin)
    assert len(target.requests) == 1


def test_nobody_calls_so_nothing_is_forwarded(send: Sender, target: Listener) -> None:
    with pytest.raises(TokenUnavailable, match="no caller"):
        send({target.origin: forward_token("orders")}, target.origin)
    assert target.octets == b""


def test_a_request_that_was_rewritten_on_its_way_forwards_nothing(send: Sender, target: Listener) -> None:
    for shown in (LOCAL.token("bob"), "no-token", LOCAL.token("ann")[:-300] + "." + "x" * 20):
        with calling(LOCAL.token("ann"), shown=shown), pytest.raises(TokenUnavailable, match="no longer holds"):
            send({target.origin: forward_token("orders")}, target.origin)
    assert target.octets == b""


def test_a_forwarded_token_that_the_target_refuses_is_not_sent_again(send: Sender, target: Listener) -> None:
    target.answers["/"] = invalid
    with calling(LOCAL.token("ann")):
        (answered,) = send({target.origin: forward_token("orders")}, f"{target.origin}/")
    assert (answered.status, len(target.requests)) == (401, 1)


def test_a_target_without_a_rule_gets_no_token_and_keeps_its_own_header(send: Sender, target: Listener) -> None:
    with calling(LOCAL.token("ann")):
        send({target.origin: None}, target.origin)
        send({target.origin: None}, target.origin, headers={"Authorization": "Basic eDp5"})
    assert [each.headers.get("authorization") for each in target.requests] == [None, "Basic eDp5"]


def test_a_header_of_the_application_is_replaced_where_a_rule_stands(send: Sender, target: Listener) -> None:
    token = LOCAL.token("ann")
    with calling(token):
        send({target.origin: forward_token("orders")}, target.origin, headers={"Authorization": "Bearer forged"})
    assert target.tokens == [token]
    assert b"forged" not in target.octets


# Tokens of our own.


def test_our_own_token_is_fetched_once_for_its_resource_and_scopes(
    send: Sender, target: Listener, issuer: TokenServer
) -> None:
    rule = client_credentials(endpoint(issuer), resource=RESOURCE, scopes=["b", "a"])
    send({target.origin: rule}, target.origin, times=3)
    assert target.tokens == ["token-1"] * 3
    (asked,) = issuer.asked
    assert asked.form == [("grant_type", "client_credentials"), ("resource", RESOURCE), ("scope", "a b")]


def test_one_client_serves_targets_by_different_rules(
    send: Sender, issuer: TokenServer, listener: Callable[..., Listener]
) -> None:
    orders, inventory, billing, status = (listener() for _ in range(4))
    ours, token = endpoint(issuer), LOCAL.token("ann")
    table: Table = {
        orders.origin: forward_token("orders"),
        inventory.origin: client_credentials(ours, resource=None, audience="inventory"),
        billing.origin: exchange_token(ours, resource=None, audience="billing"),
        status.origin: None,
    }
    with calling(token):
        for each in (orders, inventory, billing, status):
            send(table, each.origin)
    assert [each.tokens for each in (orders, inventory, billing, status)] == [[token], ["token-1"], ["token-2"], [None]]


@pytest.mark.parametrize("difference", [{"scopes": ["c"]}, {"audience": "c"}, {"resource": "https://c.example"}])
def test_what_is_asked_for_differently_is_kept_apart(
    send: Sender, target: Listener, issuer: TokenServer, difference: dict[str, Any]
) -> None:
    ours = endpoint(issuer)
    given: dict[str, Any] = {"resource": RESOURCE}
    for rule in (client_credentials(ours, **given), client_credentials(ours, **{**given, **difference})):
        send({target.origin: rule}, target.origin)
    assert target.tokens == ["token-1", "token-2"]


def test_an_issuer_that_is_down_stops_nobody_while_the_token_is_good(
    send: Sender, target: Listener, issuer: TokenServer, clock: Clock
) -> None:
    rule = client_credentials(endpoint(issuer, clock=clock), resource=RESOURCE)
    send({target.origin: rule}, target.origin)
    issuer.failure = Say(500)
    clock.now += 269
    assert [each.status for each in send({target.origin: rule}, target.origin, times=10)] == [200] * 10
    clock.now += 2
    with pytest.raises(TokenOutage) as caught:
        send({target.origin: rule}, target.origin)
    assert caught.value.status == 503
    assert set(target.tokens) == {"token-1"}


# Exchanged tokens.


def test_the_callers_token_is_exchanged_once_for_each_caller(
    send: Sender, target: Listener, issuer: TokenServer
) -> None:
    rule = exchange_token(endpoint(issuer), resource=RESOURCE, scopes=["read"])
    ann, bob = LOCAL.token("ann"), LOCAL.token("bob")
    for token in (ann, bob, ann):
        with calling(token):
            send({target.origin: rule}, target.origin)
    assert target.tokens == ["token-1", "token-2", "token-1"]
    assert issuer.asked[0].form == [
        ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
        ("resource", RESOURCE),
        ("scope", "read"),
        ("subject_token", ann),
        ("subject_token_type", ACCESS_TOKEN),
    ]
    assert ann.encode() not in target.octets


def test_nobody_calls_so_nothing_is_exchanged(send: Sender, target: Listener, issuer: TokenServer) -> None:
    with pytest.raises(TokenUnavailable, match="no caller"):
        send({target.origin: exchange_token(endpoint(issuer), resource=RESOURCE)}, target.origin)
    assert target.octets == issuer.octets == b""


def test_a_token_of_our_own_says_who_acts_where_the_issuer_wants_one(
    send: Sender, target: Listener, issuer: TokenServer
) -> None:
    ours = endpoint(issuer)
    rule = exchange_token(ours, resource=RESOURCE, actor=client_credentials(ours, resource=issuer.origin))
    with calling(LOCAL.token("ann")):
        send({target.origin: rule}, target.origin, times=2)
    assert target.tokens == ["token-2", "token-2"]
    assert issuer.asked[1].form[-2:] == [("actor_token", "token-1"), ("actor_token_type", ACCESS_TOKEN)]


def test_an_exchange_that_is_refused_is_no_fault_of_the_caller(
    send: Sender, target: Listener, issuer: TokenServer
) -> None:
    issuer.failure = Say(400, b'{"error": "invalid_request"}')
    with calling(LOCAL.token("ann")), pytest.raises(TokenOutage) as caught:
        send({target.origin: exchange_token(endpoint(issuer), resource=RESOURCE)}, target.origin)
    assert (caught.value.status, caught.value.refused) == (502, "invalid_request")
    assert target.octets == b""


# What a target says of a token.


def test_a_token_that_died_early_is_renewed_and_the_request_sent_once_more(
    send: Sender, target: Listener, issuer: TokenServer
) -> None:
    target.answers["/"] = lambda received: invalid(received) if received.token == "token-1" else Say()
    rule = client_credentials(endpoint(issuer), resource=RESOURCE)
    found = send({target.origin: rule}, f"{target.origin}/", method="POST", content=b"a body", times=2)
    assert [each.status for each in found] == [200, 200]
    assert target.tokens == ["token-1", "token-2", "token-2"]
    assert [each.body for each in target.requests] == [b"a body"] * 3


def test_a_token_that_is_never_good_is_renewed_once(send: Sender, target: Listener, issuer: TokenServer) -> None:
    target.answers["/"] = invalid
    rule = client_credentials(endpoint(issuer), resource=RESOURCE)
    found = send({target.origin: rule}, f"{target.origin}/", times=5)
    assert [each.status for each in found] == [401] * 5
    assert target.tokens == ["token-1", *["token-2"] * 5]
    assert len(issuer.asked) == 2


def test_a_body_that_is_gone_is_not_sent_again(send: Sender, target: Listener, issuer: TokenServer) -> None:
    target.answers["/"] = invalid
    rule = client_credentials(endpoint(issuer), resource=RESOURCE)
    (answered,) = send({target.origin: rule}, f"{target.origin}/", method="POST", content=iter([b"one", b"two"]))
    assert (answered.status, len(target.requests), len(issuer.asked)) == (401, 1, 1)
    assert target.requests[0].body == b"onetwo"


@pytest.mark.parametrize(
    ("status", "challenge"),
    [
        (403, 'Bearer error="invalid_token"'),
        (403, 'Bearer error="insufficient_scope", scope="admin"'),
        (401, 'Bearer error="insufficient_scope", scope="admin"'),
        (401, 'Bearer realm="x"'),
        (401, 'Basic realm="x", Negotiate'),
        (401, 'Bearer realm="x, error=invalid_token'),
        (200, 'Bearer error="invalid_token"'),
        (500, 'Bearer error="invalid_token"'),
        (407, 'Bearer error="invalid_token"'),
        (401, ""),
    ],
)
def test_any_other_answer_is_left_as_it_is(
    send: Sender, target: Listener, issuer: TokenServer, status: int, challenge: str
) -> None:
    target.answers["/"] = lambda _: Say(status, www_authenticate=challenge)
    (answered,) = send({target.origin: client_credentials(endpoint(issuer), resource=RESOURCE)}, f"{target.origin}/")
    assert (answered.status, len(target.requests), len(issuer.asked)) == (status, 1, 1)


def test_one_challenge_of_several_lines_is_enough(send: Sender, target: Listener, issuer: TokenServer) -> None:
    lines = ["DPoP algs=ES256", 'Bearer realm="a, b", error="invalid_token"']
    target.answers["/"] = lambda received: Say(401, www_authenticate=lines) if received.token == "token-1" else Say()
    (answered,) = send({target.origin: client_credentials(endpoint(issuer), resource=RESOURCE)}, f"{target.origin}/")
    assert answered.status == 200


def test_a_refusal_while_the_issuer_is_down_is_what_the_application_sees(
    send: Sender, target: Listener, issuer: TokenServer
) -> None:
    target.answers["/"] = invalid
    rule = client_credentials(endpoint(issuer), resource=RESOURCE)
    send({target.origin: rule}, f"{target.origin}/other")
    issuer.failure = Say(503)
    (answered,) = send({target.origin: rule}, f"{target.origin}/")
    assert answered.status == 401
    (answered,) = send({target.origin: rule}, f"{target.origin}/other")
    assert (answered.status, set(target.tokens)) == (200, {"token-1"})


# Mistakes.


def test_mistakes_in_the_table_are_named_all_at_once(send: Sender) -> None:
    rule = forward_token("orders")
    with pytest.raises(ConfigurationError) as caught:
        send(
            {
                "http://orders.example.com": rule,
                "https://a.example/path": rule,
                "https://u:p@b.example": rule,
                "https://c.example#x": rule,
                "d.example": rule,
                "https://e.example": "rule",  # type: ignore[dict-item]  # a mistake
                "https://f.example": rule,
                "https://F.example:443/": rule,
                "http://127.0.0.1": rule,
                "https://g.example?x=1": rule,
                "https://ü..example": rule,
            },
            "https://a.example",
        )
    assert len(caught.value.mistakes) == 10, caught.value
    with pytest.raises(ConfigurationError, match="at least one"):
        send({}, "https://a.example")


def test_a_target_may_be_plain_http_by_the_switch(send: Sender, target: Listener) -> None:
    switch: dict[str, Any] = {"insecure_plain_http_lets_anyone_on_the_way_read_tokens": True}
    with calling(LOCAL.token("ann")):
        table = {"http://orders.example.com": forward_token("orders"), target.origin: forward_token("orders")}
        send(table, target.origin, **switch)
    assert len(target.requests) == 1
