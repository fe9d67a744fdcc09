"""Starlette: coroutine endpoints and thread-pool endpoints."""

import functools
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.endpoints import HTTPEndpoint
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Host, Mount, Route, Router, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket

import jwt_middleware.starlette as door
from jwt_middleware import Forbidden, role, scope

from ..exchange import Answer, Exchange, send_asgi
from ..routes import OWN_401, ROUTES, Variant
from ..routes import Route as Logical
from ..table import Stack
from .plain_asgi import lifespan, through

NO_DOCS = "it has no documentation routes"


@functools.cache
def static_folder() -> str:
    folder = Path(tempfile.mkdtemp(prefix="contract_static_"))
    (folder / "file.txt").write_text("static")
    return str(folder)


def dressed(view: Any, mark: str = "", *requires: Any) -> Any:
    if requires:
        view = door.require(*requires)(view)
    return getattr(door, mark)(view) if mark else view


class Rewriting:
    """A middleware between door and router that changes what is asked."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        headers = dict(scope.get("headers", ()))
        if b"x-rewrite" in headers:
            scope["path"] = headers[b"x-rewrite"].decode()
        if b"x-method" in headers:
            scope["method"] = headers[b"x-method"].decode()
        if b"x-rewrite-copy" in headers:
            scope = {**scope, "path": headers[b"x-rewrite-copy"].decode()}
        await self.app(scope, receive, send)


class Watching(BaseHTTPMiddleware):
    """The kind of middleware that hands on a request of its own."""

    async def dispatch(self, request: Request, call_next: Any) -> Response:
        response: Response = await call_next(request)
        return response


def endpoint(route: Logical, variant: Variant, *, threaded: bool) -> Any:
    def act(request: Request, body: bytes = b"") -> Response:
        native = request.scope.get("user")
        assert native is request.scope.get("auth")
        seen = variant.act(route, native, door.demand)
        if route.does == "own-401":
            return PlainTextResponse("own", 401, headers=dict(OWN_401))
        if route.does == "stream":
            return StreamingResponse(variant.chunks())
        return PlainTextResponse(body or seen)

    if threaded and route.does != "echo":
        return act

    async def view(request: Request) -> Response:
        return act(request, await request.body())

    return view


def routes_of(variant: Variant, *, threaded: bool) -> list[Any]:
    routes: list[Any] = [
        Route(
            route.path,
            dressed(endpoint(route, variant, threaded=threaded), route.mark, *route.requires),
            methods=list(route.methods),
        )
        for route in ROUTES
    ]
    return routes + _special(variant, threaded=threaded)


def _noting(variant: Variant, name: str, *, threaded: bool) -> Any:
    def act(request: Request) -> Response:
        return PlainTextResponse(variant.note(name, request.user))

    async def view(request: Request) -> Response:
        return act(request)

    return act if threaded else view


def _without_wraps(view: Any) -> Any:
    async def lost(request: Request) -> Any:
        return await view(request)

    return lost


def _special(variant: Variant, *, threaded: bool) -> list[Any]:
    def noting(name: str) -> Any:
        return _noting(variant, name, threaded=threaded)

    mounted_routes = [
        Route("/public", door.public(noting("/mounted/public"))),
        Route("/private", noting("/mounted/private")),
        Route("/clerk", dressed(noting("/mounted/clerk"), "", role("clerk"))),
        Route("/forbids", _forbids(variant, threaded=threaded)),
    ]
    return [
        Route("/by-method", door.public(noting("/by-method GET")), methods=["GET"]),
        Route("/by-method", noting("/by-method POST"), methods=["POST"]),
        *class_routes(variant, door.require),
        Route("/item/{number:int}", door.public(noting("/item number"))),
        Route("/item/{text}", noting("/item text")),
        Host("open.example", Router([Route("/by-host", door.public(noting("/by-host open")))])),
        Route("/by-host", noting("/by-host")),
        Route("/lost-mark", _without_wraps(door.public(_noting(variant, "/lost-mark", threaded=False)))),
        Route("/slash/", door.public(noting("/slash/"))),
        Mount("/static", StaticFiles(directory=static_folder())),
        Mount("/mounted", Starlette(routes=mounted_routes)),
        Mount("/foreign", foreign(variant)),
        Mount(
            "/layered",
            Starlette(routes=[Route("/public", door.public(noting("/layered")))], middleware=[Middleware(Watching)]),
        ),
        *sockets(variant),
    ]


def class_routes(variant: Variant, require: Callable[..., Any]) -> list[Route]:
    """The endpoints that are classes, with the ``require`` of one door."""

    class PublicClass(HTTPEndpoint):
        async def get(self, request: Request) -> Response:
            return PlainTextResponse(variant.note("/public-class", request.user))

    door.public(PublicClass)

    class Subclass(PublicClass):
        pass

    class MethodClass(HTTPEndpoint):
        @door.public
        async def get(self, request: Request) -> Response:
            return PlainTextResponse(variant.note("/method-class GET", request.user))

        def post(self, request: Request) -> Response:
            return PlainTextResponse(variant.note("/method-class POST", request.user))

    class RequiredClass(HTTPEndpoint):
        def get(self, request: Request) -> Response:
            return PlainTextResponse(variant.note("/required-class", request.user))

    return [
        Route("/public-class", PublicClass),
        Route("/subclass", Subclass),
        Route("/method-class", MethodClass),
        Route("/required-class", require(role("clerk"))(RequiredClass)),
    ]


def _forbids(variant: Variant, *, threaded: bool) -> Any:
    def act(request: Request) -> Response:
        variant.note("/mounted/forbids", request.user)
        raise Forbidden(missing=("a good reason",))

    async def view(request: Request) -> Response:
        return act(request)

    return act if threaded else view


def foreign(variant: Variant) -> Any:
    @door.public
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await PlainTextResponse(variant.note("/foreign", scope["user"]))(scope, receive, send)

    return app


def sockets(variant: Variant) -> list[Any]:
    def speaking(path: str, late: bool = False) -> Any:
        async def endpoint(websocket: WebSocket) -> None:
            seen = variant.note(path, websocket.user)
            await websocket.accept()
            if late:
                door.demand(role("clerk"))
            await websocket.send_text(seen)
            await websocket.close()

        return endpoint

    return [
        WebSocketRoute("/ws", speaking("/ws")),
        WebSocketRoute("/ws-public", door.public(speaking("/ws-public"))),
        WebSocketRoute("/ws-orders", dressed(speaking("/ws-orders"), "", scope("orders:read"))),
        WebSocketRoute("/ws-late", speaking("/ws-late", late=True)),
    ]


async def caught(request: Request, error: Exception) -> Response:
    if isinstance(error, HTTPException):
        return PlainTextResponse("theirs", error.status_code)
    return PlainTextResponse("caught", 418)


def build(variant: Variant, *, threaded: bool = False, between: bool = False) -> Callable[[Exchange], Answer]:
    app = Starlette(
        routes=routes_of(variant, threaded=threaded),
        exception_handlers={Exception: caught} if variant.catch_all else {},
    )
    if between:
        app.add_middleware(Watching)
    app.add_middleware(Rewriting)
    if variant.guard is not None:
        app.add_middleware(door.JWTMiddleware, **variant.options)
    return lambda exchange: handled(send_asgi(app, exchange), variant)


def handled(answer: Answer, variant: Variant) -> Answer:
    """Starlette's outermost handler answers and raises nevertheless, for the server's log."""
    if variant.catch_all and answer.status == 418:
        answer.error = None
    return answer


def lifespan_through(framework: Any, door: Any) -> list[str]:
    """What an application of ``framework`` sees of a lifespan, with ``door`` before it and within."""
    import contextlib

    from ..tokens import guard_for

    seen: list[str] = []

    @contextlib.asynccontextmanager
    async def both(app: Any) -> Any:
        seen.append("startup")
        yield
        seen.append("shutdown")

    app = framework(lifespan=both)
    app.add_middleware(door.JWTMiddleware, guard=guard_for())
    assert lifespan(lambda inner: door.JWTMiddleware(inner, guard=guard_for())) == ["startup", "shutdown"]
    return through(app, seen)


def _misplaced() -> None:
    router = Router()

    async def view(request: Request) -> Response:
        return PlainTextResponse("")

    router.routes.append(Route("/", view))
    door.require(role("clerk"))(view)


LACKS = {
    "docs": NO_DOCS,
    "generators": "an endpoint answers with a Response; what streams is its body",
    "framework's CSRF check": "it has none; the door's own check is asked",
}
EXTRAS: dict[str, Callable[..., Any]] = {
    "lifespan": functools.partial(lifespan_through, Starlette, door),
    "misplaced": _misplaced,
}
STACKS = (
    Stack("Starlette", door.__name__, build, LACKS, EXTRAS),
    Stack("Starlette, sync endpoints", door.__name__, functools.partial(build, threaded=True), LACKS, EXTRAS),
    Stack(
        "Starlette, BaseHTTPMiddleware between", door.__name__, functools.partial(build, between=True), LACKS, EXTRAS
    ),
)
