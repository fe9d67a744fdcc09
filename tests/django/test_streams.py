"""Streams of events that end with the token of their caller."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from django.http import HttpRequest, StreamingHttpResponse
from django.test import AsyncClient, Client, override_settings
from django.urls import path

from jwt_middleware import Guard, TrustedIssuer, until_expiry
from jwt_middleware.key_sources.static import static
from tests import tokens

NOW = 1_800_000_000.0
TRUSTED = TrustedIssuer(tokens.ISSUER, audience=tokens.AUDIENCE, keys=static(jwks=tokens.jwks()), leeway=0)
GUARD = Guard(TRUSTED, clock=lambda: NOW)


def blocking() -> Iterator[bytes]:
    while True:
        yield b"one of many;"
        time.sleep(0.01)  # such a stream sends something now and then


async def waiting() -> AsyncIterator[bytes]:
    yield b"first"
    await asyncio.Event().wait()  # the second one never comes


def events(request: HttpRequest) -> StreamingHttpResponse:
    return StreamingHttpResponse(until_expiry(blocking()), content_type="text/event-stream")


async def awaited_events(request: HttpRequest) -> StreamingHttpResponse:
    return StreamingHttpResponse(until_expiry(waiting()), content_type="text/event-stream")


URLS = (path("events", events), path("awaited", awaited_events))


@pytest.fixture(autouse=True)
def site() -> Iterator[None]:
    door = ["jwt_middleware.django.JWTMiddleware"]
    with override_settings(ROOT_URLCONF=URLS, MIDDLEWARE=door, JWT_MIDDLEWARE={"GUARD": GUARD}):
        yield


def headers() -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens.mint(iat=NOW - 5, exp=NOW + 0.2)}"}


def test_a_stream_ends_when_the_token_does() -> None:
    answer: Any = Client().get("/events", headers=headers())
    assert set(b"".join(answer.streaming_content).split(b";")) == {b"one of many", b""}


def test_a_stream_that_waits_ends_when_the_token_does() -> None:
    async def content() -> bytes:
        answer: Any = await AsyncClient().get("/awaited", headers=headers())
        return b"".join([chunk async for chunk in answer.streaming_content])

    assert asyncio.run(content()) == b"first"
