"""The application of this project behind the door for ASGI, mounted once per setting."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from starlette.middleware.cors import CORSMiddleware

from jwt_middleware import until_expiry
from jwt_middleware.asgi import JWTMiddleware, demand

from .mounted import Mounted, Place
from .routes import EVENTS, PUBLIC, reply
from .settings import Issuers, guard_for


def application(issuers: Issuers) -> Any:
    """An ASGI application whose first path segment names the setting."""

    def build(setting: str) -> Any:
        app: Any = JWTMiddleware(_app, guard=guard_for(setting, issuers), public_paths=PUBLIC)
        if setting == "cors":  # outside, so that its fields reach refusals
            app = CORSMiddleware(app, allow_origins=["https://app.example"], expose_headers=["WWW-Authenticate"])
        return app

    mounted = Mounted(build)

    async def mount(scope: Any, receive: Any, send: Any) -> None:
        place = mounted.at(scope["path"])
        turns = Turns() if place.root == "/slow-keys" else None

        async def marked(message: Any) -> None:
            if message["type"] in ("http.response.start", "websocket.http.response.start", "websocket.accept"):
                more = [_raw(place)] if turns is None else [_raw(place), (b"x-loop", turns.seen())]
                message = {**message, "headers": [*message.get("headers", ()), *more]}
            await send(message)

        if place.app is None:
            await marked({"type": "http.response.start", "status": 500})
            await marked({"type": "http.response.body"})
        else:
            await place.app({**scope, "root_path": place.root}, receive, marked)

    return mount


class Turns:
    """Whether the loop went on while a request was judged."""

    def __init__(self) -> None:
        self._count = 0
        self._counting = asyncio.get_running_loop().create_task(self._count_them())

    async def _count_them(self) -> None:
        while True:
            await asyncio.sleep(0.01)
            self._count += 1

    def seen(self) -> bytes:
        self._counting.cancel()
        return b"ran" if self._count >= 5 else b"stood"


def _raw(place: Place[Any]) -> tuple[bytes, bytes]:
    name, value = place.mark
    return name.encode(), value.encode()


async def _app(scope: Any, receive: Any, send: Any) -> None:
    path = scope["path"].removeprefix(scope["root_path"])
    if scope["type"] == "websocket":
        await _socket(path, receive, send)
        return
    body = b""
    more = True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    if path == "/events":
        await _stream(send)
        return
    status, headers, content = reply(path, body, scope["user"], demand)
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else content})


async def _stream(send: Any) -> None:
    headers = [(name.lower().encode(), value.encode()) for name, value in EVENTS.items()]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    async for event in until_expiry(_events()):
        await send({"type": "http.response.body", "body": event, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def _events() -> AsyncIterator[bytes]:
    yield b"data: the first of many\n\n"
    await asyncio.Event().wait()  # the next one never comes


async def _socket(path: str, receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    if path == "/stays":
        while (await receive())["type"] != "websocket.disconnect":
            pass
    else:
        await send({"type": "websocket.close", "code": 1000})
