"""``require`` and ``demand`` on everything that Starlette calls an endpoint, beside Starlette's own ``requires``."""

import functools
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from starlette.authentication import requires
from starlette.endpoints import HTTPEndpoint, WebSocketEndpoint
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route, Router, WebSocketRoute
from starlette.testclient import TestClient, WebSocketDenialResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from jwt_middleware import ConfigurationError, authenticated, claim, path, role, scope
from jwt_middleware.starlette import current_principal, demand, public, require, unguarded
from tests.starlette.callers import READER, application, bearer, guarded, whoami


def refused_for(answer: Any, missing: str) -> bool:
    return bool(answer.status_code == 403 and answer.json()["missing"] == [missing])


# Functions


@require(scope("orders:read"))
async def awaited(request: Request) -> Response:
    return PlainTextResponse(f"awaited {request.user.subject}")


@require(scope("orders:read"))
def threaded(request: Request) -> Response:
    return PlainTextResponse(f"threaded {current_principal().subject}")


@pytest.mark.parametrize("endpoint", [awaited, threaded])
def test_a_function_asks_before_it_runs_and_stays_what_it_is(endpoint: Callable[..., Any]) -> None:
    client = guarded(Route("/", endpoint))
    assert client.get("/").status_code == 401
    assert refused_for(client.get("/", headers=bearer()), "scope orders:read")
    assert client.get("/", headers=bearer(**READER)).text == f"{endpoint.__name__} alice"


def test_partials_and_bound_methods_ask_too() -> None:
    class Shop:
        @require(scope("orders:read"))
        async def awaited(self, request: Request) -> Response:
            return PlainTextResponse("awaited")

        @require(scope("orders:read"))
        def threaded(self, request: Request) -> Response:
            return PlainTextResponse("threaded")

    async def named(request: Request, name: str) -> Response:
        return PlainTextResponse(name)

    partial = require(scope("orders:read"))(functools.partial(named, name="partial"))
    endpoints: dict[str, Callable[..., Any]] = {
        "awaited": Shop().awaited,
        "threaded": Shop().threaded,
        "partial": partial,
    }
    client = guarded(*(Route(f"/{name}", endpoint) for name, endpoint in endpoints.items()))
    for name in endpoints:
        assert refused_for(client.get(f"/{name}", headers=bearer()), "scope orders:read")
        assert client.get(f"/{name}", headers=bearer(**READER)).text == name


def test_several_requirements_are_all_demanded_also_one_above_the_other() -> None:
    @require(role("clerk"))
    @require(scope("orders:read"))
    async def view(request: Request) -> Response:
        return PlainTextResponse("both")

    client = guarded(Route("/", view))
    assert refused_for(client.get("/", headers=bearer(**READER)), "role clerk")
    assert refused_for(client.get("/", headers=bearer(roles=["clerk"])), "scope orders:read")
    assert client.get("/", headers=bearer(roles=["clerk"], **READER)).text == "both"


def test_a_claim_is_compared_with_the_route_whatever_its_converter() -> None:
    @require(claim("tenant", path("tenant")))
    async def view(request: Request) -> Response:
        return PlainTextResponse("own")

    @require(claim("tenant", path("elsewhere")))
    async def misspelt(request: Request) -> Response:
        return PlainTextResponse("never")

    unique = UUID("6f1fc5ab-74d8-4b3c-9f32-6f2b3a5c7b11")
    client = guarded(
        Route("/text/{tenant}", view),
        Route("/number/{tenant:int}", view),
        Route("/unique/{tenant:uuid}", view),
        Route("/misspelt/{tenant}", misspelt),
        Mount("/mounted/{tenant}", routes=[Route("/view", view)]),
    )
    assert client.get("/text/acme", headers=bearer(tenant="acme")).text == "own"
    assert client.get("/text/other", headers=bearer(tenant="acme")).status_code == 403
    assert client.get("/number/7", headers=bearer(tenant=7)).text == "own"
    assert client.get("/number/7", headers=bearer(tenant="07")).status_code == 403
    assert client.get(f"/unique/{unique}", headers=bearer(tenant=str(unique))).text == "own"
    assert client.get("/mounted/acme/view", headers=bearer(tenant="acme")).text == "own"
    assert client.get("/mounted/other/view", headers=bearer(tenant="acme")).status_code == 403
    assert client.get("/misspelt/acme", headers=bearer(tenant="acme")).status_code == 403


# Classes


class Orders(HTTPEndpoint):
    async def get(self, request: Request) -> Response:
        return PlainTextResponse("read")

    @require(role("manager"))
    def post(self, request: Request) -> Response:
        return PlainTextResponse("written")


def test_a_method_of_a_class_asks_for_itself() -> None:
    client = guarded(Route("/", Orders))
    assert client.get("/", headers=bearer()).text == "read"
    assert client.head("/", headers=bearer()).status_code == 200
    assert refused_for(client.post("/", headers=bearer()), "role manager")
    assert client.post("/", headers=bearer(roles=["manager"])).text == "written"


def test_a_class_asks_before_any_method_and_so_do_its_subclasses() -> None:
    @require(claim("tenant", path("tenant")))
    class Tenant(HTTPEndpoint):
        async def get(self, request: Request) -> Response:
            return PlainTextResponse("read")

    class Narrow(Tenant):
        async def delete(self, request: Request) -> Response:
            return PlainTextResponse("deleted")

    client = guarded(Route("/{tenant}/all", Tenant), Route("/{tenant}/narrow", Narrow))
    for method, place in (("GET", "all"), ("HEAD", "all"), ("PUT", "all"), ("DELETE", "narrow"), ("GET", "narrow")):
        assert client.request(method, f"/acme/{place}").status_code == 401
        assert client.request(method, f"/other/{place}", headers=bearer(tenant="acme")).status_code == 403, method
    assert client.put("/acme/all", headers=bearer(tenant="acme")).status_code == 405
    assert client.delete("/acme/narrow", headers=bearer(tenant="acme")).text == "deleted"


# WebSockets


@require(scope("orders:read"))
async def ticker(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.send_text(f"{websocket.user.subject} {current_principal().subject}")
    await websocket.close()


@require(scope("orders:read"))
class Echo(WebSocketEndpoint):
    encoding = "text"
    ended: list[int]

    async def on_receive(self, websocket: WebSocket, data: Any) -> None:
        if data == "write":
            demand(scope("orders:write"))
        await websocket.send_text(data)

    async def on_disconnect(self, websocket: WebSocket, close_code: int) -> None:
        websocket.app.state.ended.append(close_code)


@pytest.mark.parametrize("place", ["/ticker", "/echo", "/mounted/ticker"])
def test_a_websocket_is_asked_before_it_is_accepted(place: str) -> None:
    app = application(
        WebSocketRoute("/ticker", ticker),
        WebSocketRoute("/echo", Echo),
        Mount("/mounted", application(WebSocketRoute("/ticker", ticker))),
    )
    app.state.ended = []
    client = TestClient(app)
    for headers, status in (({}, 401), (bearer(), 403)):
        with pytest.raises(WebSocketDenialResponse) as denied, client.websocket_connect(place, headers=headers):
            pass
        assert denied.value.status_code == status
        assert denied.value.headers["www-authenticate"].startswith("Bearer realm=")
    with client.websocket_connect(place, headers=bearer(**READER)) as socket:
        socket.send_text("hello")
        assert socket.receive_text() in ("alice alice", "hello")
    assert app.state.ended in ([], [1000])


def test_what_a_websocket_demands_later_closes_it() -> None:
    app = application(WebSocketRoute("/echo", Echo))
    app.state.ended = []
    with TestClient(app).websocket_connect("/echo", headers=bearer(**READER)) as socket:
        socket.send_text("write")
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_text()
    assert (closed.value.code, closed.value.reason) == (3003, "requirement_not_met")
    assert app.state.ended == [1011], "the endpoint tidies up as after any error"


# demand


def test_demand_asks_in_the_middle_of_endpoints_and_in_what_they_call() -> None:
    def deeper() -> None:
        demand(claim("tenant", path("tenant")))

    async def view(request: Request) -> Response:
        deeper()
        return PlainTextResponse("own")

    def in_thread(request: Request) -> Response:
        deeper()
        return PlainTextResponse("own")

    @public
    async def opened(request: Request) -> Response:
        demand(authenticated)
        return PlainTextResponse("known")

    @unguarded
    async def login(request: Request) -> Response:
        demand(authenticated)
        return PlainTextResponse("known")

    client = guarded(
        Route("/{tenant}/view", view), Route("/{tenant}/thread", in_thread), Route("/open", opened), Route("/in", login)
    )
    for place in ("view", "thread"):
        assert client.get(f"/other/{place}", headers=bearer(tenant="acme")).status_code == 403
        assert client.get(f"/acme/{place}", headers=bearer(tenant="acme")).text == "own"
    for place in ("/open", "/in"):
        assert client.get(place).status_code == 401
        assert client.get(place, headers=bearer()).text == "known"
    assert client.get("/in", headers={"Authorization": "Bearer x.y.z"}).status_code == 401


class Copying:
    """A middleware that hands on a scope of its own."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(dict(scope), receive, send)


def test_demand_finds_the_parameters_of_the_route_behind_a_middleware_that_copies_the_scope() -> None:
    async def view(request: Request) -> Response:
        demand(claim("tenant", path("tenant")))
        return PlainTextResponse("own")

    app = application(Route("/{tenant}", view))
    app.user_middleware.append(Middleware(Copying))
    client = TestClient(app)
    assert client.get("/acme", headers=bearer(tenant="acme")).text == "own"
    assert client.get("/other", headers=bearer(tenant="acme")).status_code == 403


# Starlette's own requires


def test_starlettes_own_requires_works_on_top_and_knows_scopes_alone() -> None:
    @requires("orders:read")
    async def view(request: Request) -> Response:
        return PlainTextResponse("read")

    @requires(["orders:read", "orders:write"], status_code=404)
    def threaded(request: Request) -> Response:
        return PlainTextResponse("written")

    @public
    @requires("orders:read", redirect="login")
    async def redirecting(request: Request) -> Response:
        return PlainTextResponse("read")

    @requires("orders:read")
    async def socket(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.close()

    client = guarded(
        Route("/view", view),
        Route("/threaded", threaded),
        Route("/redirecting", redirecting),
        Route("/login", whoami, name="login"),
        WebSocketRoute("/socket", socket),
    )
    assert client.get("/view").status_code == 401
    assert client.get("/view", headers=bearer(roles=["orders:read"])).status_code == 403
    assert client.get("/view", headers=bearer(**READER)).text == "read"
    assert client.get("/threaded", headers=bearer(**READER)).status_code == 404
    assert client.get("/threaded", headers=bearer(scope="orders:write orders:read")).text == "written"
    assert (
        client.get("/redirecting").headers["location"]
        == "http://testserver/login?next=http%3A%2F%2Ftestserver%2Fredirecting"
    )
    assert client.get("/redirecting", headers=bearer(**READER)).text == "read"
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/socket", headers=bearer()):
        pass
    with client.websocket_connect("/socket", headers=bearer(**READER)):
        pass


def test_both_kinds_of_requirement_may_stand_on_one_endpoint() -> None:
    @requires("orders:read")
    @require(role("clerk"))
    async def view(request: Request) -> Response:
        return PlainTextResponse("both")

    client = guarded(Route("/", view))
    assert client.get("/", headers=bearer(roles=["clerk"])).status_code == 403
    assert refused_for(client.get("/", headers=bearer(**READER)), "role clerk")
    assert client.get("/", headers=bearer(roles=["clerk"], **READER)).text == "both"


# Mistakes of the developer


@pytest.mark.parametrize("mark", [public, unguarded])
def test_a_mark_and_a_requirement_on_one_endpoint_contradict_each_other(mark: Callable[..., Any]) -> None:
    def fresh(kind: str) -> Any:
        async def function(request: Request) -> Response:
            return PlainTextResponse("open")

        return function if kind == "function" else type("Endpoint", (HTTPEndpoint,), {})

    for kind in ("function", "class"):
        for first, second in ((mark, require(role("clerk"))), (require(role("clerk")), mark)):
            with pytest.raises(ConfigurationError, match="keep one of the two"):
                second(first(fresh(kind)))


def test_what_require_cannot_guard_is_found_when_it_is_declared() -> None:
    class Plain: ...

    class Asgi:
        async def __call__(self, scope: Any, receive: Any, send: Any) -> None: ...

    for endpoint in (Plain, Asgi(), Router([]), "endpoint"):
        with pytest.raises(ConfigurationError, match="takes functions and class-based endpoints"):
            require(role("clerk"))(endpoint)  # type: ignore[type-var]  # the mistake


def test_a_route_that_lost_its_requirement_stops_the_start() -> None:
    async def view(request: Request) -> Response:
        return PlainTextResponse("open")

    require(role("clerk"))(view)  # the result is thrown away
    for routes in ([Route("/", view)], [Mount("/deep", routes=[Route("/", view)])]):
        app = application(*routes)
        with pytest.raises(ConfigurationError, match="below the route decorator"), TestClient(app):
            pass
        with pytest.raises(ConfigurationError, match="below the route decorator"):
            TestClient(app).get("/", headers=bearer())  # without a lifespan, too, and each time
        with pytest.raises(ConfigurationError, match="below the route decorator"):
            TestClient(app).get("/", headers=bearer())
