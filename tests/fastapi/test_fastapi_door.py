"""What is special to the FastAPI door beside marks, require and the OpenAPI document."""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any

import pytest
from fastapi import APIRouter, BackgroundTasks, Depends, FastAPI, HTTPException, Request, WebSocket
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse, StreamingResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from fastapi.testclient import TestClient
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketDisconnect

from jwt_middleware import AuthError, AuthUnavailable, ConfigurationError, Forbidden, carry_principal, role
from jwt_middleware.fastapi import (
    CurrentPrincipal,
    JWTMiddleware,
    Principal,
    current_principal,
    demand,
    public,
    require,
)
from tests.fastapi.callers import CLERK, bearer, guard_for, guarded, whoami, with_route


@public
def openly() -> str:
    return whoami()


# Where the principal is


@pytest.mark.parametrize("threaded", [False, True])
def test_the_caller_is_where_people_look(threaded: bool) -> None:
    def seen(request: Request, caller: CurrentPrincipal) -> list[bool]:
        return [caller is each for each in (current_principal(), request.user, request.auth, request.scope["user"])]

    async def awaited(request: Request, caller: CurrentPrincipal) -> list[bool]:
        return seen(request, caller)

    assert with_route(seen if threaded else awaited).get("/", headers=bearer()).json() == [True] * 4


def test_dependencies_see_the_caller_before_and_after_the_answer() -> None:
    seen: list[str] = []

    async def session() -> AsyncIterator[str]:
        seen.append(f"opened {whoami()}")
        yield "session"
        seen.append(f"closed {whoami()}")

    def threaded() -> Iterator[str]:
        seen.append(f"opened {whoami()}")
        yield "threaded"
        seen.append(f"closed {whoami()}")

    def endpoint(a: Annotated[str, Depends(session)], b: Annotated[str, Depends(threaded)]) -> str:
        return whoami()

    client = with_route(endpoint)
    assert client.get("/", headers=bearer()).json() == "alice"
    assert seen == ["opened alice", "opened alice", "closed alice", "closed alice"]
    client.get("/")
    assert len(seen) == 4


def test_background_tasks_see_the_caller() -> None:
    seen: list[str] = []

    def in_thread() -> None:
        demand(role("clerk"))
        seen.append(f"thread {whoami()}")

    async def awaited() -> None:
        await asyncio.to_thread(in_thread)
        seen.append(f"task {whoami()}")

    @require(role("clerk"))
    def endpoint(tasks: BackgroundTasks) -> str:
        tasks.add_task(in_thread)
        tasks.add_task(awaited)
        return whoami()

    client = with_route(endpoint)
    assert client.get("/", headers=bearer(**CLERK)).json() == "alice"
    assert seen == ["thread alice", "thread alice", "task alice"]
    assert client.get("/", headers=bearer()).status_code == 403
    assert len(seen) == 3


def test_tasks_and_carried_threads_see_the_caller() -> None:
    async def endpoint() -> list[str]:
        async def inner() -> str:
            return whoami()

        found: list[str] = []

        def work() -> None:
            found.append(whoami())

        thread = threading.Thread(target=carry_principal(work))
        thread.start()
        await asyncio.to_thread(thread.join, 20)
        return [await asyncio.create_task(inner()), await asyncio.to_thread(whoami), *found]

    assert with_route(endpoint).get("/", headers=bearer()).json() == ["alice"] * 3


@pytest.mark.parametrize("kind", ["raw", "lines", "events"])
@pytest.mark.parametrize("threaded", [False, True])
def test_a_stream_sees_its_caller_to_the_end(kind: str, threaded: bool) -> None:
    from fastapi.sse import EventSourceResponse

    seen: list[str] = []

    def in_thread() -> Iterator[str]:
        try:
            for _ in range(3):
                yield whoami()
        finally:
            seen.append(whoami())

    async def awaited() -> AsyncIterator[str]:
        try:
            for _ in range(3):
                yield whoami()
                await asyncio.sleep(0)
        finally:
            seen.append(whoami())

    options: dict[str, dict[str, Any]] = {
        "raw": {"response_class": StreamingResponse},
        "lines": {},
        "events": {"response_class": EventSourceResponse},
    }
    client = with_route(in_thread if threaded else awaited, **options[kind])
    assert client.get("/", headers=bearer()).text.count("alice") == 3
    assert seen == ["alice"]


def test_callers_at_the_same_time_are_kept_apart() -> None:
    count = 6
    barrier = threading.Barrier(count, timeout=20)

    def endpoint(caller: Annotated[Principal, Depends(require(role("clerk")))]) -> list[str]:
        barrier.wait()
        return [caller.subject, whoami()]

    client = with_route(endpoint)
    found: dict[str, list[str]] = {}

    def call(name: str) -> None:
        found[name] = client.get("/", headers=bearer(name, **CLERK)).json()

    with client:
        threads = [threading.Thread(target=call, args=(f"c{number}",)) for number in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
    assert found == {f"c{number}": [f"c{number}"] * 2 for number in range(count)}


def test_fastapis_own_security_schemes_work_beside() -> None:
    def endpoint(own: Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())]) -> list[str]:
        return [own.scheme, whoami()]

    assert with_route(endpoint).get("/", headers=bearer()).json() == ["Bearer", "alice"]


# Refusals inside


def refusing(kind: str) -> Any:
    async def endpoint() -> None:
        raise Forbidden(missing=("a good reason",))

    async def unavailable() -> None:
        raise AuthUnavailable("revocations_unavailable", retry_after=7)

    return {"endpoint": endpoint, "outage": unavailable}[kind]


@pytest.mark.parametrize("where", ["app", "included", "mounted", "mounted deeper"])
@pytest.mark.parametrize("kind", ["endpoint", "outage"])
@pytest.mark.parametrize("catch_all", [False, True])
def test_an_auth_error_becomes_the_challenge_however_deep_it_is_raised(kind: str, where: str, catch_all: bool) -> None:
    def new() -> FastAPI:
        return FastAPI(exception_handlers={Exception: caught} if catch_all else {})

    async def caught(request: Request, error: Exception) -> JSONResponse:
        return JSONResponse("caught", 418)

    app = new()
    inner: Any = APIRouter() if where == "included" else new() if where != "app" else app
    inner.get("/refusing")(refusing(kind))
    if where == "included":
        app.include_router(inner)
    elif where == "mounted":
        app.mount("/sub", inner)
    elif where == "mounted deeper":
        between, router = new(), APIRouter()
        router.mount("/deeper", inner)
        between.include_router(router)
        app.mount("/sub", between)
    place = {"mounted": "/sub", "mounted deeper": "/sub/deeper"}.get(where, "")
    answer = guarded(app).get(f"{place}/refusing", headers=bearer())
    assert answer.status_code == (503 if kind == "outage" else 403)
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_handler_of_the_users_own_for_auth_errors_is_respected() -> None:
    app = FastAPI()
    app.get("/")(refusing("endpoint"))

    @app.exception_handler(AuthError)
    async def own(request: Request, error: AuthError) -> JSONResponse:
        return JSONResponse({"own": error.reason}, error.status)

    answer = guarded(app).get("/", headers=bearer())
    assert (answer.status_code, answer.json()) == (403, {"own": "requirement_not_met"})


def test_the_applications_own_answers_and_errors_pass_untouched() -> None:
    app = FastAPI()

    @app.get("/unauthorized")
    def unauthorized() -> None:
        raise HTTPException(401, "theirs", headers={"WWW-Authenticate": "Custom"})

    @app.get("/validated")
    def validated(number: int) -> None: ...

    @app.get("/boom")
    def boom() -> None:
        raise ZeroDivisionError("theirs")

    client = guarded(app)
    answer = client.get("/unauthorized", headers=bearer())
    assert (answer.status_code, answer.json()) == (401, {"detail": "theirs"})
    assert answer.headers["www-authenticate"] == "Custom"
    assert client.get("/validated", headers=bearer()).status_code == 422
    assert client.get("/validated").status_code == 401
    with pytest.raises(ZeroDivisionError, match="theirs"):
        client.get("/boom", headers=bearer())


def test_a_dependency_that_catches_everything_does_not_let_a_refused_caller_in() -> None:
    seen: list[str] = []

    async def careless() -> AsyncIterator[None]:
        with contextlib.suppress(Exception):
            yield

    @require(role("clerk"))
    def endpoint() -> str:
        seen.append("ran")
        return "ran"

    client = with_route(endpoint, dependencies=[Depends(careless)])
    with pytest.raises(Exception, match="Response not awaited"):  # FastAPI's own complaint
        client.get("/", headers=bearer())
    assert seen == []
    assert client.get("/", headers=bearer(**CLERK)).json() == "ran"


def test_a_refusal_in_a_websocket_is_answered_before_accept_and_closes_after() -> None:
    app, sub = FastAPI(), FastAPI()

    async def late(websocket: WebSocket) -> None:
        await websocket.accept()
        demand(role("clerk"))

    for router in (app, sub):
        router.websocket("/late")(late)
    app.mount("/sub", sub)
    client = guarded(app)
    for place in ("", "/sub"):
        with client.websocket_connect(f"{place}/late", headers=bearer()) as socket:
            with pytest.raises(WebSocketDisconnect) as closed:
                socket.receive_text()
            assert closed.value.code == 3003


# Beside other middlewares and applications


def test_cors_headers_reach_refusals_where_cors_is_added_last() -> None:
    app = FastAPI()
    app.get("/")(require(role("clerk"))(lambda: "clerk"))
    client = guarded(app)
    app.add_middleware(CORSMiddleware, allow_origins=["https://app.example"])
    origin = {"Origin": "https://app.example"}
    for headers, status in (({}, 401), (bearer(), 403), (bearer(**CLERK), 200)):
        answer = client.get("/", headers={**headers, **origin})
        assert answer.status_code == status
        assert answer.headers["access-control-allow-origin"] == "https://app.example"
    assert client.options("/", headers={**origin, "Access-Control-Request-Method": "GET"}).status_code == 200


def test_a_middleware_in_between_sees_the_caller_and_may_refuse() -> None:
    app = FastAPI()
    app.get("/")(openly)

    @app.middleware("http")
    async def counting(request: Request, call_next: Any) -> Any:
        if request.user.subject == "mallory":
            raise Forbidden(missing=("manners",))
        response = await call_next(request)
        response.headers["X-Caller"] = request.user.subject
        return response

    client = guarded(app)
    assert client.get("/", headers=bearer()).headers["x-caller"] == "alice"
    assert client.get("/").headers["x-caller"] == ""
    assert client.get("/", headers=bearer("mallory")).json()["missing"] == ["manners"]


def test_a_guarded_application_in_an_open_one_guards_itself() -> None:
    app, sub = FastAPI(), FastAPI()
    app.get("/open")(whoami)
    sub.get("/private")(whoami)
    sub.get("/public")(openly)
    guarded(sub)
    app.mount("/sub", sub)
    client = TestClient(app)
    assert client.get("/open", headers=bearer()).json() == "anonymous"
    assert client.get("/sub/private").status_code == 401
    assert client.get("/sub/private", headers=bearer()).json() == "alice"
    assert client.get("/sub/public").json() == "anonymous"


def test_a_guarded_application_in_a_guarded_one_asks_again() -> None:
    app, sub = FastAPI(), FastAPI()
    sub.get("/public")(openly)
    sub.get("/private")(whoami)
    guarded(sub)
    app.mount("/sub", sub)
    client = guarded(app, public_paths=["/sub/*"])
    assert client.get("/sub/private").status_code == 401
    assert client.get("/sub/public").json() == "anonymous"
    assert client.get("/sub/private", headers=bearer()).json() == "alice"


def test_a_lifespan_reaches_the_application_and_its_state_the_routes() -> None:
    seen: list[str] = []

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, str]]:
        seen.append("startup")
        yield {"found": "state"}
        seen.append("shutdown")

    app = FastAPI(lifespan=lifespan)

    @app.get("/")
    def endpoint(request: Request) -> str:
        return str(request.state.found)

    with guarded(app) as client:
        assert client.get("/", headers=bearer()).json() == "state"
    assert seen == ["startup", "shutdown"]


def test_wrong_arguments_are_found_before_anything_is_served() -> None:
    app = FastAPI()
    app.add_middleware(JWTMiddleware, guard=guard_for(), public_paths=["health"])
    with pytest.raises(ConfigurationError), TestClient(app):
        pass


class Observed:
    def __init__(self) -> None:
        self.reasons: list[str] = []

    def decided(self, decision: Any) -> None:
        self.reasons.append(decision.reason)


def test_each_decision_is_told_once_whatever_form_require_has() -> None:
    told = Observed()
    app = FastAPI()
    app.get("/decorator")(require(role("clerk"))(lambda: "ran"))
    app.get("/dependency", dependencies=[Depends(require(role("clerk")))])(lambda: "ran")
    app.get("/public")(public(lambda: "ran"))
    client = guarded(app, guard=guard_for(observers=[told]))
    for path in ("/decorator", "/dependency"):
        client.get(path, headers=bearer())
        assert told.reasons == ["admitted", "requirement_not_met"]
        told.reasons.clear()
    client.get("/public")
    client.get("/decorator")
    assert told.reasons == ["public", "token_missing"]


class Wrapping:
    """A middleware that is no class of Starlette's and hides what stands behind it."""

    def __init__(self, app: ASGIApp) -> None:
        self.inner = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.inner(scope, receive, send)


def test_where_the_router_is_hidden_marks_do_not_count_and_the_log_says_so(caplog: pytest.LogCaptureFixture) -> None:
    app, router = FastAPI(), APIRouter()
    router.get("/public")(openly)
    app.include_router(router)
    app.add_middleware(Wrapping)
    client = guarded(app)
    assert client.get("/public").status_code == 401
    assert client.get("/public", headers=bearer()).json() == "alice"
    assert any("no router" in record.getMessage() for record in caplog.records)
