"""Plain ASGI: a small application that knows paths and nothing else."""

import asyncio
from collections.abc import Callable
from typing import Any

import jwt_middleware.asgi as door

from ..exchange import Answer, Exchange, send_asgi
from ..routes import OWN_401, PUBLIC_PATHS, ROUTES, UNGUARDED_PATHS, Variant
from ..table import Stack

NO_ROUTES = "plain ASGI has paths and no routes"
PATHS = {route.path: route for route in ROUTES if not route.is_routed}
MARKED = {mark: [route.path for route in ROUTES if route.mark == mark] for mark in ("public", "unguarded")}


def build(variant: Variant) -> Callable[[Exchange], Answer]:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "websocket":
            await socket(scope, receive, send)
            return
        route = PATHS.get(scope["path"].removeprefix(scope["root_path"]))
        if route is None or (scope["method"] not in (*route.methods, "HEAD")):
            await respond(send, 404 if route is None else 405, b"theirs")
            return
        if route.requires:
            door.demand(*route.requires)
        body = b"".join([message["body"] async for message in messages(receive)]) if route.does == "echo" else b""
        seen = variant.act(route, scope.get("user"), door.demand)
        if route.does == "own-401":
            await respond(send, 401, b"own", OWN_401)
        elif route.does == "stream":
            await start(send, 200)
            for chunk in variant.chunks():
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
                await asyncio.sleep(0)
            await send({"type": "http.response.body", "body": b""})
        else:
            await respond(send, 200, body or seen.encode())

    async def socket(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        path = scope["path"]
        if path == "/ws-orders":
            from jwt_middleware import scope as scope_named

            door.demand(scope_named("orders:read"))
        seen = variant.note(path, scope["user"])
        await send({"type": "websocket.accept"})
        if path == "/ws-late":
            from jwt_middleware import role

            door.demand(role("clerk"))
        await send({"type": "websocket.send", "text": seen})
        await send({"type": "websocket.close", "code": 1000})

    if variant.guard is None:
        return lambda exchange: send_asgi(app, exchange)
    guarded = door.JWTMiddleware(
        app,
        guard=variant.guard,
        public_paths=[*PUBLIC_PATHS, *MARKED["public"], "/ws-public"],
        unguarded_paths=[*UNGUARDED_PATHS, *MARKED["unguarded"]],
        guarded_paths=variant.guarded_paths,
    )
    return lambda exchange: send_asgi(guarded, exchange)


async def messages(receive: Any) -> Any:
    while True:
        message = await receive()
        yield message
        if not message.get("more_body"):
            return


async def start(send: Any, status: int, headers: Any = ()) -> None:
    raw = [(name.lower().encode(), value.encode()) for name, value in headers]
    await send({"type": "http.response.start", "status": status, "headers": raw})


async def respond(send: Any, status: int, body: bytes, headers: Any = ()) -> None:
    await start(send, status, headers)
    await send({"type": "http.response.body", "body": body})


def lifespan(middleware: Callable[[Any], Any]) -> list[str]:
    """Run a whole lifespan through the door and tell what the application saw of it."""
    seen: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "lifespan" and "user" not in scope
        while True:
            message = await receive()
            seen.append(message["type"].removeprefix("lifespan."))
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return

    return through(middleware(app), seen)


def through(app: Any, seen: list[str]) -> list[str]:
    incoming = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]
    sent: list[str] = []

    async def receive() -> Any:
        return incoming.pop(0)

    async def send(message: Any) -> None:
        sent.append(message["type"])

    asyncio.run(app({"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}, receive, send))
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"], sent
    return seen


def _lifespan() -> list[str]:
    from ..tokens import guard_for

    return lifespan(lambda app: door.JWTMiddleware(app, guard=guard_for()))


STACK = Stack(
    "plain ASGI",
    "jwt_middleware.asgi",
    build,
    lacks={
        **dict.fromkeys(
            ("parameters", "route decorators", "marks", "marks by method", "classes", "converters", "hosts"),
            NO_ROUTES,
        ),
        **dict.fromkeys(
            ("redirect", "static", "docs", "mount", "foreign mount", "layered mount", "generators"), NO_ROUTES
        ),
        "catch-all": "plain ASGI has no error handlers",
        "rewriting": "public_paths are judged by the door alone; what stands behind it is documented",
        "methods": "a plain application makes its own 405; the mark is a path for every method",
        "framework's CSRF check": "there is no framework; the door's own check is asked",
    },
    extras={"lifespan": _lifespan},
)
