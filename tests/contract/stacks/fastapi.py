"""FastAPI: coroutine endpoints, thread-pool endpoints, and require as a dependency; routers within routers."""

import functools
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

from fastapi import APIRouter, Depends, FastAPI, WebSocket
from fastapi.responses import StreamingResponse
from fastapi.staticfiles import StaticFiles
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Host

import jwt_middleware.fastapi as door
from jwt_middleware import Forbidden, role, scope

from ..exchange import Answer, Exchange, send_asgi
from ..routes import OWN_401, ROUTES, Route, Variant
from ..table import Stack
from . import starlette

Add = Callable[..., None]


def endpoint(route: Route, variant: Variant, *, threaded: bool) -> Any:
    def act(request: Request, caller: door.Principal, body: bytes = b"") -> Response:
        assert caller is request.scope.get("user", caller) is request.scope.get("auth", caller)
        seen = variant.act(route, caller, door.demand)
        if route.does == "own-401":
            return PlainTextResponse("own", 401, headers=dict(OWN_401))
        if route.does == "stream":
            return StreamingResponse(variant.chunks())
        return PlainTextResponse(body or seen)

    def in_thread(request: Request, caller: door.CurrentPrincipal) -> Response:
        return act(request, caller)

    async def awaited(request: Request, caller: door.CurrentPrincipal) -> Response:
        return act(request, caller, await request.body())

    return in_thread if threaded and route.does != "echo" else awaited


def adding(*routers: Any, depends: bool) -> Add:
    """Declares routes in all of ``routers``; those that begin alike in the same one, for there their order counts."""

    def add(path: str, view: Any, *requires: Any, methods: tuple[str, ...] = ("GET",), **more: Any) -> None:
        router = routers[len(path.split("/")[1]) % len(routers)]
        if requires and depends:
            more["dependencies"] = [Depends(door.require(*requires))]
        elif requires:
            view = door.require(*requires)(view)
        for method in (*methods, *(["HEAD"] if "GET" in methods else [])):  # FastAPI adds none by itself
            getattr(router, method.lower())(path, **more)(view)

    return add


def routers_within(app: FastAPI) -> tuple[Any, ...]:
    """The application, a router that is included in it, and one that is included in that."""
    outer, inner = APIRouter(), APIRouter()
    outer.include_router(inner)
    app.include_router(outer)
    return app, outer, inner


def declare_special(app: FastAPI, add: Add, variant: Variant, *, threaded: bool) -> None:
    def noting(name: str) -> Any:
        async def view(caller: door.CurrentPrincipal) -> Response:
            return PlainTextResponse(variant.note(name, caller))

        def in_thread(caller: door.CurrentPrincipal) -> Response:
            return PlainTextResponse(variant.note(name, caller))

        return in_thread if threaded else view

    add("/by-method", door.public(noting("/by-method GET")))
    add("/by-method", noting("/by-method POST"), methods=("POST",))
    add("/item/{number:int}", door.public(noting("/item number")))
    add("/item/{text}", noting("/item text"))
    add("/lost-mark", _without_wraps(door.public(noting("/lost-mark"))))
    add("/slash/", door.public(noting("/slash/")))
    add("/generates", _generates(variant, threaded=threaded), role("clerk"), response_class=StreamingResponse)
    app.router.routes += starlette.class_routes(variant, door.require)

    hosted = FastAPI()
    hosted.get("/by-host")(door.public(noting("/by-host open")))
    app.router.routes.insert(0, Host("open.example", hosted))
    add("/by-host", noting("/by-host"))

    mounted = FastAPI()
    add_below = adding(*routers_within(mounted), depends=False)
    add_below("/public", door.public(noting("/mounted/public")))
    add_below("/private", noting("/mounted/private"))
    add_below("/clerk", noting("/mounted/clerk"), role("clerk"))

    async def forbids() -> None:
        variant.note("/mounted/forbids")
        raise Forbidden(missing=("a good reason",))

    add_below("/forbids", forbids)
    layered = FastAPI()
    layered.add_middleware(starlette.Watching)
    layered.get("/public")(door.public(noting("/layered")))
    app.mount("/static", StaticFiles(directory=starlette.static_folder()))
    app.mount("/mounted", mounted)
    app.mount("/foreign", starlette.foreign(variant))
    app.mount("/layered", layered)


def _without_wraps(view: Any) -> Any:
    async def lost(caller: door.CurrentPrincipal) -> Any:
        return await view(caller)

    return lost


def _generates(variant: Variant, *, threaded: bool) -> Any:
    def in_thread(caller: door.CurrentPrincipal) -> Iterator[bytes]:
        variant.note("/generates", caller)
        yield from variant.chunks()

    async def awaited(caller: door.CurrentPrincipal) -> AsyncIterator[bytes]:
        variant.note("/generates", caller)
        for chunk in variant.chunks():
            yield chunk

    return in_thread if threaded else awaited


def declare_sockets(router: Any, variant: Variant, *, depends: bool) -> None:
    def speaking(path: str, late: bool = False) -> Any:
        async def endpoint(websocket: WebSocket, caller: door.CurrentPrincipal) -> None:
            assert caller is websocket.scope["user"]
            seen = variant.note(path, caller)
            await websocket.accept()
            if late:
                door.demand(role("clerk"))
            await websocket.send_text(seen)
            await websocket.close()

        return endpoint

    orders = door.require(scope("orders:read"))
    router.websocket("/ws")(speaking("/ws"))
    router.websocket("/ws-public")(door.public(speaking("/ws-public")))
    if depends:
        router.websocket("/ws-orders", dependencies=[Depends(orders)])(speaking("/ws-orders"))
    else:
        router.websocket("/ws-orders")(orders(speaking("/ws-orders")))
    router.websocket("/ws-late")(speaking("/ws-late", late=True))


def build(
    variant: Variant, *, threaded: bool = False, between: bool = False, depends: bool = False
) -> Callable[[Exchange], Answer]:
    app = FastAPI(exception_handlers={Exception: starlette.caught} if variant.catch_all else {})
    routers = routers_within(app)
    add = adding(*routers, depends=depends)
    for route in ROUTES:
        view = endpoint(route, variant, threaded=threaded)
        view = getattr(door, route.mark)(view) if route.mark else view
        add(route.path, view, *route.requires, methods=route.methods)
    declare_special(app, add, variant, threaded=threaded)
    declare_sockets(routers[-1], variant, depends=depends)
    if between:
        app.add_middleware(starlette.Watching)
    app.add_middleware(starlette.Rewriting)
    if variant.guard is not None:
        app.add_middleware(door.JWTMiddleware, **variant.options)
    return lambda exchange: starlette.handled(send_asgi(app, exchange), variant)


def _misplaced() -> None:
    router = APIRouter()

    @door.require(role("clerk"))
    @router.get("/")
    async def view() -> None: ...


LACKS = {"framework's CSRF check": "it has none; the door's own check is asked"}
EXTRAS: dict[str, Callable[..., Any]] = {
    "lifespan": functools.partial(starlette.lifespan_through, FastAPI, door),
    "misplaced": _misplaced,
}
WAYS: dict[str, Callable[..., Any]] = {
    "": build,
    ", sync endpoints": functools.partial(build, threaded=True),
    ", BaseHTTPMiddleware between": functools.partial(build, between=True),
    ", require as a dependency": functools.partial(build, depends=True),
}
STACKS = tuple(Stack(f"FastAPI{way}", door.__name__, built, LACKS, EXTRAS) for way, built in WAYS.items())
