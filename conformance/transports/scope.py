"""An ASGI application in this process: the scope holds the bytes as they are."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, replace
from typing import Any

from ..request import Filled, Request
from ..seen import Seen, seen_from
from .log import logged

Message = MutableMapping[str, Any]
App = Callable[[Any, Any, Any], Awaitable[None]]

_PATIENCE = 30.0  # seconds


@dataclass(frozen=True)
class Scope:
    """Sends by ``scope``, ``receive`` and ``send``."""

    app: App
    name: str = "scope"

    def lacks(self, setting: str, request: Request) -> str:
        return ""

    def send(self, setting: str, request: Filled) -> Seen:
        with logged() as log:
            seen = asyncio.run(_sent(self.app, setting, request))
        return replace(seen, log="\n".join(log))


async def _sent(app: App, setting: str, request: Filled) -> Seen:
    websocket = request.kind == "websocket"
    scope: dict[str, Any] = {
        "type": request.kind,
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "scheme": "ws" if websocket else "http",
        "path": f"/{setting}{request.path}",
        "raw_path": f"/{setting}{request.path}".encode(),
        "root_path": "",
        "query_string": request.query,
        "headers": [(b"host", b"testserver"), *((name.lower(), value) for name, value in request.headers)],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
        "state": {},
    }
    if websocket:
        scope |= {"subprotocols": [], "extensions": {"websocket.http.response": {}} if request.denial else {}}
        incoming: list[Message] = [{"type": "websocket.connect"}]
    else:
        scope["method"] = request.method
        incoming = [{"type": "http.request", "body": request.body, "more_body": False}]
    answer = _Answer()

    async def receive() -> Message:
        if incoming:
            return incoming.pop(0)
        await answer.ended.wait()
        return {"type": "websocket.disconnect", "code": 1000} if websocket else {"type": "http.disconnect"}

    try:
        await asyncio.wait_for(app(scope, receive, answer.send), _PATIENCE)
    except Exception as error:  # noqa: BLE001  # a server would answer 500
        answer.error = type(error).__name__
    return answer.seen


class _Answer:
    """The messages that came so far."""

    def __init__(self) -> None:
        self.ended = asyncio.Event()
        self.error = ""
        self._status = 0
        self._headers: list[tuple[str, str]] = []
        self._body = b""
        self._closed = 0

    async def send(self, message: Message) -> None:
        kind = message["type"].removeprefix("websocket.")
        if kind in ("http.response.start", "accept"):
            self._status = message.get("status", 101)
            self._headers = [
                (name.decode("latin-1"), value.decode("latin-1")) for name, value in message.get("headers", ())
            ]
        elif kind == "http.response.body":
            self._body += message.get("body", b"")
            if not message.get("more_body"):
                self.ended.set()
        elif kind == "close":
            self._closed = message.get("code", 1000)
            self.ended.set()

    @property
    def seen(self) -> Seen:
        seen = seen_from(self._status, self._headers, self._body, closed=self._closed)
        # no server stands in front here; a close before the accept has no fields to carry a mark
        return replace(seen, by="application" if seen.by == "server" else seen.by, error=self.error)
