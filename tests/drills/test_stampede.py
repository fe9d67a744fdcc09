"""Everybody comes at once; some leave again."""

import asyncio
import threading
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler

import pytest

from jwt_middleware.issuing import jwks_document
from tests.key_sources.conftest import Web, document

from .callers import LONG, OneLoop, Threads, refused, slowest
from .conftest import Figure
from .issuers import Clock, Issuer


class Gate:
    """The issuer's keys are answered only when it opens; ``came`` tells that somebody asked."""

    def __init__(self, issuer: Issuer) -> None:
        self.came, self._open = threading.Event(), threading.Event()

        def answer(handler: BaseHTTPRequestHandler) -> None:
            self.came.set()
            self._open.wait(LONG)
            document(jwks_document(issuer.keys))(handler)

        issuer.web.answers["/jwks"] = answer

    def open(self) -> None:
        self._open.set()


@pytest.mark.parametrize("moment", ["cold", "rotated", "due"])
def test_fifty_threads_and_two_hundred_tasks_at_once_are_one_fetch(
    moment: str, issuer: Issuer, web: Web, clock: Clock, figure: Figure
) -> None:
    guard = issuer.guard(clock)
    with ExitStack() as stack:
        threads, loop = stack.enter_context(Threads(guard)), stack.enter_context(OneLoop(guard))
        before = 0
        if moment != "cold":
            assert refused(threads(issuer.token())) == 0
            before = issuer.fetches
        if moment == "rotated":
            issuer.rotate()
        if moment == "due":
            clock.now += 290
        gate = Gate(issuer)
        tokens = [issuer.token() for _ in range(250)]
        waiting = [*threads.begin(*tokens[:50]), *loop.begin(*tokens[50:])]
        assert gate.came.wait(LONG)
        gate.open()
        answers = [each.result(LONG) for each in waiting]
    figure("fetches for 250 requests", issuer.fetches - before, limit=1)
    figure("of them refused", refused(answers), limit=0)


def test_a_leader_who_hangs_up_takes_nobody_along(issuer: Issuer, clock: Clock, figure: Figure) -> None:
    gate = Gate(issuer)
    with OneLoop(issuer.guard(clock)) as loop:
        [leader] = loop.begin(issuer.token())
        assert gate.came.wait(LONG)
        followers = loop.begin(*[issuer.token() for _ in range(20)])
        asyncio.run_coroutine_threadsafe(asyncio.sleep(0), loop.loop).result(LONG)  # each runs up to its wait
        assert leader.cancel()
        asyncio.run_coroutine_threadsafe(asyncio.sleep(0), loop.loop).result(LONG)
        gate.open()
        answers = [each.result(LONG) for each in followers]
    figure("of 20 followers refused", refused(answers), limit=0)
    figure("the slowest was answered after", slowest(answers), limit=5.0, unit=" s")
    figure("fetches", issuer.fetches, limit=1)


def test_a_follower_who_hangs_up_takes_nobody_along(issuer: Issuer, clock: Clock, figure: Figure) -> None:
    gate = Gate(issuer)
    with OneLoop(issuer.guard(clock)) as loop:
        [leader] = loop.begin(issuer.token())
        assert gate.came.wait(LONG)
        followers = loop.begin(*[issuer.token() for _ in range(20)])
        asyncio.run_coroutine_threadsafe(asyncio.sleep(0), loop.loop).result(LONG)
        assert all(each.cancel() for each in followers[:10])
        asyncio.run_coroutine_threadsafe(asyncio.sleep(0), loop.loop).result(LONG)
        gate.open()
        answers = [each.result(LONG) for each in (leader, *followers[10:])]
    figure("of the 11 who stayed refused", refused(answers), limit=0)
    figure("the slowest was answered after", slowest(answers), limit=5.0, unit=" s")
    figure("fetches", issuer.fetches, limit=1)


def test_strangers_who_hang_up_cannot_make_us_fetch_more_often(issuer: Issuer, clock: Clock, figure: Figure) -> None:
    """One after another asks for an unknown key and leaves while it is looked for."""
    with OneLoop(issuer.guard(clock)) as loop:
        assert refused(loop(issuer.token())) == 0
        gate = Gate(issuer)
        for number in range(200):
            [stranger] = loop.begin(issuer.forged(f"stranger-{number}"))
            assert gate.came.wait(LONG)
            stranger.cancel()
            asyncio.run_coroutine_threadsafe(asyncio.sleep(0), loop.loop).result(LONG)
        gate.open()
        assert refused(loop(issuer.token())) == 0
    figure("fetches for 200 strangers who hung up", issuer.fetches - 1, limit=1)
