"""Which route a mark opens, and everything beside it that stays shut: each row once failed open in some design."""

import asyncio
import functools
import time
from collections.abc import Awaitable, Callable, Iterator
from contextvars import Context
from pathlib import Path
from typing import Any

import jwt
import pytest
from starlette.applications import Starlette
from starlette.convertors import CONVERTOR_TYPES, Convertor
from starlette.endpoints import HTTPEndpoint, WebSocketEndpoint
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Host, Match, Mount, Route, Router, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from jwt_middleware import Guard, TrustedIssuer
from jwt_middleware.key_sources.static import static
from jwt_middleware.starlette import JWTMiddleware, current_principal, public, unguarded

ISSUER = "https://issuer.example"
SECRET = "0123456789abcdef" * 4
BAD = {"Authorization": "Bearer x.y.z"}


class Told:
    """An observer that remembers the reasons."""

    def __init__(self) -> None:
        self.reasons: list[str] = []

    def decided(self, decision: Any) -> None:
        self.reasons.append(decision.reason)


def guard_for(**arguments: Any) -> Guard:
    return Guard(TrustedIssuer(ISSUER, audience="orders", keys=static(secret=SECRET)), **arguments)


def bearer(subject: str = "alice", **changes: Any) -> dict[str, str]:
    claims = {"iss": ISSUER, "aud": "orders", "sub": subject, "exp": time.time() + 300, **changes}
    return {"Authorization": f"Bearer {jwt.encode(claims, SECRET, 'HS256')}"}


class Ran:
    """Which private endpoints were run for somebody without a token: none, ever."""

    def __init__(self) -> None:
        self.names: list[str] = []


@pytest.fixture
def ran() -> Iterator[Ran]:
    remembered = Ran()
    _ran.append(remembered)
    yield remembered
    _ran.remove(remembered)


_ran: list[Ran] = []


def reached(name: str) -> None:
    if not current_principal().is_authenticated:
        for each in _ran:
            each.names.append(name)


async def private(request: Request) -> Response:
    reached("private")
    return PlainTextResponse(f"private {current_principal().subject}")


@public
async def health(request: Request) -> Response:
    return PlainTextResponse(f"health {current_principal().subject}")


@public
def sync_health(request: Request) -> Response:
    return PlainTextResponse(f"health {current_principal().subject}")


@unguarded
async def login(request: Request) -> Response:
    return PlainTextResponse(f"login {request.user.subject}")


async def foreign(scope: Scope, receive: Receive, send: Send) -> None:
    reached("foreign")
    await PlainTextResponse("foreign")(scope, receive, send)


def guarded(
    *routes: BaseRoute, inside: tuple[Middleware, ...] = (), guard: Guard | None = None, **options: Any
) -> TestClient:
    door = Middleware(JWTMiddleware, guard=guard or guard_for(), **options)
    return TestClient(Starlette(routes=list(routes), middleware=[door, *inside]), follow_redirects=False)


# What a mark opens


@pytest.mark.parametrize("endpoint", [health, sync_health])
def test_a_public_route_takes_callers_without_a_token(endpoint: Any) -> None:
    client = guarded(Route("/health", endpoint))
    assert client.get("/health").text == "health "
    assert client.head("/health").status_code == 200
    assert client.get("/health", headers=bearer()).text == "health alice"


def test_a_token_that_does_not_pass_is_refused_on_a_public_route() -> None:
    answer = guarded(Route("/health", health)).get("/health", headers=BAD)
    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]


def test_an_unguarded_route_takes_everyone() -> None:
    client = guarded(Route("/login", login))
    assert client.get("/login").text == "login "
    assert client.get("/login", headers=BAD).text == "login "
    assert client.get("/login", headers={"Authorization": "Bearer a b c"}).text == "login "
    assert client.get("/login", headers=bearer()).text == "login alice"


def test_wrong_method_on_a_public_route_is_the_frameworks_own_405() -> None:
    client = guarded(Route("/health", health), Route("/private", private))
    answer = client.post("/health")
    assert answer.status_code == 405
    assert "GET" in answer.headers["allow"]
    assert client.post("/private").status_code == 401
    assert client.post("/private", headers=bearer()).status_code == 405


def test_a_class_based_endpoint_is_public_as_a_whole_or_by_method(ran: Ran) -> None:
    @public
    class Open(HTTPEndpoint):
        async def get(self, request: Request) -> Response:
            return PlainTextResponse("open")

    class Mixed(HTTPEndpoint):
        @public
        async def get(self, request: Request) -> Response:
            return PlainTextResponse("open")

        async def post(self, request: Request) -> Response:
            reached("post")
            return PlainTextResponse("private")

    client = guarded(Route("/open", Open), Route("/mixed", Mixed))
    assert client.get("/open").text == "open"
    assert client.head("/open").status_code == 200
    assert client.post("/open").status_code == 405
    assert client.get("/mixed").text == "open"
    assert client.head("/mixed").status_code == 200
    assert client.post("/mixed").status_code == 401
    assert client.put("/mixed").status_code == 401
    assert client.post("/mixed", headers=bearer()).text == "private"
    assert ran.names == []


def test_a_head_method_of_its_own_is_private_beside_a_public_get(ran: Ran) -> None:
    class Mixed(HTTPEndpoint):
        @public
        async def get(self, request: Request) -> Response:
            return PlainTextResponse("open")

        async def head(self, request: Request) -> Response:
            reached("head")
            return PlainTextResponse("")

    assert guarded(Route("/mixed", Mixed)).head("/mixed").status_code == 401
    assert ran.names == []


def test_public_websockets_take_callers_without_a_token() -> None:
    @public
    async def ticker(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_text(f"tick {current_principal().subject}")
        await websocket.close()

    @public
    class Echo(WebSocketEndpoint):
        encoding = "text"

        async def on_receive(self, websocket: WebSocket, data: Any) -> None:
            await websocket.send_text(data)

    client = guarded(WebSocketRoute("/ticker", ticker), WebSocketRoute("/echo", Echo))
    with client.websocket_connect("/ticker") as socket:
        assert socket.receive_text() == "tick "
    with client.websocket_connect("/echo") as socket:
        socket.send_text("hello")
        assert socket.receive_text() == "hello"
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/nowhere"):
        pass


@pytest.mark.parametrize(
    "inside", [(), (Middleware(GZipMiddleware),), (Middleware(GZipMiddleware), Middleware(GZipMiddleware))]
)
def test_marks_count_in_bare_mounts_and_hosts_however_deep(inside: tuple[Middleware, ...]) -> None:
    deepest = Starlette(routes=[Route("/health", health), Route("/private", private)])
    client = guarded(
        Mount("/app", deepest),
        Mount("/routes", routes=[Mount("/deeper", deepest), Route("/health", health)]),
        Host("{tenant}.example.org", Router([Route("/health", health), Route("/private", private)])),
        inside=inside,
    )
    for path in ("/app", "/routes/deeper"):
        assert client.get(f"{path}/health").text == "health "
        assert client.get(f"{path}/private").status_code == 401
        assert client.get(f"{path}/nowhere").status_code == 401
        assert client.get(f"{path}/private", headers=bearer()).text == "private alice"
        assert client.get(f"{path}/nowhere", headers=bearer()).status_code == 404
    assert client.get("/routes/health").text == "health "
    assert client.get("/health", headers={"Host": "acme.example.org"}).text == "health "
    assert client.get("/private", headers={"Host": "acme.example.org"}).status_code == 401
    assert client.get("/health", headers={"Host": "example.net"}).status_code == 401


def test_marks_count_behind_root_path() -> None:
    app = Starlette(routes=[Route("/health", health), Route("/private", private)])
    app.add_middleware(JWTMiddleware, guard=guard_for())
    client = TestClient(app, root_path="/v1")
    assert client.get("/v1/health").text == "health "
    assert client.get("/v1/private").status_code == 401
    assert client.get("/health").text == "health "


def test_what_stands_outside_reads_which_route_was_run() -> None:
    seen: list[Any] = []

    class Metrics:
        def __init__(self, app: ASGIApp) -> None:
            self.app = app

        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            await self.app(scope, receive, send)
            if scope["type"] == "http":
                seen.append((scope["endpoint"], scope["path_params"], scope["user"].subject))

    @public
    async def item(request: Request) -> Response:
        return PlainTextResponse("item")

    door = Middleware(JWTMiddleware, guard=guard_for())
    for inside in ([], [Middleware(GZipMiddleware)]):
        app = Starlette(routes=[Route("/items/{item}", item)], middleware=[Middleware(Metrics), door, *inside])
        TestClient(app).get("/items/7")
    assert seen == [(item, {"item": "7"}, "")] * 2


def test_path_options_open_what_no_mark_can_reach(tmp_path: Path) -> None:
    (tmp_path / "logo.svg").write_text("<svg/>")
    client = guarded(
        Mount("/static", StaticFiles(directory=tmp_path)),
        Route("/login", login),
        Route("/private", private),
        public_paths=["/static/*"],
        unguarded_paths=["/login"],
    )
    assert client.get("/static/logo.svg").text == "<svg/>"
    assert client.get("/static/logo.svg", headers=BAD).status_code == 401
    assert client.get("/static/../private").status_code == 401
    assert client.get("/login", headers=BAD).text == "login "
    assert client.get("/private").status_code == 401


# What stays shut


def test_unknown_paths_are_refused_to_the_anonymous_and_unknown_to_others() -> None:
    client = guarded(Route("/health", health))
    assert client.get("/nowhere").status_code == 401
    assert client.get("/nowhere", headers=bearer()).status_code == 404


def test_trailing_slash_redirects_are_refused_to_the_anonymous() -> None:
    client = guarded(Route("/health", health), Route("/private/", private))
    assert client.get("/health/").status_code == 401
    assert client.get("/private").status_code == 401
    assert client.get("/health/", headers=bearer()).status_code == 307


def test_static_files_are_refused_to_the_anonymous(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("hello")
    client = guarded(Mount("/", StaticFiles(directory=tmp_path, html=True)))
    assert client.get("/index.html").status_code == 401
    assert client.get("/index.html", headers=bearer()).text == "hello"


def test_a_foreign_mount_is_refused_to_the_anonymous(ran: Ran) -> None:
    client = guarded(Mount("/foreign", foreign), Route("/asgi", _AsgiEndpoint()))
    for path in ("/foreign/health", "/asgi"):
        assert client.get(path).status_code == 401
        assert client.get(path, headers=bearer()).text == "foreign"
    assert ran.names == []


class _AsgiEndpoint:
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await foreign(scope, receive, send)


class Rewrite:
    """A middleware that asks for another path than the caller: in place, or in a copy of the scope."""

    def __init__(self, app: ASGIApp, path: str, copied: bool = False, changes: dict[str, Any] | None = None) -> None:
        self.app = app
        self.path = path
        self.copied = copied
        self.changes = changes or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            if self.copied:
                scope = dict(scope)
            scope["path"] = self.path
            scope.update(self.changes)
        await self.app(scope, receive, send)


class BareRewrite(Starlette):
    """A mounted application that changes what is asked without any middleware."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await super().__call__({**scope, "path": scope["path"].replace("health", "private")}, receive, send)


class BareRouter(Router):
    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        await super().app({**scope, "path": scope["path"].replace("health", "private")}, receive, send)


class HiddenStack(Starlette):
    def build_middleware_stack(self) -> ASGIApp:
        return Rewrite(super().build_middleware_stack(), "/mounted/private", copied=True)


def mounted_apps() -> dict[str, BaseRoute]:
    routes = [Route("/health", health), Route("/private", private)]
    rewriting = Middleware(Rewrite, path="/mounted/private", copied=True)
    inherited = Starlette(routes=routes)
    inherited.router = BareRouter(routes)
    return {
        "application with middleware": Mount("/mounted", Starlette(routes=routes, middleware=[rewriting])),
        "mount with middleware": Mount("/mounted", routes=routes, middleware=[rewriting]),
        "router with middleware": Mount("/mounted", Router(routes, middleware=[rewriting])),
        "application wrapped": Mount("/mounted", Rewrite(Starlette(routes=routes), "/mounted/private", copied=True)),
        "application of a subclass": Mount("/mounted", BareRewrite(routes=routes)),
        "router of a subclass": Mount("/mounted", BareRouter(routes)),
        "application with a router of a subclass": Mount("/mounted", inherited),
        "stack built by a subclass": Mount("/mounted", HiddenStack(routes=routes)),
        "mount of a subclass": RewritingMount("/mounted", Router(routes)),
        "host of a subclass": RewritingHost("testserver", Router([Mount("/mounted", routes=routes)])),
        "guarded application": Mount(
            "/mounted", Starlette(routes=routes, middleware=[Middleware(JWTMiddleware, guard=guard_for()), rewriting])
        ),
    }


class RewritingMount(Mount):
    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        await super().handle({**scope, "path": "/mounted/private"}, receive, send)


class RewritingHost(Host):
    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        await super().handle({**scope, "path": "/mounted/private"}, receive, send)


@pytest.mark.parametrize("kind", sorted(mounted_apps()))
def test_what_a_mounted_application_may_change_is_refused_to_the_anonymous(kind: str, ran: Ran) -> None:
    client = guarded(mounted_apps()[kind])
    assert client.get("/mounted/health").status_code == 401
    assert client.get("/mounted/private").status_code == 401
    assert client.get("/mounted/health", headers=bearer()).text in ("private alice", "health alice")
    assert ran.names == []


class RewritingRoute(Route):
    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        await private(Request(scope))
        await super().handle(scope, receive, send)


class SilentRoute(BaseRoute):
    """A kind of route that names no endpoint."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        return (Match.FULL, {}) if scope["type"] == "http" and scope["path"] == "/silent" else (Match.NONE, {})

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        await foreign(scope, receive, send)


def test_kinds_of_route_that_are_not_known_are_refused_to_the_anonymous(ran: Ran) -> None:
    client = guarded(RewritingRoute("/rewriting", health), SilentRoute())
    assert client.get("/rewriting").status_code == 401
    assert client.get("/silent").status_code == 401
    assert client.get("/silent", headers=bearer()).text == "foreign"
    assert ran.names == []


def test_a_subclass_of_a_public_class_is_private(ran: Ran) -> None:
    @public
    class Open(HTTPEndpoint):
        async def get(self, request: Request) -> Response:
            return PlainTextResponse("open")

    class ByMethod(HTTPEndpoint):
        @public
        async def get(self, request: Request) -> Response:
            return PlainTextResponse("open")

    class Private(Open):
        async def get(self, request: Request) -> Response:
            reached("get")
            return PlainTextResponse("private")

    class PrivateByMethod(ByMethod):
        async def get(self, request: Request) -> Response:
            reached("get")
            return PlainTextResponse("private")

    class Inheriting(ByMethod): ...

    client = guarded(Route("/1", Private), Route("/2", PrivateByMethod), Route("/3", Inheriting))
    assert [client.get(f"/{number}").status_code for number in (1, 2, 3)] == [401, 401, 401]
    assert ran.names == []


def test_the_same_path_is_private_by_method_converter_or_host(ran: Ran) -> None:
    client = guarded(
        Route("/items", health, methods=["GET"]),
        Route("/items", private, methods=["POST"]),
        Route("/items/{number:int}", private),
        Route("/items/{name}", health),
        Host("inner.example.org", Router([Route("/hosted", private)])),
        Route("/hosted", health),
    )
    assert client.get("/items").text == "health "
    assert client.post("/items").status_code == 401
    assert client.get("/items/seven").text == "health "
    assert client.get("/items/7").status_code == 401
    assert client.get("/hosted").text == "health "
    assert client.get("/hosted", headers={"Host": "inner.example.org"}).status_code == 401
    shouted = {"Host": "INNER.example.org:80"}  # whose it is depends on the version of the framework
    private_there = client.get("/hosted", headers={**shouted, **bearer()}).text == "private alice"
    assert client.get("/hosted", headers=shouted).status_code == (401 if private_there else 200)
    assert ran.names == []


def test_a_mark_lost_by_a_decorator_without_wraps_is_private(ran: Ran) -> None:
    def careless(endpoint: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        async def wrapped(request: Request) -> Response:
            reached("wrapped")
            return await endpoint(request)

        return wrapped

    def careful(endpoint: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        @functools.wraps(endpoint)
        async def wrapped(request: Request) -> Response:
            return await endpoint(request)

        return wrapped

    client = guarded(
        Route("/careless", careless(health)),
        Route("/partial", functools.partial(health)),
        Route("/careful", careful(health)),
    )
    assert client.get("/careless").status_code == 401
    assert client.get("/partial").status_code == 401
    assert client.get("/careful").text == "health "
    assert ran.names == []


def in_base_http(**changes: Any) -> Middleware:
    async def dispatch(request: Request, call_next: Any) -> Response:
        request.scope.update(changes)
        response: Response = await call_next(request)
        return response

    return Middleware(BaseHTTPMiddleware, dispatch=dispatch)


class LostContext:
    """Runs what is behind it in a context that knows nothing of the request."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        context = Context()
        await asyncio.get_running_loop().create_task(self._run(scope, receive, send), context=context)

    async def _run(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


class Rebuilt(LostContext):
    """Builds a scope of its own, in a context of its own."""

    async def _run(self, scope: Scope, receive: Receive, send: Send) -> None:
        kept = ("type", "method", "headers", "query_string", "app", "http_version", "scheme", "server", "client")
        await self.app(
            {**{name: scope[name] for name in kept}, "path": scope["path"].replace("/health", "/private")},
            receive,
            send,
        )


REWRITES = {
    "path in place": [Middleware(Rewrite, path="/private")],
    "path in a copy": [Middleware(Rewrite, path="/private", copied=True)],
    "path by BaseHTTPMiddleware": [in_base_http(path="/private")],
    "path in a lost context": [Middleware(Rewrite, path="/private", copied=True), Middleware(LostContext)],
    "path in a scope of its own": [Middleware(Rebuilt)],
    "method in place": [Middleware(Rewrite, path="/health", changes={"method": "POST"})],
    "method in a copy": [Middleware(Rewrite, path="/health", changes={"method": "POST"}, copied=True)],
    "method by BaseHTTPMiddleware": [in_base_http(method="POST")],
    "host in a copy": [
        Middleware(Rewrite, path="/health", changes={"headers": [(b"host", b"inner.example.org")]}, copied=True)
    ],
    "root_path in a copy": [Middleware(Rewrite, path="/health/private", changes={"root_path": "/health"}, copied=True)],
    "path to a mount": [Middleware(Rewrite, path="/mounted/private", copied=True)],
    "path to a foreign mount": [Middleware(Rewrite, path="/foreign/health", copied=True)],
    "path to a silent route": [Middleware(Rewrite, path="/silent", copied=True)],
    "path in place behind another": [Middleware(GZipMiddleware), Middleware(Rewrite, path="/private")],
}


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        *((kind, {}) for kind in sorted(REWRITES)),
        # what a path option opens is open on every host
        *((kind, {"public_paths": [("GET", "/health")]}) for kind in sorted(REWRITES) if "host" not in kind),
        *((kind, {"unguarded_paths": [("GET", "/health")]}) for kind in sorted(REWRITES) if "host" not in kind),
    ],
)
def test_what_is_rewritten_behind_the_door_is_refused_to_the_anonymous(
    kind: str, options: dict[str, Any], ran: Ran
) -> None:
    client = guarded(
        Host("inner.example.org", Router([Route("/health", private)])),
        Route("/health", health),
        Route("/health", private, methods=["POST"]),
        Route("/private", private),
        Mount("/mounted", routes=[Route("/private", private)]),
        Mount("/foreign", foreign),
        SilentRoute(),
        inside=tuple(REWRITES[kind]),
        **options,
    )
    told = client.get("/health")
    assert ran.names == []
    assert told.status_code == 401
    assert "www-authenticate" in told.headers


def test_a_path_rewritten_from_outside_of_guarded_paths_into_them_is_refused(ran: Ran) -> None:
    for inside in ([Middleware(Rewrite, path="/api/private", copied=True)], [in_base_http(path="/api/private")]):
        client = guarded(
            Route("/open", foreign_endpoint),
            Route("/api/private", private),
            inside=tuple(inside),
            guarded_paths=["/api/*"],
        )
        assert client.get("/open").status_code == 401
    assert ran.names == []


async def foreign_endpoint(request: Request) -> Response:
    return PlainTextResponse("open")


def test_outside_of_guarded_paths_nothing_is_touched() -> None:
    for inside in ((), (Middleware(GZipMiddleware),)):
        client = guarded(
            Route("/open", foreign_endpoint), Route("/api/private", private), guarded_paths=["/api/*"], inside=inside
        )
        assert client.get("/open", headers=BAD).text == "open"
        assert client.get("/nowhere").status_code == 404
        assert client.get("/api/private").status_code == 401


def test_rewriting_one_public_path_into_another_is_fine() -> None:
    client = guarded(
        Route("/health", health), Route("/old", login), inside=(Middleware(Rewrite, path="/health", copied=False),)
    )
    assert client.get("/old").text == "health "
    assert client.get("/old", headers=BAD).status_code == 401  # what is run is public, not unguarded


def test_a_good_token_passes_every_middleware_behind_the_door() -> None:
    for kind in REWRITES.values():
        client = guarded(
            Host("inner.example.org", Router([Route("/health", foreign_endpoint)])),
            Route("/{path:path}", foreign_endpoint, methods=["GET", "POST"]),
            inside=tuple(kind),
        )
        assert client.get("/health", headers=bearer()).status_code in (200, 401)


def test_a_guarded_application_behind_an_unguarded_path_prefix_of_its_own_is_seen_where_it_is_routed(ran: Ran) -> None:
    class Prefixed(Starlette):
        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            scope["root_path"] = "/v1"
            await super().__call__(scope, receive, send)

    app = Prefixed(routes=[Route("/api/private", private), Route("/open", foreign_endpoint)])
    client = TestClient(JWTMiddleware(app, guard=guard_for(), guarded_paths=["/api/*"]))
    assert client.get("/v1/api/private").status_code == 401
    assert client.get("/v1/open").text == "open"
    assert ran.names == []


def test_a_converter_that_stumbles_is_refused_to_the_anonymous(monkeypatch: pytest.MonkeyPatch) -> None:
    class Stumbling(Convertor[str]):
        regex = "[^/]+"

        def convert(self, value: str) -> str:
            raise ValueError(value)

        def to_string(self, value: str) -> str:
            return value

    monkeypatch.setitem(CONVERTOR_TYPES, "stumbling", Stumbling())
    client = guarded(Route("/items/{item:stumbling}", health))
    assert client.get("/items/x").status_code == 401
    with pytest.raises(ValueError, match="x"):
        client.get("/items/x", headers=bearer())


def test_where_no_router_is_found_marks_do_not_count_and_the_log_says_so(caplog: pytest.LogCaptureFixture) -> None:
    inner = Starlette(routes=[Route("/health", health), Route("/open", health)])

    class Opaque:
        def __init__(self, application: ASGIApp) -> None:
            self.application = application

        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            await self.application(scope, receive, send)

    client = TestClient(JWTMiddleware(Opaque(inner), guard=guard_for(), public_paths=["/open"]))
    assert client.get("/health").status_code == 401
    assert client.get("/open").text == "health "
    assert [record.getMessage() for record in caplog.records if "no router" in record.getMessage()]


# Preflights


PREFLIGHT = {"Origin": "https://app.example", "Access-Control-Request-Method": "GET"}


def test_a_preflight_reaches_cors_on_either_side_of_the_door() -> None:
    cors = Middleware(CORSMiddleware, allow_origins=["https://app.example"])
    door = Middleware(JWTMiddleware, guard=guard_for())
    for middleware in ([cors, door], [door, cors]):
        client = TestClient(Starlette(routes=[Route("/private", private)], middleware=middleware))
        answer = client.options("/private", headers=PREFLIGHT)
        assert answer.status_code == 200
        assert answer.headers["access-control-allow-origin"] == "https://app.example"
        assert client.options("/private").status_code == 401


@pytest.mark.parametrize("inside", [(), (Middleware(GZipMiddleware),)])
def test_a_preflight_runs_no_private_endpoint(inside: tuple[Middleware, ...], ran: Ran) -> None:
    class Everything(HTTPEndpoint):
        async def options(self, request: Request) -> Response:
            reached("options")
            return PlainTextResponse("private")

    client = guarded(
        Route("/function", private, methods=["GET", "OPTIONS"]),
        Route("/class", Everything),
        Route("/get", private),
        Route("/public", health, methods=["OPTIONS"]),
        Mount("/foreign", foreign),
        Mount("/routes", routes=[Route("/function", private, methods=["OPTIONS"])]),
        SilentRoute(),
        inside=inside,
    )
    for path in ("/function", "/class", "/foreign/x", "/routes/function", "/silent"):
        assert client.options(path, headers=PREFLIGHT).status_code == 401, path
    assert client.options("/get", headers=PREFLIGHT).status_code == 405
    assert client.options("/public", headers=PREFLIGHT).status_code == 200
    assert ran.names == []


# Who is told


def test_a_mark_that_did_not_hold_is_told_as_a_refusal() -> None:
    told = Told()
    client = guarded(
        Route("/health", health),
        Route("/private", private),
        inside=(Middleware(Rewrite, path="/private"),),
        guard=guard_for(observers=[told]),
    )
    assert client.get("/health").status_code == 401
    assert told.reasons == ["public", "token_missing"]


def test_each_admission_and_refusal_is_told_once() -> None:
    told = Told()
    client = guarded(
        Route("/health", health),
        Route("/login", login),
        Route("/private", private),
        inside=(Middleware(GZipMiddleware),),
        guard=guard_for(observers=[told]),
    )
    client.get("/health")
    client.get("/login", headers=BAD)
    client.get("/private")
    client.get("/private", headers=bearer())
    assert told.reasons == ["public", "unguarded", "token_missing", "admitted"]
