"""The smallest ASGI application there is, and Starlette: what a middleware costs alone, and under a framework."""

from collections.abc import Awaitable, Callable
from typing import Any

import jwt
from starlette.applications import Starlette
from starlette.authentication import AuthCredentials, AuthenticationBackend, AuthenticationError, SimpleUser, requires
from starlette.middleware import Middleware
from starlette.middleware.authentication import AuthenticationMiddleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from jwt_middleware.asgi import JWTMiddleware as PlainDoor
from jwt_middleware.starlette import JWTMiddleware as StarletteDoor

from .. import ours
from .by_hand import ALGORITHM, Layer, decoded

App = Callable[..., Awaitable[object]]


async def null(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"ok"})


class ByHand:
    """A middleware of some twenty lines, in front of what ``claims`` says of a token; None refuses."""

    def __init__(self, app: App, claims: Callable[[bytes], object | None]) -> None:
        self.app = app
        self.claims = claims

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        claims = None
        for name, value in scope["headers"]:
            if name == b"authorization" and value[:7] == b"Bearer ":
                claims = self.claims(value[7:])
                break
        if claims is None:
            await send({"type": "http.response.start", "status": 401, "headers": [(b"www-authenticate", b"Bearer")]})
            await send({"type": "http.response.body", "body": b""})
            return
        scope["user"] = claims
        await self.app(scope, receive, send)


def or_none(token: bytes) -> dict[str, Any] | None:
    try:
        return decoded(token.decode("latin-1"))
    except jwt.PyJWTError:
        return None


def null_by_hand() -> App:
    return ByHand(null, Layer().claims)


def null_ours() -> App:
    return PlainDoor(null, guard=ours.guard(ours.trusted(ALGORITHM)))


async def orders(request: Request) -> PlainTextResponse:
    return PlainTextResponse("ok")


def starlette(*middleware: Middleware) -> App:
    return Starlette(routes=[Route("/orders", orders)], middleware=list(middleware))


def starlette_by_hand() -> App:
    return starlette(Middleware(ByHand, claims=or_none))


def starlette_ours() -> App:
    return starlette(Middleware(StarletteDoor, guard=ours.guard(ours.trusted(ALGORITHM))))


class Backend(AuthenticationBackend):
    """PyJWT where Starlette asks who is calling."""

    async def authenticate(self, conn: HTTPConnection) -> tuple[AuthCredentials, SimpleUser]:
        claims = or_none(conn.headers.get("authorization", "").removeprefix("Bearer ").encode("latin-1"))
        if claims is None:
            raise AuthenticationError
        return AuthCredentials(claims["scope"].split()), SimpleUser(claims["sub"])


def starlette_own() -> App:
    """Starlette's own middleware, with PyJWT in its backend."""
    return Starlette(
        routes=[Route("/orders", requires("orders:read")(orders))],
        middleware=[Middleware(AuthenticationMiddleware, backend=Backend())],
    )
