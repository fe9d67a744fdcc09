"""An ASGI application as a server drives it: requests, WebSockets, and tokens for both."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import jwt

from jwt_middleware import Decision, Guard, TrustedIssuer, current_principal
from jwt_middleware.asgi import App, JWTMiddleware, Message, Receive, Scope, Send
from jwt_middleware.key_sources.static import static

ISSUER = "https://issuer.example"
SECRET = "0123456789abcdef" * 4
DENIAL: dict[str, Any] = {"extensions": {"websocket.http.response": {}}}
EXP = 2_000_000_000
LEEWAY = 30  # seconds, a TrustedIssuer's own
Headers = Iterable[tuple[bytes, bytes]]


def guard_for(**arguments: Any) -> Guard:
    return Guard(TrustedIssuer(ISSUER, audience="orders", keys=static(secret=SECRET)), **arguments)


def mint(subject: str = "alice", **changes: Any) -> str:
    claims = {"iss": ISSUER, "aud": "orders", "sub": subject, "exp": time.time() + 300, **changes}
    return jwt.encode(claims, SECRET, "HS256")


def bearer(subject: str = "alice", **changes: Any) -> list[tuple[bytes, bytes]]:
    return [(b"authorization", f"Bearer {mint(subject, **changes)}".encode())]


def ending(app: App, left: float) -> JWTMiddleware:
    """Behind its door, where a token that expires at EXP is good for ``left`` seconds, whenever it comes."""
    return JWTMiddleware(app, guard=guard_for(clock=lambda: EXP + LEEWAY - left))


class Told:
    """An observer that remembers the reasons."""

    def __init__(self) -> None:
        self.reasons: list[str] = []

    def decided(self, decision: Decision) -> None:
        self.reasons.append(decision.reason)


class Answer:
    """What a server was given, message by message."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    async def send(self, message: Message) -> None:
        self.messages.append(message)

    @property
    def kinds(self) -> list[str]:
        return [message["type"] for message in self.messages]

    @property
    def status(self) -> int:
        started = [message for message in self.messages if message["type"].endswith("http.response.start")]
        assert len(started) == 1, self.kinds
        return int(started[0]["status"])

    @property
    def headers(self) -> dict[str, str]:
        start = next(message for message in self.messages if message["type"].endswith("http.response.start"))
        return {name.decode(): value.decode() for name, value in start.get("headers", ())}

    @property
    def body(self) -> bytes:
        return b"".join(
            message.get("body", b"") for message in self.messages if message["type"].endswith("http.response.body")
        )


def request_scope(path: str = "/", method: str = "GET", headers: Headers = (), **changes: Any) -> dict[str, Any]:
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.5"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "query_string": b"",
        "headers": [(b"host", b"testserver"), *headers],
        **changes,
    }


async def answered(app: App, path: str = "/", method: str = "GET", headers: Headers = (), **changes: Any) -> Answer:
    """One request without a body, in the loop that runs."""
    answer = Answer()

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    await app(request_scope(path, method, headers, **changes), receive, answer.send)
    return answer


def ask(app: App, path: str = "/", method: str = "GET", headers: Headers = (), **changes: Any) -> Answer:
    """One request without a body, in a loop of its own."""
    return asyncio.run(answered(app, path, method, headers, **changes))


class Peer(Answer):
    """The other side of a WebSocket: ``says`` what is to be received, and learns what was sent."""

    def __init__(self, app: App, path: str = "/", headers: Headers = (), **changes: Any) -> None:
        super().__init__()
        self._incoming: asyncio.Queue[Message] = asyncio.Queue()
        self._sent = asyncio.Event()
        self.says("websocket.connect")
        scope = request_scope(path, headers=headers, type="websocket", scheme="ws", subprotocols=[])
        del scope["method"]
        self.ended: asyncio.Task[None] = asyncio.create_task(self._run(app, {**scope, **changes}))

    async def _run(self, app: App, scope: Scope) -> None:
        await app(scope, self.receive, self.send)

    def says(self, kind: str, **message: Any) -> None:
        self._incoming.put_nowait({"type": kind, **message})

    async def receive(self) -> Message:
        return await self._incoming.get()

    async def send(self, message: Message) -> None:
        await super().send(message)
        if message["type"] == "websocket.close":
            self.says("websocket.disconnect", code=message.get("code", 1000))
        self._sent.set()

    async def sent(self, kind: str) -> Message:
        """The first message of this kind, as soon as it is sent."""
        while kind not in self.kinds:
            assert not self.ended.done(), self.kinds
            self._sent.clear()
            await self._sent.wait()
        return next(message for message in self.messages if message["type"] == kind)


async def respond(send: Send, body: bytes = b"", status: int = 200, **more: Any) -> None:
    await send({"type": "http.response.start", "status": status, **more})
    await send({"type": "http.response.body", "body": body})


async def whoami(scope: Scope, receive: Receive, send: Send) -> None:
    assert scope["user"] is scope["auth"] is current_principal()
    await respond(send, current_principal().subject.encode() or b"anonymous")


async def never(scope: Scope, receive: Receive, send: Send) -> None:
    raise AssertionError("the application was reached")


def raising(error: Exception, *before: Message) -> App:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        for message in before:
            await send(message)
        raise error

    return app


def within(seconds: float, work: Callable[[], Awaitable[None]], **options: Any) -> None:
    """Run ``work`` in a loop of its own; what hangs fails."""

    async def limited() -> None:
        async with asyncio.timeout(seconds):
            await work()

    with asyncio.Runner(**options) as runner:
        runner.run(limited())
