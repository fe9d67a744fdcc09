"""Which route a mark opens in FastAPI, and everything beside it that stays shut; included routers choose by themselves."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI, Request, WebSocket
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from starlette.applications import Starlette
from starlette.endpoints import HTTPEndpoint
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Match, Mount, Router
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketDisconnect

from jwt_middleware import starlette as starlette_door
from jwt_middleware.fastapi import public, unguarded
from tests.fastapi.callers import BAD, bearer, guard_for, guarded, note, reached, whoami


async def private() -> str:
    return note("private")


@public
async def health() -> str:
    return f"health {whoami()}"


@public
def sync_health() -> str:
    return f"health {whoami()}"


@unguarded
async def login() -> str:
    return f"login {whoami()}"


def with_both(router: Any) -> Any:
    router.get("/health")(health)
    router.get("/private")(private)
    return router


# What a mark opens


@pytest.mark.parametrize("endpoint", [health, sync_health])
def test_a_public_route_takes_callers_without_a_token(endpoint: Any) -> None:
    app = FastAPI()
    app.get("/health")(endpoint)
    app.head("/health")(endpoint)
    client = guarded(app)
    assert client.get("/health").json() == "health anonymous"
    assert client.head("/health").status_code == 200
    assert client.get("/health", headers=bearer()).json() == "health alice"
    assert client.get("/health", headers=BAD).status_code == 401
    assert client.post("/health").status_code == 405


def test_an_unguarded_route_takes_everyone() -> None:
    app = FastAPI()
    app.post("/login")(login)
    client = guarded(app)
    for headers, name in (({}, "anonymous"), (BAD, "anonymous"), (bearer(), "alice")):
        assert client.post("/login", headers=headers).json() == f"login {name}"


@pytest.mark.parametrize("between", [False, True])
def test_marks_count_in_included_routers_however_deep(between: bool) -> None:
    app = with_both(FastAPI())
    deepest, middle, outer = APIRouter(prefix="/deepest"), APIRouter(), APIRouter(prefix="/outer")
    with_both(deepest)
    middle.include_router(deepest, prefix="/middle")
    outer.include_router(middle)
    with_both(outer)
    app.include_router(outer, prefix="/v1")
    app.include_router(outer, prefix="/v2")
    if between:
        app.add_middleware(GZipMiddleware)
    client = guarded(app)
    places = [
        *("", "/v1/outer", "/v2/outer"),
        *(f"/{version}/outer/middle/deepest" for version in ("v1", "v2")),
    ]
    for place in places:
        assert client.get(f"{place}/health").json() == "health anonymous", place
        assert client.get(f"{place}/private").status_code == 401
        assert client.get(f"{place}/private", headers=bearer()).json() == "private alice"
        assert client.get(f"{place}/nowhere").status_code == 401
        assert client.get(f"{place}/nowhere", headers=bearer()).status_code == 404
    assert client.get("/outer/health").status_code == 401


def test_marks_count_in_mounts_that_stand_bare() -> None:
    sub, included = FastAPI(), APIRouter()
    included.include_router(with_both(APIRouter()), prefix="/included")
    with_both(sub).include_router(included)
    app = FastAPI()
    app.mount("/app", sub)
    app.mount("/router", with_both(APIRouter()))
    app.mount("/starlette", Starlette(routes=[Mount("/deeper", sub)]))
    mounting = APIRouter()
    mounting.mount("/mounted", sub)
    app.include_router(mounting, prefix="/v1")
    client = guarded(app)
    for place in ("/app", "/app/included", "/router", "/starlette/deeper", "/v1/mounted", "/v1/mounted/included"):
        assert client.get(f"{place}/health").json() == "health anonymous", place
        assert client.get(f"{place}/private").status_code == 401
        assert client.get(f"{place}/private", headers=bearer()).json() == "private alice"
        assert client.get(f"{place}/nowhere").status_code == 401
    for place in ("/app/docs", "/app/openapi.json", "/v1/mounted/docs"):
        assert client.get(place).status_code == 401
        assert client.get(place, headers=bearer()).status_code == 200


def test_routes_of_starlettes_own_are_marked_in_fastapi_too() -> None:
    class Mixed(HTTPEndpoint):
        @public
        async def get(self, request: Request) -> Response:
            return PlainTextResponse("open")

        async def post(self, request: Request) -> Response:
            return PlainTextResponse(note("post"))

    Open: Any = Mixed

    @public
    async def plain(request: Request) -> Response:
        return PlainTextResponse("open")

    router = APIRouter()
    router.add_route("/class", Open)
    router.add_route("/plain", plain)
    app = FastAPI()
    app.add_route("/class", Open)
    app.include_router(router, prefix="/included")
    client = guarded(app)
    for path in ("/class", "/included/class", "/included/plain"):
        assert client.get(path).text == "open"
        assert client.head(path).status_code == 200
    assert client.post("/class").status_code == 401
    assert client.post("/included/class").status_code == 401
    assert client.post("/included/class", headers=bearer()).text == "post alice"


@pytest.mark.parametrize("place", ["", "/included", "/app"])
def test_public_websockets_take_callers_without_a_token(place: str) -> None:
    @public
    async def ticker(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_text(f"tick {whoami()}")
        await websocket.close()

    async def secret(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_text(note("secret"))
        await websocket.close()

    def with_sockets(router: Any) -> Any:
        router.websocket("/ticker")(ticker)
        router.websocket("/secret")(secret)
        return router

    app = with_sockets(FastAPI())
    app.include_router(with_sockets(APIRouter()), prefix="/included")
    app.mount("/app", with_sockets(FastAPI()))
    client = guarded(app)
    with client.websocket_connect(f"{place}/ticker") as socket:
        assert socket.receive_text() == "tick anonymous"
    with pytest.raises(WebSocketDisconnect), client.websocket_connect(f"{place}/secret"):
        pass
    with client.websocket_connect(f"{place}/secret", headers=bearer()) as socket:
        assert socket.receive_text() == "secret alice"


def test_marks_count_behind_root_path() -> None:
    for of_app, client_root in (("/v1", ""), ("", "/v1")):
        app = FastAPI()
        app.root_path = of_app
        app.include_router(with_both(APIRouter()))
        guarded(app)
        client = TestClient(app, root_path=client_root)
        assert client.get("/v1/health").json() == "health anonymous"
        assert client.get("/v1/private").status_code == 401


if "max_body_size" in FastAPI.__init__.__annotations__:  # newer than the lowest version

    def test_marks_count_where_bodies_are_limited() -> None:
        app = with_both(FastAPI(max_body_size=10))
        app.include_router(with_both(APIRouter(max_body_size=5)), prefix="/included", max_body_size=7)
        app.mount("/app", with_both(FastAPI(max_body_size=3)))
        app.mount("/router", with_both(APIRouter(max_body_size=3)))
        client = guarded(app)
        for place in ("", "/included", "/app", "/router"):
            assert client.get(f"{place}/health").json() == "health anonymous", place
            assert client.get(f"{place}/private").status_code == 401
            assert client.get(f"{place}/private", headers=bearer()).json() == "private alice"


def test_what_stands_outside_reads_which_route_was_run() -> None:
    seen: list[Any] = []

    class Metrics:
        def __init__(self, app: ASGIApp) -> None:
            self.app = app

        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            await self.app(scope, receive, send)
            seen.append((scope["endpoint"], scope["route"].endpoint, scope["path_params"]))

    @public
    async def item(number: int) -> int:
        return number

    for between in (False, True):
        router = APIRouter()
        router.get("/items/{number}")(item)
        app = FastAPI()
        app.include_router(router)
        if between:
            app.add_middleware(GZipMiddleware)
        client = guarded(app)
        app.add_middleware(Metrics)
        assert client.get("/items/7").json() == 7
    assert seen == [(item, item, {"number": "7"})] * 2


def test_a_route_class_with_a_handler_of_its_own_keeps_its_marks() -> None:
    class Timed(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Any]:
            original = super().get_route_handler()

            async def timed(request: Request) -> Response:
                response: Response = await original(request)
                response.headers["X-Time"] = "0"
                return response

            return timed

    app = FastAPI()
    app.include_router(with_both(APIRouter(route_class=Timed)))
    client = guarded(app)
    assert client.get("/health").headers["X-Time"] == "0"
    assert client.get("/private").status_code == 401


def test_routes_that_are_added_after_the_first_request_are_judged_like_all_others() -> None:
    app = FastAPI()
    router = APIRouter()
    app.include_router(router)
    client = guarded(app)
    assert client.get("/health").status_code == 401
    with_both(router)
    assert client.get("/health").json() == "health anonymous"
    assert client.get("/private").status_code == 401
    app.get("/late/health")(health)
    app.get("/late/private")(private)
    app.include_router(with_both(APIRouter()), prefix="/included")
    app.mount("/app", with_both(FastAPI()))
    for place in ("/late", "/included", "/app"):
        assert client.get(f"{place}/health").json() == "health anonymous", place
        assert client.get(f"{place}/private").status_code == 401
        assert client.get(f"{place}/private", headers=bearer()).json() == "private alice"


# What stays shut


def test_documentation_routes_are_guarded_unless_their_paths_are_open() -> None:
    pages = ("/docs", "/redoc", "/openapi.json", "/docs/oauth2-redirect")
    client = guarded(with_both(FastAPI()))
    for page in pages:
        assert client.get(page).status_code == 401
        assert client.head(page).status_code == 401
        assert client.get(page, headers=bearer()).status_code == 200
    client = guarded(with_both(FastAPI()), public_paths=["/docs", "/openapi.json"])
    assert [client.get(page).status_code for page in pages] == [200, 401, 200, 401]
    assert "/private" in client.get("/openapi.json").json()["paths"]


def test_trailing_slash_redirects_are_refused_to_the_anonymous() -> None:
    app = with_both(FastAPI())
    app.include_router(with_both(APIRouter()), prefix="/included")
    app.get("/slash/")(health)
    client = guarded(app)
    for path in ("/health/", "/private/", "/included/health/", "/slash"):
        assert client.get(path).status_code == 401, path
        assert client.get(path, headers=bearer()).status_code == 307


def test_a_mount_with_a_middleware_of_its_own_is_refused_to_the_anonymous() -> None:
    sub = with_both(FastAPI())
    sub.add_middleware(GZipMiddleware)
    app = FastAPI()
    app.mount("/layered", sub)
    rooted = with_both(FastAPI())
    rooted.root_path = "/elsewhere"
    app.mount("/rooted", rooted)
    client = guarded(app)
    for path in ("/layered/health", "/rooted/health"):
        assert client.get(path).status_code == 401
        assert client.get(path, headers=bearer()).status_code in (200, 404)


if hasattr(FastAPI, "frontend"):  # newer than the lowest version

    @pytest.fixture
    def built(tmp_path: Path) -> Path:
        (tmp_path / "index.html").write_text("front")
        (tmp_path / "secret.js").write_text("secret")
        return tmp_path

    @pytest.mark.parametrize("between", [False, True])
    def test_a_frontend_is_refused_to_the_anonymous_and_marks_beside_it_count(built: Path, between: bool) -> None:
        app = with_both(FastAPI())
        router = with_both(APIRouter())
        router.frontend("/ui", directory=built)
        app.include_router(router, prefix="/included")
        app.frontend("/", directory=built)
        sub = with_both(FastAPI())
        sub.frontend("/", directory=built)
        app.mount("/app", sub)
        if between:
            app.add_middleware(GZipMiddleware)
        client = guarded(app)
        for path in (
            "/",
            "/index.html",
            "/secret.js",
            "/included/ui/",
            "/included/ui/secret.js",
            "/app/",
            "/any/route",
        ):
            for method in ("GET", "HEAD", "POST"):
                assert client.request(method, path).status_code == 401, (method, path)
        assert client.get("/secret.js", headers=bearer()).text == "secret"
        assert client.get("/included/ui/secret.js", headers=bearer()).text == "secret"
        assert client.get("/app/secret.js", headers=bearer()).text == "secret"
        for place in ("", "/included", "/app"):
            assert client.get(f"{place}/health").json() == "health anonymous"
            assert client.get(f"{place}/private").status_code == 401
        assert client.get("/health/").status_code == 401

    def test_a_frontend_is_opened_by_its_path_alone(built: Path) -> None:
        app = with_both(FastAPI())
        app.frontend("/ui", directory=built)
        client = guarded(app, public_paths=["/ui/*"])
        assert client.get("/ui/secret.js").text == "secret"
        assert client.get("/ui/../private").status_code == 401
        assert client.get("/private").status_code == 401


def test_the_same_path_is_private_by_method_converter_host_or_order() -> None:
    app, router, hosted = FastAPI(), APIRouter(), APIRouter()
    hosted.get("/hosted")(private)
    app.host("inner.example.org", hosted)
    router.get("/items")(health)
    router.post("/items")(private)
    router.get("/items/{number:int}")(private)
    router.get("/items/{name}")(health)
    router.get("/users/me")(private)
    router.get("/users/{name}")(health)
    router.get("/hosted")(health)
    app.include_router(router)
    client = guarded(app)
    for path in ("/items", "/items/seven", "/users/other", "/hosted"):
        assert client.get(path).json() == "health anonymous", path
    assert client.post("/items").status_code == 401
    assert client.delete("/items").status_code == 405
    for path in ("/items/7", "/users/me"):
        assert client.get(path).status_code == 401, path
    assert client.get("/hosted", headers={"Host": "inner.example.org"}).status_code == 401
    for host in (
        "INNER.example.org:80",
        "inner.example.org.",
        "inner.example.org@x",
        "",
    ):  # each Starlette reads its own
        chosen = client.get("/hosted", headers={**bearer(), "Host": host}).json()
        expected = 401 if chosen == "private alice" else 200
        assert client.get("/hosted", headers={"Host": host}).status_code == expected, host


def test_a_route_of_an_earlier_router_hides_a_public_one_of_a_later() -> None:
    app, first, second = FastAPI(), APIRouter(), APIRouter()
    first.get("/{anything:path}")(private)
    second.get("/health")(health)
    app.include_router(first)
    app.include_router(second)
    assert guarded(app).get("/health").status_code == 401


def test_a_mark_lost_by_a_decorator_without_wraps_is_private() -> None:
    def careless(endpoint: Callable[[], Any]) -> Callable[[], Any]:
        async def wrapped() -> Any:
            reached.append("careless")
            return await endpoint()

        return wrapped

    app, router = FastAPI(), APIRouter()
    router.get("/careless")(careless(health))
    router.get("/partial")(functools.partial(health))
    app.include_router(router)
    client = guarded(app)
    assert client.get("/careless").status_code == 401
    assert client.get("/partial").status_code == 401


class RewritingRouter(APIRouter):
    """An included router that runs another of its routes than it was asked for."""

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        await super().handle({**scope, "path": scope["path"].replace("health", "private")}, receive, send)


class OtherwiseMatchingRouter(APIRouter):
    """An included router that takes a request as if it had asked for something else."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        scope["path"] = scope["path"].replace("health", "private")
        return super().matches(scope)


class GreedyRouter(APIRouter):
    """An included router that takes every request, whatever its routes say."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        return Match.FULL, {}


class Greedy(APIRoute):
    """A kind of route that takes what belongs to others, and does not say what it runs."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        return (Match.FULL, {}) if scope["type"] == "http" else (Match.NONE, {})

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse(note("greedy"))(scope, receive, send)


class Running(APIRoute):
    """A kind of route that runs something before the endpoint that it names."""

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        note("running")
        await super().handle(scope, receive, send)


class Silent(BaseRoute):
    """A kind of route that names no endpoint."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        return (Match.FULL, {}) if scope["type"] == "http" else (Match.NONE, {})

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse(note("silent"))(scope, receive, send)


def rewriting_instance() -> APIRouter:
    router = with_both(APIRouter())
    original = router.handle

    async def handle(scope: Scope, receive: Receive, send: Send) -> None:
        await original({**scope, "path": scope["path"].replace("health", "private")}, receive, send)

    router.handle = handle
    return router  # type: ignore[no-any-return]  # the same


def greedy_first() -> APIRouter:
    router = APIRouter()
    router.add_api_route("/elsewhere", private, route_class_override=Greedy)
    return with_both(router)  # type: ignore[no-any-return]  # the same


def greedy_instance_first() -> APIRouter:
    router = APIRouter()
    router.get("/elsewhere")(private)
    (route,) = router.routes
    route.matches = lambda scope: (Match.FULL, {})  # type: ignore[method-assign]  # what instrumentation does
    return with_both(router)  # type: ignore[no-any-return]  # the same


def greedy_router_first() -> APIRouter:
    async def default(scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse(note("default"))(scope, receive, send)

    router = APIRouter()
    router.include_router(GreedyRouter(default=default))
    return with_both(router)  # type: ignore[no-any-return]  # the same


ODD_ROUTERS: dict[str, Callable[[], APIRouter]] = {
    "a router that rewrites": lambda: with_both(RewritingRouter()),
    "a router that rewrites, by an attribute": rewriting_instance,
    "a router that matches otherwise": lambda: with_both(OtherwiseMatchingRouter()),
    "a router that takes everything": greedy_router_first,
    "a route that takes everything": greedy_first,
    "a route that takes everything, by an attribute": greedy_instance_first,
    "routes that run something before": lambda: with_both(APIRouter(route_class=Running)),
}


@pytest.mark.parametrize("depth", [1, 2])
@pytest.mark.parametrize("between", [False, True])
@pytest.mark.parametrize("kind", sorted(ODD_ROUTERS))
def test_an_included_router_that_chooses_by_itself_is_refused_to_the_anonymous(
    kind: str, between: bool, depth: int
) -> None:
    router = ODD_ROUTERS[kind]()
    for _ in range(depth - 1):
        outer = APIRouter()
        outer.include_router(router)
        router = outer
    app = FastAPI()
    app.get("/before")(health)
    app.include_router(router)
    if between:
        app.add_middleware(GZipMiddleware)
    client = guarded(app)
    assert client.get("/health").status_code == 401
    assert client.get("/private").status_code == 401
    assert client.get("/before").json() == "health anonymous"
    assert client.get("/health", headers=bearer()).status_code == 200


@pytest.mark.parametrize("included", [False, True])
def test_a_greedy_route_before_a_public_one_is_refused_to_the_anonymous(included: bool) -> None:
    app = FastAPI()
    router: Any = APIRouter() if included else app
    router.add_api_route("/elsewhere", private, route_class_override=Greedy) if included else app.router.routes.append(
        Greedy("/elsewhere", private)
    )
    if included:
        app.include_router(router)
    app.get("/health")(health)
    client = guarded(app)
    assert client.get("/health").status_code == 401
    assert client.get("/health", headers=bearer()).text == "greedy alice"


def test_kinds_of_route_that_are_not_known_are_refused_to_the_anonymous() -> None:
    app = FastAPI()
    app.router.routes.insert(0, Silent())
    app.get("/health")(health)
    assert guarded(app).get("/health").status_code == 401


class Rewrite:
    """A middleware that asks for another path than the caller: in place, or in a copy of the scope."""

    def __init__(self, app: ASGIApp, copied: bool, changes: dict[str, Any]) -> None:
        self.app = app
        self.copied = copied
        self.changes = changes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope = dict(scope) if self.copied else scope
            scope.update(self.changes)
        await self.app(scope, receive, send)


def in_function_middleware(app: FastAPI, changes: dict[str, Any]) -> None:
    @app.middleware("http")
    async def rewriting(request: Request, call_next: Any) -> Any:
        request.scope.update(changes)
        return await call_next(request)


@pytest.mark.parametrize("way", ["in place", "in a copy", "by @app.middleware"])
@pytest.mark.parametrize(
    "changes",
    [
        {"path": "/private"},
        {"path": "/included/private"},
        {"path": "/app/private"},
        {"path": "/app/included/private"},
        {"path": "/silent"},
        {"path": "/docs"},
        {"path": "/health/"},
        {"method": "POST"},
        {"method": "HEAD"},
        {"path": "/health/private", "root_path": "/health"},
        {"headers": [(b"host", b"inner.example.org")]},
    ],
    ids=str,
)
def test_what_is_rewritten_behind_the_door_is_refused_to_the_anonymous(way: str, changes: dict[str, Any]) -> None:
    app, sub, hosted = with_both(FastAPI()), with_both(FastAPI()), APIRouter()
    hosted.get("/health")(private)
    app.router.routes.insert(0, starlette_host("inner.example.org", hosted))
    app.post("/health")(private)
    app.head("/health")(private)
    sub.include_router(with_both(APIRouter()), prefix="/included")
    app.include_router(with_both(APIRouter()), prefix="/included")
    app.mount("/app", sub)
    app.mount("/silent", Router([Silent()]))
    if way == "by @app.middleware":
        in_function_middleware(app, changes)
    else:
        app.add_middleware(Rewrite, copied=way == "in a copy", changes=changes)
    answer = guarded(app).get("/health")
    assert answer.status_code == 401
    assert "www-authenticate" in answer.headers


def starlette_host(host: str, app: ASGIApp) -> BaseRoute:
    from starlette.routing import Host

    return Host(host, app)


@pytest.mark.parametrize("between", [False, True])
def test_a_preflight_runs_no_private_endpoint(between: bool) -> None:
    app, router = FastAPI(), APIRouter()
    router.options("/private")(private)
    router.get("/get")(private)
    router.options("/open")(health)
    app.include_router(router)
    if between:
        app.add_middleware(GZipMiddleware)
    client = guarded(app)
    asked = {"Origin": "https://app.example", "Access-Control-Request-Method": "GET"}
    assert client.options("/private", headers=asked).status_code == 401
    assert client.options("/get", headers=asked).status_code == 405
    assert client.options("/open", headers=asked).status_code == 200
    assert client.options("/nowhere", headers=asked).status_code == 401


def test_the_door_of_starlette_guards_what_fastapi_includes_as_a_whole() -> None:
    app = with_both(FastAPI())
    app.include_router(with_both(APIRouter()), prefix="/included")
    app.add_middleware(starlette_door.JWTMiddleware, guard=guard_for())
    client = TestClient(app)
    assert client.get("/health").json() == "health anonymous"
    assert client.get("/included/health").status_code == 401
    assert client.get("/included/private").status_code == 401
    assert client.get("/included/private", headers=bearer()).json() == "private alice"


def test_a_door_outside_of_the_application_sees_its_marks_too() -> None:
    from jwt_middleware.fastapi import JWTMiddleware

    app = with_both(FastAPI())
    app.include_router(with_both(APIRouter()), prefix="/included")
    app.add_middleware(GZipMiddleware)
    client = TestClient(JWTMiddleware(app, guard=guard_for()))
    for place in ("", "/included"):
        assert client.get(f"{place}/health").json() == "health anonymous"
        assert client.get(f"{place}/private").status_code == 401
