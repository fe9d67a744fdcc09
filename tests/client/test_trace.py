"""The trace of a request goes on to whom it calls, from each HTTP client; nothing else of its headers does."""

import pytest

from jwt_middleware.client import forward_token

from .calling import LOCAL, calling
from .sending import SENDERS, Sender
from .servers import Listener

PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

pytestmark = pytest.mark.parametrize("send", SENDERS, ids=[each.name for each in SENDERS])


def seen(target: Listener) -> list[tuple[str | None, str | None]]:
    return [(each.headers.get("traceparent"), each.headers.get("tracestate")) for each in target.requests]


def test_it_is_passed_on_beside_the_token_and_no_baggage_is(send: Sender, target: Listener) -> None:
    token = LOCAL.token("ann")
    beside = {"traceparent": PARENT, "tracestate": "vendor=1", "baggage": f"token={token}", "x-request-id": "7"}
    with calling(token, beside=beside):
        send({target.origin: forward_token("orders")}, target.origin)
        send({target.origin: None}, target.origin)
    assert seen(target) == [(PARENT, "vendor=1")] * 2
    assert target.tokens == [token, None]
    assert target.octets.count(token.encode()) == 1
    assert not any({"baggage", "x-request-id"} & set(each.headers) for each in target.requests)


def test_who_traces_by_themselves_is_left_alone(send: Sender, target: Listener) -> None:
    own = PARENT.replace("00f067aa0ba902b7", "1111111111111111")
    with calling(LOCAL.token("ann"), beside={"traceparent": PARENT, "tracestate": "vendor=1"}):
        send({target.origin: None}, target.origin, headers={"traceparent": own})
    assert seen(target) == [(own, None)]


@pytest.mark.parametrize(
    "said",
    [
        "",
        "x",
        PARENT.upper(),
        PARENT + "-extra",
        PARENT.replace("00-", "ff-", 1),
        "00-" + "0" * 32 + "-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-" + "0" * 16 + "-01",
        PARENT + "\n",
    ],
)
def test_what_is_no_trace_is_not_passed_on(send: Sender, target: Listener, said: str) -> None:
    with calling(LOCAL.token("ann"), beside={"traceparent": said, "tracestate": "vendor=1"}):
        send({target.origin: None}, target.origin)
    assert seen(target) == [(None, None)]


@pytest.mark.parametrize("state", ["x" * 513, "a=\x01", "a=\u00e9", ""])
def test_a_state_that_cannot_be_sent_is_left_out(send: Sender, target: Listener, state: str) -> None:
    with calling(LOCAL.token("ann"), beside={"traceparent": PARENT, "tracestate": state}):
        send({target.origin: None}, target.origin)
    assert seen(target) == [(PARENT, None)]


def test_outside_of_a_request_there_is_none(send: Sender, target: Listener) -> None:
    send({target.origin: None}, target.origin)
    assert seen(target) == [(None, None)]
