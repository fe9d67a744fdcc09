"""Streams of events that end with the token of their caller."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from jwt_middleware import Guard, TrustedIssuer, until_expiry
from jwt_middleware.key_sources.static import static
from jwt_middleware.starlette import JWTMiddleware
from tests import tokens

NOW = 1_800_000_000.0


async def waiting() -> AsyncIterator[bytes]:
    yield b"first"
    await asyncio.Event().wait()  # the second one never comes


def blocking() -> Iterator[bytes]:
    while True:
        yield b"one of many;"
        time.sleep(0.01)  # such a stream sends something now and then


async def awaited(request: Request) -> StreamingResponse:
    return StreamingResponse(until_expiry(waiting()), media_type="text/event-stream")


def threaded(request: Request) -> StreamingResponse:
    return StreamingResponse(until_expiry(blocking()), media_type="text/event-stream")


def client() -> TestClient:
    trusted = TrustedIssuer(tokens.ISSUER, audience=tokens.AUDIENCE, keys=static(jwks=tokens.jwks()), leeway=0)
    return TestClient(
        Starlette(
            routes=[Route("/awaited", awaited), Route("/threaded", threaded)],
            middleware=[Middleware(JWTMiddleware, guard=Guard(trusted, clock=lambda: NOW))],
        )
    )


def headers(seconds_left: float) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens.mint(iat=NOW - 5, exp=NOW + seconds_left)}"}


def test_a_stream_that_waits_ends_when_the_token_does() -> None:
    assert client().get("/awaited", headers=headers(0.2)).content == b"first"


def test_a_stream_from_a_thread_ends_when_the_token_does() -> None:
    content = client().get("/threaded", headers=headers(0.2)).content
    assert set(content.split(b";")) == {b"one of many", b""}
