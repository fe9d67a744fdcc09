"""Plain WSGI: a small application that knows paths and nothing else."""

from collections.abc import Callable, Iterable
from typing import Any

import jwt_middleware.wsgi as door

from ..exchange import Answer, Exchange, send_wsgi
from ..routes import OWN_401, PUBLIC_PATHS, UNGUARDED_PATHS, Variant
from ..table import Stack
from .plain_asgi import MARKED, PATHS

NO_ROUTES = "plain WSGI has paths and no routes"
NO_SOCKETS = "WSGI has no WebSockets"
NO_LIFESPAN = "WSGI has no lifespan"


def build(variant: Variant) -> Callable[[Exchange], Answer]:
    def app(environ: Any, start_response: Any) -> Iterable[bytes]:
        def respond(status: str, body: bytes, headers: Any = ()) -> list[bytes]:
            start_response(status, list(headers))
            return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

        route = PATHS.get(environ["PATH_INFO"])
        if route is None:
            return respond("404 Not Found", b"theirs")
        if environ["REQUEST_METHOD"] not in (*route.methods, "HEAD"):
            return respond("405 Method Not Allowed", b"theirs")
        native = environ.get("jwt_middleware.principal")
        if route.requires:
            door.demand(*route.requires)
        seen = variant.act(route, native, door.demand)
        if route.does == "own-401":
            return respond("401 Unauthorized", b"own", OWN_401)
        if route.does == "stream":
            start_response("200 OK", [])
            return variant.chunks()
        return respond("200 OK", environ["wsgi.input"].read() if route.does == "echo" else seen.encode())

    if variant.guard is None:
        return lambda exchange: send_wsgi(app, exchange)
    guarded = door.JWTMiddleware(
        app,
        guard=variant.guard,
        public_paths=[*PUBLIC_PATHS, *MARKED["public"]],
        unguarded_paths=[*UNGUARDED_PATHS, *MARKED["unguarded"]],
        guarded_paths=variant.guarded_paths,
    )
    return lambda exchange: send_wsgi(guarded, exchange)


STACK = Stack(
    "plain WSGI",
    "jwt_middleware.wsgi",
    build,
    lacks={
        **dict.fromkeys(
            ("parameters", "route decorators", "marks", "marks by method", "classes", "converters", "hosts"),
            NO_ROUTES,
        ),
        **dict.fromkeys(
            ("redirect", "static", "docs", "mount", "foreign mount", "layered mount", "generators"), NO_ROUTES
        ),
        "catch-all": "plain WSGI has no error handlers",
        "rewriting": "public_paths are judged by the door alone; what stands behind it is documented",
        "methods": "a plain application makes its own 405; the mark is a path for every method",
        "framework's CSRF check": "there is no framework; the door's own check is asked",
        "websocket": NO_SOCKETS,
        "lifespan": NO_LIFESPAN,
    },
)
