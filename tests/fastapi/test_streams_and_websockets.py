"""Endpoints whose answer is a stream or a conversation are asked before it begins."""

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Annotated, Any

import pytest
from fastapi import APIRouter, Depends, FastAPI, Security, WebSocket
from fastapi.responses import StreamingResponse
from starlette.endpoints import WebSocketEndpoint
from starlette.testclient import WebSocketDenialResponse

from jwt_middleware import (
    Principal,
    role,
)
from jwt_middleware.fastapi import current_principal, require
from tests.fastapi.callers import CLERK, assert_only_clerks, bearer, guarded, whoami, with_route

# Streams


def async_chunks() -> AsyncIterator[str]:
    async def made() -> AsyncIterator[str]:
        for _ in range(2):
            yield whoami()

    return made()


@require(role("clerk"))
def generator() -> Iterator[str]:
    yield whoami()
    yield whoami()


@require(role("clerk"))
async def async_generator() -> AsyncIterator[str]:
    async for chunk in async_chunks():
        yield chunk


def depending_generator(caller: Annotated[Principal, Depends(require(role("clerk")))]) -> Iterator[str]:
    yield caller.subject
    yield whoami()


@require(role("clerk"))
async def answers_with_a_stream() -> StreamingResponse:
    return StreamingResponse(async_chunks())


@pytest.mark.parametrize("endpoint", [generator, async_generator, depending_generator])
@pytest.mark.parametrize("kind", ["raw", "lines", "events"])
def test_a_generator_endpoint_is_asked_before_its_answer_begins(endpoint: Callable[..., Any], kind: str) -> None:
    from fastapi.sse import EventSourceResponse

    options: dict[str, dict[str, Any]] = {
        "raw": {"response_class": StreamingResponse},
        "lines": {},
        "events": {"response_class": EventSourceResponse},
    }
    expected = {"raw": "alicealice", "lines": '"alice"\n' * 2, "events": 'data: "alice"\n\n' * 2}[kind]
    client = with_route(endpoint, **options[kind])
    for headers, status in (({}, 401), (bearer(), 403)):
        answer = client.get("/", headers=headers)
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert client.get("/", headers=bearer(**CLERK)).text == expected


def test_an_endpoint_that_answers_with_a_stream_is_asked_before_it() -> None:
    assert_only_clerks(with_route(answers_with_a_stream), expected="alicealice")


# WebSockets


@require(role("clerk"))
async def decorated_socket(websocket: WebSocket) -> None:
    await talk(websocket)


async def depending_socket(websocket: WebSocket, caller: Annotated[Principal, Depends(require(role("clerk")))]) -> None:
    assert caller is current_principal()
    await talk(websocket)


async def scoped_socket(
    websocket: WebSocket, caller: Annotated[Principal, Security(require(role("clerk")), scopes=[])]
) -> None:
    await talk(websocket)


async def talk(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.send_text(whoami())
    await websocket.close()


class ClassSocket(WebSocketEndpoint):
    async def on_connect(self, websocket: WebSocket) -> None:
        await talk(websocket)


def socket_router() -> Any:
    clerks = [Depends(require(role("clerk")))]
    router = APIRouter()
    router.websocket("/decorated")(decorated_socket)
    router.websocket("/depending")(depending_socket)
    router.websocket("/scoped")(scoped_socket)
    router.websocket("/route", dependencies=clerks)(talk)
    inner = APIRouter(dependencies=clerks)
    inner.websocket("/router")(talk)
    router.include_router(inner)
    return router


@pytest.mark.parametrize("place", ["/included", "/app"])
@pytest.mark.parametrize("kind", ["decorated", "depending", "scoped", "route", "router"])
def test_a_websocket_asks_before_it_is_accepted(kind: str, place: str) -> None:
    app, sub = FastAPI(), FastAPI()
    app.include_router(socket_router(), prefix="/included")
    sub.include_router(socket_router())
    app.mount("/app", sub)
    client = guarded(app)
    for headers, status in (({}, 401), (bearer(), 403)):
        with (
            pytest.raises(WebSocketDenialResponse) as denied,
            client.websocket_connect(f"{place}/{kind}", headers=headers),
        ):
            pass
        assert denied.value.status_code == status
    with client.websocket_connect(f"{place}/{kind}", headers=bearer(**CLERK)) as socket:
        assert socket.receive_text() == "alice"


def test_a_class_based_websocket_asks_before_it_is_accepted() -> None:
    app, router = FastAPI(), APIRouter()
    endpoint: Any = require(role("clerk"))(ClassSocket)
    router.add_websocket_route("/", endpoint)
    app.include_router(router, prefix="/included")
    client = guarded(app)
    with pytest.raises(WebSocketDenialResponse), client.websocket_connect("/included/", headers=bearer()):
        pass
    with client.websocket_connect("/included/", headers=bearer(**CLERK)) as socket:
        assert socket.receive_text() == "alice"
