"""A Starlette application with everything that makes a route map lie, and the calls that show it."""

import contextlib
import contextvars
import functools
from collections.abc import Callable, Iterator
from typing import Any

from starlette.applications import Starlette
from starlette.convertors import Convertor, register_url_convertor
from starlette.endpoints import HTTPEndpoint, WebSocketEndpoint
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Host, Mount, Route, Router, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.testclient import TestClient, WebSocketDenialResponse
from starlette.websockets import WebSocket, WebSocketDisconnect

from jwt_middleware import asgi, authenticated, claim, group, path, permission, role, scope
from jwt_middleware.starlette import JWTMiddleware, public, require, unguarded

from ..route_map.proof import Answer, Caller
from .callers import bearer, guard_for

ran: contextvars.ContextVar[list[str]] = contextvars.ContextVar("ran")


def ran_here(name: str) -> Response:
    ran.get().append(name)
    return PlainTextResponse(name)


def view(name: str, *decorators: Callable[[Any], Any]) -> Any:
    async def endpoint(request: Request) -> Response:
        return ran_here(name)

    endpoint.__qualname__ = endpoint.__name__ = name
    for each in decorators:
        endpoint = each(endpoint)
    return endpoint


class Things(HTTPEndpoint):
    @public
    async def get(self, request: Request) -> Response:
        return ran_here("Things")

    @require(scope("a"))
    async def post(self, request: Request) -> Response:
        return ran_here("Things")

    async def delete(self, request: Request) -> Response:
        return ran_here("Things")


@require(role("r") | scope("a") & scope("b"))
class Guarded(HTTPEndpoint):
    async def get(self, request: Request) -> Response:
        return ran_here("Guarded")

    @require(~group("g"))
    async def put(self, request: Request) -> Response:
        return ran_here("Guarded")


@public
class Parent(HTTPEndpoint):
    async def get(self, request: Request) -> Response:
        return ran_here("Parent")


class Child(Parent):
    """Inherits no mark."""

    async def get(self, request: Request) -> Response:
        return ran_here("Child")


class OnlyHead(HTTPEndpoint):
    async def head(self, request: Request) -> Response:
        return ran_here("OnlyHead")

    @require(scope("a"))
    async def options(self, request: Request) -> Response:
        return ran_here("OnlyHead")


class Instance:
    """An application by itself, as a route: it takes any method."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await raw(scope, receive, send, name="Instance")


@public
class OpenSocket(WebSocketEndpoint):
    async def on_connect(self, websocket: WebSocket) -> None:
        ran_here("OpenSocket")
        await websocket.accept()


class Socket(WebSocketEndpoint):
    async def on_connect(self, websocket: WebSocket) -> None:
        ran_here("Socket")
        await websocket.accept()


@require(scope("a"))
async def talk(websocket: WebSocket) -> None:
    ran_here("talk")
    await websocket.accept()


@public
async def open_talk(websocket: WebSocket) -> None:
    ran_here("open_talk")
    await websocket.accept()


async def raw(scope: Any, receive: Any, send: Any, name: str = "raw") -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close"})
        return
    ran_here(name)
    await PlainTextResponse(name)(scope, receive, send)


@public
async def marked(scope: Any, receive: Any, send: Any) -> None:
    await raw(scope, receive, send, name="marked")


async def the_rest(scope: Any, receive: Any, send: Any) -> None:
    await raw(scope, receive, send, name="the_rest")


class Digest(Convertor[str]):
    regex = "[0-9a-f]{40}"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("digest", Digest())


class Plain(BaseHTTPMiddleware):
    async def dispatch(self, request: Request, call_next: Any) -> Response:
        return await call_next(request)  # type: ignore[no-any-return]  # Starlette: Any


def routes(static: str) -> list[Any]:
    inner = Starlette(
        routes=[
            Route("/open", view("inner_open", public)),
            Route("/needs", view("inner_needs", require(permission("p")))),
            Mount("/deep/{tenant}", routes=[Route("/of", view("deep_of", require(claim("tenant", path("tenant")))))]),
        ]
    )
    walled = Starlette(routes=[Route("/open", view("walled_open", public))], middleware=[Middleware(Plain)])
    twice = Starlette(
        routes=[
            Route("/open", view("twice_open", public)),
            Route("/needs", view("twice_needs", require(scope("a")))),
            Route("/shut", view("twice_shut", require(scope("a")))),
        ],
        middleware=[Middleware(JWTMiddleware, guard=guard_for(), unguarded_paths=["/shut"])],
    )
    return [
        Route("/", view("home")),
        Route("/health", view("health", public), methods=["GET"]),
        Route("/login", view("login", unguarded), methods=["POST"]),
        Route("/any", view("any_genuine", require(authenticated)), methods=["GET", "PATCH"]),
        Route("/orders", view("list_orders", require(scope("a"))), methods=["GET"]),
        Route("/orders", view("place_order", require(scope("a"), role("r"))), methods=["POST"]),
        Route("/orders", view("too_late", public), methods=["GET", "PUT"]),
        Route("/items/{name}", view("item", public)),
        Route("/items/secret", view("never_reached", require(role("r")))),
        Route("/numbers/{number:int}", view("number", require(~role("r")))),
        Route("/numbers/{word}", view("word")),
        Route("/files/{rest:path}", view("files", require(permission("p") | group("g")))),
        Route("/ids/{id:uuid}", view("ids", public), methods=["HEAD", "OPTIONS"]),
        Route("/things", Things),
        Route("/guarded", Guarded),
        Route("/only-get", Guarded, methods=["GET"]),
        Route("/parent", Parent),
        Route("/child", Child),
        Route("/raw", functools.partial(view("bound"))),
        Route("/by-path", view("by_path")),
        Route("/by-path-shut", view("by_path_shut", require(scope("a")))),
        Route("/by-path-asks", view("by_path_asks", require(scope("a")))),
        Route(
            "/own-door",
            view("own_door", require(scope("b"))),
            middleware=[Middleware(JWTMiddleware, guard=guard_for())],
        ),
        Route("/one-method", view("one_method"), methods=["GET", "POST"]),
        Route("/only-head", OnlyHead),
        Route("/instance", Instance()),
        Route("/lower", view("lower", public), methods=["get"]),
        Route("/unusual", view("unusual", require(scope("a"))), methods=["PURGE", "QUERY"]),
        Route("/slash/", view("slash", public)),
        Route("/two/{a}-{b:int}.json", view("two", public)),
        Route("/digest/{of:digest}", view("digest", public)),
        WebSocketRoute("/ws", Socket),
        WebSocketRoute("/ws/talk", talk),
        WebSocketRoute("/ws/open", open_talk),
        Route("/ws", view("ws_http", public)),
        Mount("/same", routes=[Route("/a", view("same_a", require(scope("a"))))]),
        Mount("/same", routes=[Route("/a", view("same_late", public)), Route("/b", view("same_unreached", public))]),
        Mount(
            "/far/{a}",
            routes=[
                Mount("/{b:int}", routes=[Route("/{c}", view("far", public)), WebSocketRoute("/ws/open", OpenSocket)]),
                Host("far.example.org", Router([Route("/by-host", view("far_by_host", public))])),
            ],
        ),
        Mount("/with-rest", Router([Route("/x", view("before_rest", public))], default=the_rest)),
        Mount("/legacy", asgi.JWTMiddleware(raw, guard=guard_for(), public_paths=["/open"])),
        Mount("/marked", marked),
        Mount("/static", StaticFiles(directory=static)),
        Mount("/foreign", raw),
        Mount("/inner", inner),
        Mount("/walled", walled),
        Mount("/wrapped", routes=[Route("/open", view("wrapped_open", public))], middleware=[Middleware(Plain)]),
        Mount("/twice", twice),
        Host("api.example.org", Router([Route("/only-here", view("api_home", public)), Mount("/legacy", raw)])),
        Host("{sub}.example.org", Router([Route("/", view("by_host", public)), Route("/in", view("host_in"))])),
        Route("/{rest:path}", view("catch_all", require(group("g"))), methods=["GET"]),
    ]


def application(static: str, **paths: Any) -> Starlette:
    door = {
        "public_paths": ["/by-path", "/by-path-asks", ("GET", "/one-method"), "/foreign/open", "/static/*"],
        "unguarded_paths": ["/by-path-shut"],
        **paths,
    }
    return Starlette(routes=routes(static), middleware=[Middleware(JWTMiddleware, guard=guard_for(), **door)])


@contextlib.contextmanager
def calling(app: Any) -> Iterator[Callable[[str, str, str, Caller], Answer]]:
    """Calls of one client in one event loop."""
    with TestClient(app, raise_server_exceptions=False, follow_redirects=False) as client:
        yield caller_of(client)


def caller_of(client: TestClient) -> Callable[[str, str, str, Caller], Answer]:

    def call(host: str, method: str, path: str, caller: Caller) -> Answer:
        headers = {"Host": host.replace("{sub}", "some-value") or "testserver"}
        if caller.kind != "nobody":
            headers |= {"Authorization": "Bearer x.y.z"} if caller.kind == "bad" else bearer(**caller.claims)
        here: list[str] = []
        ran.set(here)
        if method != "WEBSOCKET":
            return Answer(client.request(method, path, headers=headers).status_code, here)
        try:
            with client.websocket_connect(path, headers=headers):
                return Answer(0, here)
        except WebSocketDenialResponse as denied:
            return Answer(denied.status_code, here)
        except WebSocketDisconnect:
            return Answer(403, here)

    return call
