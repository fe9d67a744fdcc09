"""What is special to the Starlette door, beside marks and requirements; the contract table has what every door does."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.authentication import BaseUser
from starlette.background import BackgroundTask, BackgroundTasks
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.testclient import TestClient, WebSocketDenialResponse
from starlette.websockets import WebSocket, WebSocketDisconnect

from jwt_middleware import ANONYMOUS, ConfigurationError, Forbidden, MissingToken, Principal, role, scope
from jwt_middleware.access.current import current_passage
from jwt_middleware.starlette import JWTMiddleware, current_principal, demand, public, require, unguarded
from tests.starlette.callers import BAD, READER, application, bearer, guard_for, guarded, health, whoami

# Where the principal is


def test_the_principal_is_request_user_and_request_auth_and_fits_starlettes_types() -> None:
    async def view(request: Request) -> Response:
        user = request.user
        assert user is request.auth is current_principal()
        assert isinstance(user, Principal)
        # BaseUser is no Protocol: what it promises is asked for, name by name
        promised = [name for name in vars(BaseUser) if not name.startswith("_")]
        assert sorted(promised) == ["display_name", "identity", "is_authenticated"]
        return JSONResponse({**{name: getattr(user, name) for name in promised}, "scopes": list(request.auth.scopes)})

    answer = guarded(Route("/", view)).get("/", headers=bearer(**READER)).json()
    assert answer == {
        "is_authenticated": True,
        "display_name": "alice",
        "identity": "https://issuer.example|alice",
        "scopes": ["orders:read"],
    }


def test_on_open_routes_the_anonymous_are_anonymous() -> None:
    async def view(request: Request) -> Response:
        assert request.user is request.auth is current_principal() is ANONYMOUS
        return PlainTextResponse(f"{request.user.is_authenticated} {list(request.auth.scopes)}")

    async def login(request: Request) -> Response:
        return await view(request)

    client = guarded(Route("/health", public(view)), Route("/login", unguarded(login)))
    assert client.get("/health").text == "False []"
    assert client.get("/login", headers=BAD).text == "False []"


def test_a_misspelt_attribute_raises() -> None:
    async def view(request: Request) -> Response:
        return PlainTextResponse(str(request.user.is_authentcated))

    with pytest.raises(AttributeError):
        guarded(Route("/", view)).get("/", headers=bearer())


def test_threads_tasks_and_background_tasks_see_the_caller() -> None:
    seen: list[str] = []

    def note(where: str) -> None:
        seen.append(f"{where} {current_principal().subject}")

    async def noting(where: str) -> None:
        note(where)

    async def view(request: Request) -> Response:
        await run_in_threadpool(note, "thread")
        async with asyncio.TaskGroup() as group:
            group.create_task(noting("task"))
        after = BackgroundTasks([BackgroundTask(note, "sync after"), BackgroundTask(noting, "async after")])
        return PlainTextResponse("done", background=after)

    assert guarded(Route("/", view)).get("/", headers=bearer()).text == "done"
    assert seen == ["thread alice", "task alice", "sync after alice", "async after alice"]
    assert current_passage() is None


def test_streams_see_the_caller_to_their_end() -> None:
    def plain() -> Iterator[str]:
        for _ in range(2):
            yield current_principal().subject

    async def awaited() -> AsyncIterator[str]:
        for _ in range(2):
            await asyncio.sleep(0)
            yield current_principal().subject

    client = guarded(
        Route("/plain", lambda request: StreamingResponse(plain())),
        Route("/awaited", lambda request: StreamingResponse(awaited())),
    )
    for place in ("/plain", "/awaited"):
        assert client.get(place, headers=bearer()).text == "alicealice"


def test_a_refusal_in_a_background_task_is_an_error_of_the_server_and_no_second_answer() -> None:
    def late() -> None:
        demand(role("manager"))

    app = application(Route("/", lambda request: PlainTextResponse("done", background=BackgroundTask(late))))
    with pytest.raises((Forbidden, RuntimeError)):
        TestClient(app).get("/", headers=bearer())
    quiet = TestClient(app, raise_server_exceptions=False)
    assert quiet.get("/", headers=bearer()).text == "done"


# Refusals inside the application


def forbidding(request: Request) -> Response:
    raise Forbidden(missing=["a good reason"])


async def missing(request: Request) -> Response:
    raise MissingToken


async def caught(request: Request, error: Exception) -> Response:
    return PlainTextResponse("caught", 418)


def test_an_auth_error_becomes_the_challenge_however_deep_it_is_raised_and_whatever_is_caught_there() -> None:
    catching = {Exception: caught}
    deepest = Starlette(routes=[Route("/a", forbidding), Route("/b", missing)], exception_handlers=catching)
    client = guarded(
        Route("/a", forbidding),
        Route("/b", missing),
        Mount("/mounted", Starlette(routes=[*deepest.routes, Mount("/deeper", deepest)], exception_handlers=catching)),
        exception_handlers=catching,
    )
    for place in ("", "/mounted", "/mounted/deeper"):
        refused = client.get(f"{place}/a", headers=bearer())
        assert (refused.status_code, refused.json()["missing"]) == (403, ["a good reason"])
        assert client.head(f"{place}/a", headers=bearer()).content == b""
        answer = client.get(f"{place}/b", headers=bearer())
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, 'Bearer realm="orders"')


def test_an_auth_error_of_a_middleware_in_between_becomes_the_challenge() -> None:
    async def dispatch(request: Request, call_next: Any) -> Response:
        demand(scope("orders:read"))
        response: Response = await call_next(request)
        return response

    app = application(Route("/", whoami))
    app.user_middleware.append(Middleware(BaseHTTPMiddleware, dispatch=dispatch))
    client = TestClient(app)
    assert client.get("/", headers=bearer()).status_code == 403
    assert client.get("/", headers=bearer(**READER)).text == "alice"


def test_a_handler_of_the_users_own_for_auth_errors_is_respected() -> None:
    app = application(Route("/", forbidding), exception_handlers={Forbidden: caught})
    assert TestClient(app).get("/", headers=bearer()).status_code == 418
    assert TestClient(app).get("/").status_code == 401, "what the door refuses never gets there"


@pytest.mark.parametrize("mounted", [False, True])
def test_an_auth_error_in_a_websocket_is_answered_by_the_door(mounted: bool) -> None:
    async def before(websocket: WebSocket) -> None:
        demand(role("clerk"))

    async def after(websocket: WebSocket) -> None:
        await websocket.accept()
        demand(role("clerk"))

    routes = [WebSocketRoute("/before", before), WebSocketRoute("/after", after)]
    inner = Starlette(routes=routes, exception_handlers={Exception: caught})
    client = guarded(Mount("/", inner)) if mounted else guarded(*routes)
    with pytest.raises(WebSocketDenialResponse) as denied, client.websocket_connect("/before", headers=bearer()):
        pass
    assert denied.value.status_code == 403
    with client.websocket_connect("/after", headers=bearer()) as socket, pytest.raises(WebSocketDisconnect) as closed:
        socket.receive_text()
    assert closed.value.code == 3003


# What is the application's own


def test_the_applications_own_errors_and_answers_pass_untouched() -> None:
    error = KeyError("theirs")

    def raising(request: Request) -> Response:
        raise error

    def unauthorized(request: Request) -> Response:
        raise HTTPException(401, "own", headers={"WWW-Authenticate": 'Custom realm="own"'})

    client = guarded(Route("/raising", raising), Route("/own", unauthorized))
    with pytest.raises(KeyError) as raised:
        client.get("/raising", headers=bearer())
    assert raised.value is error
    answer = client.get("/own", headers=bearer())
    assert (answer.text, answer.headers["www-authenticate"]) == ("own", 'Custom realm="own"')


def test_a_catch_all_still_catches_what_is_no_refusal() -> None:
    def raising(request: Request) -> Response:
        raise KeyError

    app = application(Route("/", raising), exception_handlers={Exception: caught})
    client = TestClient(app, raise_server_exceptions=False)
    assert client.get("/", headers=bearer()).status_code == 418


# The order of middlewares

ORIGIN = {"Origin": "https://app.example"}
CORS = Middleware(CORSMiddleware, allow_origins=["https://app.example"], expose_headers=["WWW-Authenticate"])
DOOR = Middleware(JWTMiddleware, guard=guard_for())


@require(role("clerk"))
async def clerks(request: Request) -> Response:
    return PlainTextResponse("clerks")


def test_cors_headers_reach_refusals_where_cors_stands_outside() -> None:
    listed = Starlette(routes=[Route("/", clerks)], middleware=[CORS, DOOR])
    added = Starlette(routes=[Route("/", clerks)])
    added.add_middleware(JWTMiddleware, guard=guard_for())
    added.add_middleware(CORSMiddleware, allow_origins=["https://app.example"])  # added last, stands outermost
    for app in (listed, added):
        for headers, status in (({}, 401), (BAD, 401), (bearer(), 403), (bearer(roles=["clerk"]), 200)):
            answer = TestClient(app).get("/", headers={**ORIGIN, **headers})
            assert answer.status_code == status
            assert answer.headers["access-control-allow-origin"] == "https://app.example"


def test_cors_headers_miss_the_doors_refusals_where_cors_stands_inside() -> None:
    client = TestClient(Starlette(routes=[Route("/", clerks)], middleware=[DOOR, CORS]))
    assert "access-control-allow-origin" not in client.get("/", headers=ORIGIN).headers
    assert "access-control-allow-origin" in client.get("/", headers={**ORIGIN, **bearer()}).headers


def test_wrong_arguments_are_found_with_the_first_request_or_lifespan() -> None:
    app = Starlette(middleware=[Middleware(JWTMiddleware, guard="guard")])  # type: ignore[arg-type]  # the mistake
    with pytest.raises(ConfigurationError, match="hand in a Guard"), TestClient(app):
        pass
    with pytest.raises(ConfigurationError, match="public_paths"):
        JWTMiddleware(whoami, guard=guard_for(), public_paths="/health")  # type: ignore[arg-type]  # an endpoint will do


# Applications in applications


def test_a_guarded_application_in_a_guarded_one_has_its_own_audience_and_marks() -> None:
    billing = application(
        Route("/", whoami), Route("/health", health), Route("/f", forbidding), guard=guard_for("billing")
    )
    client = guarded(Route("/", whoami), Mount("/billing", billing))
    assert client.get("/", headers=bearer()).text == "alice"
    assert client.get("/billing/health").status_code == 401, "the outer one knows nothing of its marks"
    assert client.get("/billing/", headers=bearer()).headers["www-authenticate"].startswith('Bearer realm="billing"')
    both = bearer(audience=["orders", "billing"])  # type: ignore[arg-type]  # a token may name several
    assert client.get("/billing/", headers=both).text == "alice"
    refused = client.get("/billing/f", headers=both)
    assert refused.headers["www-authenticate"] == 'Bearer realm="billing"'


def test_a_guarded_application_in_an_open_one_guards_itself() -> None:
    orders = application(Route("/", whoami), Route("/health", health))
    billing = application(Route("/", whoami), guard=guard_for("billing"))
    client = TestClient(
        Starlette(routes=[Mount("/orders", orders), Mount("/billing", billing), Route("/open", whoami)]),
    )
    assert client.get("/open", headers=bearer()).text == "anonymous"
    assert client.get("/orders/health").text == "anonymous"
    assert client.get("/orders/").status_code == 401
    assert client.get("/orders/", headers=bearer()).text == "alice"
    assert client.get("/billing/", headers=bearer()).status_code == 401
    assert client.get("/billing/", headers=bearer(audience="billing")).text == "alice"
    assert current_passage() is None


def test_two_doors_in_one_stack_both_ask() -> None:
    both = [Middleware(JWTMiddleware, guard=guard_for()), Middleware(JWTMiddleware, guard=guard_for("billing"))]
    client = TestClient(Starlette(routes=[Route("/", whoami), Route("/health", health)], middleware=both))
    assert client.get("/health").text == "anonymous"
    assert client.get("/").status_code == 401
    assert client.get("/", headers=bearer()).headers["www-authenticate"].startswith('Bearer realm="billing"')
    everywhere = bearer(audience=["orders", "billing"])  # type: ignore[arg-type]  # a token may name several
    assert client.get("/", headers=everywhere).text == "alice"
