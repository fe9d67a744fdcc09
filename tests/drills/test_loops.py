"""Event loops that live for one request, and loops that die with a fetch under way."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from asgiref.sync import async_to_sync

from jwt_middleware import Guard
from jwt_middleware.issuing import jwks_document
from tests.key_sources.conftest import document
from tests.threads import threads_end

from .callers import LONG, Answer, OneLoop, refused, settle, slowest
from .conftest import Figure
from .issuers import Clock, Issuer


@pytest.fixture
def caller(issuer: Issuer, clock: Clock) -> OneLoop:
    """The ASGI door, asked by hand; its own loop is not used."""
    loop = OneLoop(issuer.guard(clock))
    loop.__exit__()
    return loop


@pytest.mark.parametrize("per_request", ["asyncio.run", "async_to_sync"])
def test_a_loop_per_request_is_served_and_its_keys_are_renewed(
    per_request: str, issuer: Issuer, caller: OneLoop, clock: Clock, figure: Figure
) -> None:
    def request() -> Answer:
        token = issuer.token()
        return asyncio.run(caller.one(token)) if per_request == "asyncio.run" else async_to_sync(caller.one)(token)

    answers = []
    for _ in range(50):
        answers += [request() for _ in range(4)]
        threads_end()
        clock.now += 60
    figure(f"of {len(answers)} requests with a loop each, refused", refused(answers), limit=0)
    figure("the slowest took", slowest(answers), limit=1.0, unit=" s")
    [state] = caller.guard.ready()
    threads_end()
    assert state.age is not None
    figure("the keys were then", state.age, limit=300, unit=" s old")
    issuer.rotate()
    assert request().status == 200


def test_a_loop_whose_threads_are_all_busy_serves_and_renews_its_keys(
    issuer: Issuer, clock: Clock, figure: Figure, tmp_path: Path
) -> None:
    """An application may block every thread of its loop's pool: with a database that hangs, or names that never resolve."""
    guard = Guard(issuer.trusted(snapshot=tmp_path / "keys"), observers=[], monotonic=clock)
    over = threading.Event()
    with OneLoop(guard) as asked:
        pool = ThreadPoolExecutor(2)
        asked.loop.call_soon_threadsafe(asked.loop.set_default_executor, pool)
        assert refused(asked(issuer.token())) == 0
        busy = [pool.submit(over.wait, LONG) for _ in range(2)]
        answers = []
        for _ in range(10):
            clock.now += 60
            answers += asked(*issuer.tokens(10))
        issuer.rotate()
        clock.now += 60
        settle(guard)
        rotated = asked(issuer.token())
        over.set()
        assert all(each.result(LONG) for each in busy)
    figure(f"of {len(answers)} requests, refused", refused(answers), limit=0)
    figure("the slowest took", slowest(answers), limit=1.0, unit=" s")
    figure("of 1 request after a rotation, refused", refused(rotated), limit=0)


def test_loops_that_die_with_a_fetch_under_way_strand_nobody(issuer: Issuer, caller: OneLoop, figure: Figure) -> None:
    came, go_on = threading.Event(), threading.Event()

    def slow(handler: object) -> None:
        came.set()
        go_on.wait(LONG)
        document(jwks_document(issuer.keys))(handler)  # type: ignore[arg-type]  # a handler

    issuer.web.answers["/jwks"] = slow
    loops, tokens = [], [issuer.token() for _ in range(20)]
    for token in tokens[:3]:
        loop = asyncio.new_event_loop()
        loop.create_task(caller.one(token))
        loop.run_until_complete(loop.run_in_executor(None, came.wait, LONG))
        for each in asyncio.all_tasks(loop):
            each._log_destroy_pending = False  # type: ignore[attr-defined]  # that it never ends is what is tried
        loop.close()  # nobody ends or cancels what is under way
        loops.append(loop)
    go_on.set()
    answers = [asyncio.run(caller.one(token)) for token in tokens[3:]]
    figure("of 17 requests after three dead loops, refused", refused(answers), limit=0)
    figure("the slowest took", slowest(answers), limit=5.0, unit=" s")
    settle(caller.guard)
