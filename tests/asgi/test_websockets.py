"""WebSockets behind the ASGI door: refused before they are accepted, ended when their token ends."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextvars import Context
from typing import Any, TypeVarTuple, Unpack

import pytest

from jwt_middleware import (
    AuthError,
    AuthUnavailable,
    Forbidden,
    InvalidToken,
    MissingToken,
    current_principal,
    scope,
    token_in_cookie,
    token_in_websocket_protocol,
)
from jwt_middleware.asgi import JWTMiddleware, Message, Receive, Scope, Send, demand
from tests.asgi.driving import (
    DENIAL,
    EXP,
    Peer,
    bearer,
    ending,
    guard_for,
    mint,
    never,
    raising,
    within,
)

ACCEPT = {"type": "websocket.accept"}


Ts = TypeVarTuple("Ts")


class WatchedLoop(asyncio.SelectorEventLoop):
    """A loop that remembers its timers."""

    def __init__(self) -> None:
        super().__init__()
        self.timers: list[asyncio.TimerHandle] = []

    def call_later(
        self, delay: float, callback: Callable[[Unpack[Ts]], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.TimerHandle:
        timer = super().call_later(delay, callback, *args, context=context)
        self.timers.append(timer)
        return timer


def driven(work: Callable[[WatchedLoop], Awaitable[None]]) -> None:
    async def here() -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, WatchedLoop)
        await work(loop)

    within(20, here, loop_factory=WatchedLoop)


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Accept, echo what is said, close when told to, and return when the connection has ended."""
    assert (await receive())["type"] == "websocket.connect"
    await send(ACCEPT)
    while True:
        message = await receive()
        if message["type"] == "websocket.disconnect":
            return
        if message["text"] == "close":
            await send({"type": "websocket.close", "code": 4000})
            return
        await send({"type": "websocket.send", "text": f"{current_principal().subject}: {message['text']}"})


# Before accept


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ([], 401),
        ([(b"authorization", b"Bearer x.y.z")], 401),
        ([(b"authorization", b"Bearer")], 400),
    ],
)
def test_a_handshake_is_refused_with_the_challenge_where_the_server_can_say_it(
    headers: list[tuple[bytes, bytes]], status: int
) -> None:
    async def work(_: WatchedLoop) -> None:
        peer = Peer(JWTMiddleware(never, guard=guard_for()), headers=headers, **DENIAL)
        await peer.ended
        assert peer.kinds == ["websocket.http.response.start", "websocket.http.response.body"]
        assert peer.status == status
        assert peer.headers["www-authenticate"].startswith('Bearer realm="orders"')
        assert peer.headers["content-length"] == str(len(peer.body))

    driven(work)


@pytest.mark.parametrize("extensions", [{}, {"extensions": None}, {"extensions": {"http.response.push": {}}}])
def test_a_handshake_is_closed_where_the_server_can_say_nothing_else(extensions: dict[str, Any]) -> None:
    async def work(_: WatchedLoop) -> None:
        peer = Peer(JWTMiddleware(never, guard=guard_for()), **extensions)
        await peer.ended
        assert peer.messages == [{"type": "websocket.close", "code": 1008, "reason": "token_missing"}]

    driven(work)


def test_an_auth_error_before_accept_is_a_refused_handshake() -> None:
    async def work(_: WatchedLoop) -> None:
        guarded = JWTMiddleware(raising(Forbidden(missing=["role boss"])), guard=guard_for())
        answered = Peer(guarded, headers=bearer(), **DENIAL)
        closed = Peer(guarded, headers=bearer())
        await asyncio.gather(answered.ended, closed.ended)
        assert (answered.status, b"role boss" in answered.body) == (403, True)
        assert closed.messages == [{"type": "websocket.close", "code": 1008, "reason": "requirement_not_met"}]

    driven(work)


def test_an_outage_is_said_before_accept() -> None:
    async def work(_: WatchedLoop) -> None:
        error = AuthUnavailable(retry_after=7)
        peer = Peer(JWTMiddleware(raising(error), guard=guard_for()), headers=bearer(), **DENIAL)
        await peer.ended
        assert (peer.status, peer.headers["retry-after"]) == (503, "7")

    driven(work)


def test_paths_open_websockets_and_a_pattern_for_get_counts_for_their_handshake() -> None:
    async def work(_: WatchedLoop) -> None:
        guarded = JWTMiddleware(
            echo,
            guard=guard_for(),
            public_paths=["/ticker", ("GET", "/got"), ("POST", "/posted")],
            unguarded_paths=["/v"],
        )
        for path, headers, first in (
            ("/ticker", [], "websocket.accept"),
            ("/ticker", [(b"authorization", b"Bearer x.y.z")], "websocket.close"),
            ("/v", [(b"authorization", b"Bearer x.y.z")], "websocket.accept"),
            ("/got", [], "websocket.accept"),
            ("/posted", [], "websocket.close"),
            ("/ticker/more", [], "websocket.close"),
        ):
            peer = Peer(guarded, path, headers)
            peer.says("websocket.disconnect", code=1000)
            await peer.ended
            assert peer.kinds[0] == first, path

    driven(work)


# Where the token stands


def test_a_token_among_the_subprotocols_names_the_caller() -> None:
    async def work(_: WatchedLoop) -> None:
        guarded = JWTMiddleware(echo, guard=guard_for(token_from=[token_in_websocket_protocol()]))
        peer = Peer(guarded, headers=[(b"sec-websocket-protocol", f"chat, bearer.{mint()}".encode())])
        peer.says("websocket.receive", text="hello")
        assert (await peer.sent("websocket.send"))["text"] == "alice: hello"
        peer.says("websocket.disconnect", code=1000)
        await peer.ended
        nobody = Peer(guarded, headers=[(b"sec-websocket-protocol", b"chat")], **DENIAL)
        await nobody.ended
        assert nobody.status == 401

    driven(work)


@pytest.mark.parametrize(
    ("origin", "passes"),
    [
        (b"https://app.example", True),
        (b"http://testserver", True),
        (b"https://testserver", False),
        (b"https://evil.example", False),
        (b"null", False),
        (None, False),
    ],
)
def test_a_cookie_opens_a_websocket_from_an_allowed_origin_alone(origin: bytes | None, passes: bool) -> None:
    async def work(_: WatchedLoop) -> None:
        cookie = token_in_cookie("session", secret=b"s" * 32, allowed_origins=["https://app.example"])
        headers = [(b"cookie", f"session={mint()}".encode())]
        if origin is not None:
            headers.append((b"origin", origin))
        peer = Peer(JWTMiddleware(echo, guard=guard_for(token_from=[cookie])), headers=headers, **DENIAL)
        peer.says("websocket.disconnect", code=1000)
        await peer.ended
        assert peer.kinds[0] == ("websocket.accept" if passes else "websocket.http.response.start")
        assert passes or peer.status == 403

    driven(work)


# After accept


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (MissingToken(), 3000),
        (InvalidToken("token_revoked"), 3000),
        (Forbidden(), 3003),
        (AuthUnavailable(), 1013),
    ],
)
def test_an_auth_error_after_accept_closes_the_connection(error: AuthError, code: int) -> None:
    async def work(_: WatchedLoop) -> None:
        peer = Peer(JWTMiddleware(raising(error, ACCEPT), guard=guard_for()), headers=bearer(), **DENIAL)
        await peer.ended
        assert peer.messages == [ACCEPT, {"type": "websocket.close", "code": code, "reason": error.reason}]

    driven(work)


@pytest.mark.parametrize(
    "before",
    [
        [ACCEPT, {"type": "websocket.close", "code": 4000}],
        [{"type": "websocket.close", "code": 4000}],
        [{"type": "websocket.http.response.start", "status": 404, "headers": []}],
    ],
)
def test_an_auth_error_after_the_application_has_ended_the_connection_is_raised_again(before: list[Message]) -> None:
    async def work(_: WatchedLoop) -> None:
        peer = Peer(JWTMiddleware(raising(Forbidden(), *before), guard=guard_for()), headers=bearer(), **DENIAL)
        with pytest.raises(Forbidden):
            await peer.ended
        assert peer.messages == before

    driven(work)


def test_an_auth_error_after_the_peer_has_gone_is_no_error_of_the_server(caplog: pytest.LogCaptureFixture) -> None:
    class Strict(Peer):
        """A server that takes nothing after the peer has gone."""

        async def send(self, message: Message) -> None:
            if message["type"] == "websocket.close":
                raise RuntimeError("unexpected message")
            await super().send(message)

    async def app(asked: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send(ACCEPT)
        await receive()
        demand(scope("orders:read"))

    async def work(_: WatchedLoop) -> None:
        peer = Strict(JWTMiddleware(app, guard=guard_for()), headers=bearer())
        peer.says("websocket.disconnect", code=1001)
        await peer.ended
        assert peer.messages == [ACCEPT]

    with caplog.at_level(logging.DEBUG, "jwt_middleware"):
        driven(work)
    assert "RuntimeError" in caplog.text
    assert "unexpected message" not in caplog.text


def test_other_exceptions_pass_untouched() -> None:
    async def work(loop: WatchedLoop) -> None:
        peer = Peer(JWTMiddleware(raising(KeyError("theirs"), ACCEPT), guard=guard_for()), headers=bearer())
        with pytest.raises(KeyError):
            await peer.ended
        assert [timer.cancelled() for timer in loop.timers] == [True]

    driven(work)


# When the token ends


def test_a_connection_is_closed_when_its_token_expires() -> None:
    async def work(_: WatchedLoop) -> None:
        peer = Peer(ending(echo, 0.05), headers=bearer(exp=EXP))
        assert await peer.sent("websocket.close") == {
            "type": "websocket.close",
            "code": 3000,
            "reason": "token_expired",
        }
        await peer.ended

    driven(work)


def test_one_timer_and_no_task_wait_for_the_end_and_none_before_accept() -> None:
    async def work(loop: WatchedLoop) -> None:
        tasks = len(asyncio.all_tasks())
        peer = Peer(ending(echo, 1000), headers=bearer(exp=EXP))
        await peer.sent("websocket.accept")
        for word in ("one", "two"):
            peer.says("websocket.receive", text=word)
        await peer.sent("websocket.send")
        assert len(asyncio.all_tasks()) == tasks + 1, "the application's own"
        [timer] = loop.timers
        assert timer.when() - loop.time() == pytest.approx(1000, abs=10)
        assert not timer.cancelled()
        peer.says("websocket.disconnect", code=1000)
        await peer.ended
        assert timer.cancelled()

    driven(work)


def test_who_is_never_accepted_and_who_has_no_token_has_no_timer() -> None:
    async def work(loop: WatchedLoop) -> None:
        refusing = Peer(ending(raising(Forbidden()), 1000), headers=bearer(exp=EXP))
        anonymous = Peer(JWTMiddleware(echo, guard=guard_for(), public_paths=["/"]))
        anonymous.says("websocket.disconnect", code=1000)
        await asyncio.gather(refusing.ended, anonymous.ended)
        assert loop.timers == []

    driven(work)


def test_a_token_that_ends_before_the_accept_ends_the_connection_right_after_it() -> None:
    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        until = time.monotonic() + 0.02
        while time.monotonic() < until:
            await asyncio.sleep(0)
        await echo(scope, receive, send)

    async def work(_: WatchedLoop) -> None:
        peer = Peer(ending(slow, 0.001), headers=bearer(exp=EXP))
        await peer.ended
        assert peer.kinds == ["websocket.accept", "websocket.close"]

    driven(work)


def test_after_the_end_receive_gives_a_disconnect_and_send_raises_os_error() -> None:
    seen: list[tuple[str, int]] = []

    async def stubborn(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send(ACCEPT)
        for _ in range(2):
            message = await receive()
            seen.append((message["type"], message["code"]))
        with pytest.raises(OSError, match="expired"):
            await send({"type": "websocket.send", "text": "too late"})
        await send({"type": "websocket.close", "code": 4000})

    async def work(_: WatchedLoop) -> None:
        peer = Peer(ending(stubborn, 0.02), headers=bearer(exp=EXP))
        await peer.ended
        assert peer.kinds == ["websocket.accept", "websocket.close"], "one close, and nothing after it"
        assert peer.messages[-1]["code"] == 3000

    driven(work)
    assert seen == [("websocket.disconnect", 3000)] * 2


def test_an_auth_error_after_the_end_adds_nothing() -> None:
    async def demanding(asked: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send(ACCEPT)
        await receive()
        demand(scope("orders:read"))

    async def work(_: WatchedLoop) -> None:
        peer = Peer(ending(demanding, 0.02), headers=bearer(exp=EXP))
        await peer.ended
        assert peer.kinds == ["websocket.accept", "websocket.close"]
        assert peer.messages[-1]["code"] == 3000

    driven(work)


def test_a_close_under_way_is_waited_for_when_the_application_ends_first() -> None:
    class Slow(Peer):
        """A server that needs a while for a close."""

        async def send(self, message: Message) -> None:
            if message["type"] == "websocket.close":
                self.says("websocket.disconnect", code=3000)
                for _ in range(5):
                    await asyncio.sleep(0)
            await super().send(message)

    async def work(_: WatchedLoop) -> None:
        peer = Slow(ending(echo, 0.02), headers=bearer(exp=EXP))
        await peer.ended
        assert peer.kinds == ["websocket.accept", "websocket.close"]

    driven(work)


def test_a_peer_that_was_faster_is_only_noted(caplog: pytest.LogCaptureFixture) -> None:
    class Gone(Peer):
        """A peer that has just gone."""

        async def send(self, message: Message) -> None:
            if message["type"] == "websocket.close":
                self.says("websocket.disconnect", code=1006)
                raise OSError("broken pipe")
            await super().send(message)

    async def work(_: WatchedLoop) -> None:
        peer = Gone(ending(echo, 0.02), headers=bearer(exp=EXP))
        await peer.ended
        assert peer.kinds == ["websocket.accept"]

    with caplog.at_level(logging.DEBUG, "jwt_middleware"):
        driven(work)
    assert "OSError" in caplog.text


@pytest.mark.parametrize("ends", ["application", "peer"])
def test_an_end_before_the_tokens_cancels_the_timer_and_is_the_only_one(ends: str) -> None:
    async def lingering(scope: Scope, receive: Receive, send: Send) -> None:
        await echo(scope, receive, send)
        loop = asyncio.get_running_loop()
        assert isinstance(loop, WatchedLoop)
        assert [timer.cancelled() for timer in loop.timers] == [True], "while the application still tidies up"

    async def work(loop: WatchedLoop) -> None:
        peer = Peer(ending(lingering, 1000), headers=bearer(exp=EXP))
        if ends == "application":
            peer.says("websocket.receive", text="close")
        else:
            peer.says("websocket.disconnect", code=1001)
        await peer.ended
        closes = [message["code"] for message in peer.messages if message["type"] == "websocket.close"]
        assert closes == ([4000] if ends == "application" else [])

    driven(work)
