"""A long answer that ends when the token of its caller does."""

import asyncio
import contextvars
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

from jwt_middleware import ANONYMOUS, ConfigurationError, Guard, Principal, TrustedIssuer, until_expiry
from jwt_middleware.access.current import Passage, enter
from jwt_middleware.key_sources.static import static
from jwt_middleware.waiting import within

NOW = 1_800_000_000.0
ISSUER = "https://issuer.example"
GUARD = Guard(TrustedIssuer(ISSUER, audience="a", keys=static(secret="0123456789" * 4), leeway=1), clock=lambda: NOW)


def caller(seconds_left: float) -> Principal:
    """A caller whose token is taken for so many seconds more, the leeway of one second included."""
    return Principal(subject="alice", issuer=ISSUER, expires_at=NOW - 1 + seconds_left)


def as_caller(principal: Principal, work: Callable[[], Any]) -> Any:
    """Do ``work`` in a request of this caller."""

    def inside() -> Any:
        enter(Passage(principal, GUARD))
        return work()

    return contextvars.Context().run(inside)


class Source:
    """Chunks without an end, sync or async; tells how it ended."""

    def __init__(self) -> None:
        self.ended = ""

    def endless(self) -> Iterator[int]:
        number = 0
        try:
            while True:
                yield number
                number += 1
                time.sleep(0.001)  # so that the test does not burn its time
        finally:
            self.ended = "closed"

    async def waiting(self) -> AsyncIterator[int]:
        try:
            yield 0
            await asyncio.Event().wait()  # nothing ever comes
        except asyncio.CancelledError:
            self.ended = "cancelled"
            raise
        finally:
            self.ended += " and closed"


def test_a_stream_without_an_end_ends_with_the_token() -> None:
    source = Source()
    seen = as_caller(caller(0.05), lambda: list(until_expiry(source.endless())))
    assert seen[:3] == [0, 1, 2]
    assert source.ended == "closed"


def test_a_stream_that_waits_is_woken_when_the_token_expires() -> None:
    source = Source()

    async def work() -> list[int]:
        return [chunk async for chunk in until_expiry(source.waiting())]

    assert as_caller(caller(0.05), lambda: asyncio.run(work())) == [0]
    assert source.ended == "cancelled and closed"


def test_a_stream_that_ends_earlier_is_left_alone() -> None:
    async def three() -> AsyncIterator[int]:
        for number in range(3):
            yield number

    async def work() -> list[int]:
        return [chunk async for chunk in until_expiry(three())]

    for principal in (caller(60), ANONYMOUS):
        assert as_caller(principal, lambda: list(until_expiry(range(3)))) == [0, 1, 2]
        assert as_caller(principal, lambda: asyncio.run(work())) == [0, 1, 2]


def test_nothing_is_asked_for_once_the_token_has_expired() -> None:
    source = Source()

    async def work() -> list[int]:
        return [chunk async for chunk in until_expiry(source.waiting())]

    assert as_caller(caller(-5), lambda: list(until_expiry(source.endless()))) == []
    assert as_caller(caller(-5), lambda: asyncio.run(work())) == []
    assert source.ended == "", "it was closed before it began"


def test_a_chunk_that_comes_too_late_is_not_sent() -> None:
    def slow() -> Iterator[str]:
        yield "in time"
        threading.Event().wait(0.2)
        yield "too late"

    assert as_caller(caller(0.1), lambda: list(until_expiry(slow()))) == ["in time"]


def test_the_caller_is_the_one_of_the_request_that_made_the_stream() -> None:
    stream = as_caller(caller(0.05), lambda: until_expiry(Source().endless()))
    assert list(as_caller(ANONYMOUS, lambda: list(stream)))[:2] == [0, 1]


def test_a_source_is_closed_when_its_reader_leaves() -> None:
    source = Source()

    async def work() -> None:
        stream = until_expiry(source.waiting())
        assert await anext(stream) == 0
        await stream.aclose()  # type: ignore[attr-defined]  # a server calls it

    as_caller(caller(60), lambda: asyncio.run(work()))
    assert source.ended == " and closed"


def test_an_iterator_that_cannot_be_closed_is_taken_as_it_is() -> None:
    class Numbers:
        def __init__(self) -> None:
            self.number = 0

        def __aiter__(self) -> "Numbers":
            return self

        async def __anext__(self) -> int:
            self.number += 1
            if self.number > 2:
                raise StopAsyncIteration
            return self.number

    async def work() -> list[int]:
        return [chunk async for chunk in until_expiry(Numbers())]

    assert as_caller(caller(60), lambda: asyncio.run(work())) == [1, 2]


def test_a_timeout_of_the_source_is_its_own() -> None:
    async def failing() -> AsyncIterator[int]:
        yield 0
        raise TimeoutError("the source's own")

    async def work() -> list[int]:
        return [chunk async for chunk in until_expiry(failing())]

    with pytest.raises(TimeoutError, match="own"):
        as_caller(caller(60), lambda: asyncio.run(work()))


def test_without_a_timer_what_is_awaited_is_awaited_to_its_end() -> None:
    async def answer() -> int:
        return 42

    with pytest.raises(StopIteration) as finished:
        within(answer(), 0.0).send(None)  # as under an event loop that is not asyncio's
    assert finished.value.value == 42


def test_a_stream_that_is_made_outside_of_a_request_is_a_mistake() -> None:
    with pytest.raises(ConfigurationError, match="in the view"):
        contextvars.Context().run(until_expiry, [1])
