"""Who fetches keys, how often, and what serves meanwhile: in threads, on one loop, on several, and mixed."""

import asyncio
import gc
import logging
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest

from jwt_middleware.errors import AuthUnavailable, ConfigurationError, InvalidToken
from jwt_middleware.keys.freshness import Freshness
from jwt_middleware.keys.key import Key, secret_key
from jwt_middleware.keys.key_cache import KeyCache
from jwt_middleware.keys.key_set import KeySet
from jwt_middleware.keys.key_state import KeyState
from jwt_middleware.waiting import run, wait_for
from tests.threads import LONG, threads_end

OLD, NEW = secret_key(b"\x01" * 32, "old"), secret_key(b"\x02" * 32, "new")
OLD_SET, NEW_SET, BOTH = KeySet([OLD]), KeySet([NEW]), KeySet([OLD, NEW])

Finish = Callable[[Coroutine[Any, Any, Key]], Key]
ways = pytest.mark.parametrize("finish", [run, asyncio.run], ids=["run", "awaited"])


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Source:
    """Answers in turn, the last one for ever; while ``shut`` whoever came waits at the gate."""

    symmetric = True
    timeout = 5.0  # seconds

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.fetches = 0
        self.came: list[Future[None]] = [Future() for _ in range(200)]
        self.gate: Future[None] = Future()
        self.gate.set_result(None)

    def shut(self) -> None:
        self.gate = Future()

    def open(self) -> None:
        self.gate.set_result(None)

    def _next(self) -> tuple[Any, "Future[None]"]:
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        self.fetches += 1
        gate = self.gate
        self.came[self.fetches - 1].set_result(None)
        return answer, gate

    def fetch(self) -> KeySet:
        answer, gate = self._next()
        gate.result(LONG)
        return given(answer)

    async def afetch(self) -> KeySet:
        answer, gate = self._next()
        await wait_for(gate, LONG)
        return given(answer)


def given(answer: Any) -> KeySet:
    if isinstance(answer, BaseException):
        raise answer
    found: KeySet = answer
    return found


def under_way(cache: KeyCache) -> "Future[bool | None]":
    """The landing of the fetch that is under way."""
    flight = cache._flights.under_way(cache._clock())
    assert flight is not None
    return flight.landing


def forgotten(loop: asyncio.AbstractEventLoop) -> None:
    """Let the tasks of a loop never end: that is what is tested."""
    for task in asyncio.all_tasks(loop):
        task._log_destroy_pending = False  # type: ignore[attr-defined]  # no other way to say so


@pytest.fixture
def clock() -> Clock:
    return Clock()


# --- cold, fresh


@ways
def test_the_first_token_fetches_and_the_next_ones_do_not(finish: Finish, clock: Clock) -> None:
    source = Source(OLD_SET)
    cache = KeyCache(source, clock=clock)
    assert (cache.current, cache.generation) == (None, 0)
    assert finish(cache.find("old", "HS256")) is OLD
    assert finish(cache.find("old", "HS256")) is OLD
    assert (source.fetches, cache.current, cache.generation) == (1, OLD_SET, 1)


def test_nothing_is_fetched_before_the_first_token() -> None:
    source = Source(OLD_SET)
    KeyCache(source)
    assert source.fetches == 0


def test_a_known_key_of_a_fresh_set_needs_neither_lock_nor_wait(clock: Clock) -> None:
    cache = KeyCache(Source(OLD_SET), clock=clock)
    run(cache.find("old", "HS256"))
    held, leave = Future[None](), Future[None]()

    def hold() -> None:
        with cache._flights.lock:
            held.set_result(None)
            leave.result(LONG)

    with ThreadPoolExecutor(2) as pool:
        pool.submit(hold)
        held.result(LONG)
        finding = cache.find("old", "HS256")
        with pytest.raises(StopIteration) as finished:
            pool.submit(finding.send, None).result(LONG / 2)
        leave.set_result(None)
    assert finished.value.value is OLD


@pytest.mark.parametrize(("said", "due"), [(None, 240.0), (60.0, 48.0), (3600.0, 2880.0)])
def test_a_set_is_renewed_at_four_fifths_of_the_time_that_its_source_says(
    said: float | None, due: float, clock: Clock
) -> None:
    source = Source(KeySet([OLD], fresh_for=said))
    cache = KeyCache(source, Freshness(jitter=0), clock=clock)
    run(cache.find("old", "HS256"))
    clock.now += due - 0.1
    run(cache.find("old", "HS256"))
    assert source.fetches == 1
    clock.now += 0.1
    source.shut()
    run(cache.find("old", "HS256"))
    source.came[1].result(LONG)
    landing = under_way(cache)
    source.open()
    assert landing.result(LONG) is True


@pytest.mark.parametrize(("chance", "due"), [(0.0, 216.0), (0.5, 240.0), (0.75, 252.0)])
def test_the_moment_of_renewal_is_spread_by_a_tenth(chance: float, due: float, clock: Clock) -> None:
    source = Source(OLD_SET)
    cache = KeyCache(source, clock=clock, random=lambda: chance)
    run(cache.find("old", "HS256"))
    clock.now += due - 0.1
    cache.renew()
    assert source.fetches == 1
    clock.now += 0.1
    source.shut()
    run(cache.find("old", "HS256"))
    source.came[1].result(LONG)
    landing = under_way(cache)
    source.open()
    assert landing.result(LONG) is True


def test_processes_do_not_share_their_chances(clock: Clock) -> None:
    first, second = (KeyCache(Source(OLD_SET), clock=clock) for _ in range(2))
    for cache in (first, second):
        run(cache.find("old", "HS256"))
    assert first._kept is not None
    assert second._kept is not None
    assert first._kept.due_at != second._kept.due_at


def test_keys_that_never_change_are_fresh_for_ever(clock: Clock) -> None:
    source = Source(KeySet([OLD], fresh_for=float("inf")))
    cache = KeyCache(source, clock=clock)
    run(cache.find("old", "HS256"))
    clock.now += 1e12
    assert run(cache.find("old", "HS256")) is OLD
    assert source.fetches == 1


# --- single flight


def test_many_threads_share_one_fetch(clock: Clock) -> None:
    source = Source(OLD_SET)
    source.shut()
    cache = KeyCache(source, Freshness(wait=LONG), clock=clock)
    with ThreadPoolExecutor(20) as pool:
        found = [pool.submit(run, cache.find("old", "HS256")) for _ in range(20)]
        source.came[0].result(LONG)
        source.open()
        assert {each.result(LONG) for each in found} == {OLD}
    assert source.fetches == 1


def test_many_tasks_share_one_fetch(clock: Clock) -> None:
    source = Source(OLD_SET)
    source.shut()
    cache = KeyCache(source, Freshness(wait=LONG), clock=clock)

    async def all_of_them() -> list[Key]:
        found = [asyncio.create_task(cache.find("old", "HS256")) for _ in range(50)]
        await wait_for(source.came[0], LONG)
        source.open()
        return await asyncio.gather(*found)

    assert asyncio.run(all_of_them()) == [OLD] * 50
    assert source.fetches == 1


@pytest.mark.parametrize("leader", [run, asyncio.run], ids=["a thread leads", "a loop leads"])
def test_threads_and_several_loops_share_one_fetch(leader: Finish, clock: Clock) -> None:
    source = Source(OLD_SET)
    source.shut()
    cache = KeyCache(source, Freshness(wait=LONG), clock=clock)
    with ThreadPoolExecutor(13) as pool:
        found = [pool.submit(leader, cache.find("old", "HS256"))]
        source.came[0].result(LONG)
        followers: list[Finish] = [run, asyncio.run] * 6
        found += [pool.submit(finish, cache.find("old", "HS256")) for finish in followers]
        source.open()
        assert {each.result(LONG) for each in found} == {OLD}
    assert source.fetches == 1


def test_a_cancelled_request_takes_no_fetch_along(clock: Clock) -> None:
    source = Source(OLD_SET)
    source.shut()
    cache = KeyCache(source, Freshness(wait=LONG), clock=clock)

    async def cancelled_leader() -> list[Key]:
        leader = asyncio.create_task(cache.find("old", "HS256"))
        await wait_for(source.came[0], LONG)
        followers = [asyncio.create_task(cache.find("old", "HS256")) for _ in range(10)]
        await asyncio.sleep(0)  # each runs up to its wait
        leader.cancel()
        with pytest.raises(asyncio.CancelledError):
            await leader
        source.open()
        return await asyncio.gather(*followers)

    assert asyncio.run(cancelled_leader()) == [OLD] * 10
    assert source.fetches == 1


def test_strangers_who_hang_up_cannot_make_us_fetch_more_often(clock: Clock) -> None:
    source = Source(OSError("down"))
    source.shut()
    cache = KeyCache(source, Freshness(wait=LONG), clock=clock)

    async def story() -> None:
        for _ in range(50):
            stranger = asyncio.create_task(cache.find("x", "HS256"))
            await wait_for(source.came[0], LONG)
            stranger.cancel()
            await asyncio.wait([stranger])
        landing = under_way(cache)
        source.open()
        await wait_for(landing, LONG)
        with pytest.raises(AuthUnavailable):
            await cache.find("x", "HS256")

    asyncio.run(story())
    assert source.fetches == 1


@pytest.mark.parametrize("follower", [run, asyncio.run], ids=["a thread follows", "a loop follows"])
def test_whoever_waits_takes_over_a_fetch_that_ends_with_its_loop(follower: Finish, clock: Clock) -> None:
    source = Source(OLD_SET)
    source.shut()
    cache = KeyCache(source, Freshness(wait=LONG), clock=clock)
    waiting: list[Future[Key]] = []

    async def short_request() -> None:
        asking = asyncio.create_task(cache.find("old", "HS256"))
        await wait_for(source.came[0], LONG)
        landing = under_way(cache)
        before = len(landing._done_callbacks)  # type: ignore[attr-defined]  # the only trace of who waits
        waiting.append(pool.submit(follower, cache.find("old", "HS256")))
        while follower is asyncio.run and len(landing._done_callbacks) == before:  # type: ignore[attr-defined]  # as above
            await asyncio.sleep(0)
        asking.cancel()

    with ThreadPoolExecutor(1) as pool:
        asyncio.run(short_request())  # its loop cancels the fetch at the end
        source.came[1].result(LONG)
        source.open()
        assert waiting[0].result(LONG) is OLD
    assert (source.fetches, cache._flights.apart) == (2, True)


def test_a_cancelled_follower_cancels_nobody_else(clock: Clock) -> None:
    source = Source(OLD_SET)
    source.shut()
    cache = KeyCache(source, Freshness(wait=LONG), clock=clock)

    async def cancelled_follower() -> list[Key]:
        leader = asyncio.create_task(cache.find("old", "HS256"))
        await wait_for(source.came[0], LONG)
        follower, other = (asyncio.create_task(cache.find("old", "HS256")) for _ in range(2))
        await asyncio.sleep(0)  # each runs up to its wait
        follower.cancel()
        with pytest.raises(asyncio.CancelledError):
            await follower
        source.open()
        return list(await asyncio.gather(leader, other))

    assert asyncio.run(cancelled_follower()) == [OLD, OLD]
    assert source.fetches == 1


def test_whoever_waited_for_three_lost_fetches_gives_up(clock: Clock) -> None:
    source = Source(OLD_SET)
    cache = KeyCache(source, Freshness(wait=LONG), clock=clock)

    async def unlucky() -> None:
        flight = cache._flights.take_off(clock())
        follower = asyncio.create_task(cache.find("old", "HS256"))
        for _ in range(3):
            while not flight.landing._done_callbacks:  # type: ignore[attr-defined]  # the only trace of who waits
                await asyncio.sleep(0)
            lost, flight = flight, cache._flights.take_off(clock())
            cache._flights.land(lost, None)
        with pytest.raises(AuthUnavailable):
            await follower

    asyncio.run(unlucky())
    assert source.fetches == 0


@ways
def test_whoever_waits_too_long_is_told_to_come_again(finish: Finish, clock: Clock) -> None:
    source = Source(OLD_SET)
    source.shut()
    cache = KeyCache(source, Freshness(wait=0.01), clock=clock)
    for _ in range(3):
        with pytest.raises(AuthUnavailable) as refused:
            run(cache.find("old", "HS256"))  # in a thread, which outlives the request
        assert refused.value.retry_after == 1
    landing = under_way(cache)
    source.open()
    assert landing.result(LONG) is True
    assert finish(cache.find("old", "HS256")) is OLD
    assert source.fetches == 1


@ways
def test_a_fetch_whose_loop_died_is_made_again_at_once_and_in_a_thread(finish: Finish, clock: Clock) -> None:
    source = Source(OLD_SET)
    source.shut()
    cache = KeyCache(source, Freshness(wait=LONG), clock=clock)
    loop = asyncio.new_event_loop()
    asking = loop.create_task(cache.find("old", "HS256"))
    loop.run_until_complete(wait_for(source.came[0], LONG))
    forgotten(loop)
    loop.close()  # nobody will ever finish or cancel the fetch
    source.open()
    assert finish(cache.find("old", "HS256")) is OLD
    assert (source.fetches, cache._flights.apart) == (2, True)
    del asking
    gc.collect()
    assert finish(cache.find("old", "HS256")) is OLD


@ways
def test_a_fetch_whose_loop_stands_still_is_made_again_after_its_deadline(finish: Finish, clock: Clock) -> None:
    source = Source(OLD_SET)
    source.shut()
    cache = KeyCache(source, Freshness(wait=0.01), clock=clock)
    loop = asyncio.new_event_loop()
    loop.create_task(cache.find("old", "HS256"))
    loop.run_until_complete(wait_for(source.came[0], LONG))
    clock.now += 5.9
    with pytest.raises(AuthUnavailable):
        finish(cache.find("old", "HS256"))
    assert source.fetches == 1
    clock.now += 0.1
    source.open()
    with suppress(AuthUnavailable):  # its wait is short
        finish(cache.find("old", "HS256"))
    source.came[1].result(LONG)
    threads_end()
    assert finish(cache.find("old", "HS256")) is OLD
    forgotten(loop)
    loop.close()


def test_a_source_that_never_ends_leaves_few_threads_behind_and_known_keys_serve(clock: Clock) -> None:
    """As a file on a mount that hangs."""
    source = Source(KeySet([OLD], fresh_for=5.0))
    cache = KeyCache(source, Freshness(wait=0.01), clock=clock)
    with suppress(AuthUnavailable):  # its wait is short
        run(cache.find("old", "HS256"))
    threads_end()
    source.shut()
    for _ in range(50):
        clock.now += 10
        assert run(cache.find("old", "HS256")) is OLD
    assert source.fetches == 11
    with pytest.raises(AuthUnavailable):
        run(cache.find("new", "HS256"))
    source.answers = [BOTH]
    source.open()
    threads_end()
    clock.now += 10
    cache.renew(apart=True)
    threads_end()
    assert run(cache.find("new", "HS256")) is NEW


def test_a_source_may_say_how_long_it_takes(clock: Clock) -> None:
    source = Source(OLD_SET)
    source.timeout = 20.0
    source.shut()
    cache = KeyCache(source, Freshness(wait=0.01), clock=clock)
    for elapsed in (0.0, 20.9):
        clock.now += elapsed
        with pytest.raises(AuthUnavailable):
            run(cache.find("old", "HS256"))
    assert source.fetches == 1
    source.open()
    threads_end()


def test_a_lost_fetch_may_be_collected_while_the_lock_is_held(clock: Clock) -> None:
    source = Source(OLD_SET)
    cache = KeyCache(source, clock=clock)
    flight = cache._flights.take_off(clock())
    flying = cache._fly(flight)
    source.shut()
    loop = asyncio.new_event_loop()
    task = loop.create_task(flying)
    loop.run_until_complete(wait_for(source.came[0], LONG))
    forgotten(loop)
    loop.close()
    with cache._flights.lock:  # the collector may come while this thread holds the lock
        flying.close()
    assert flight.landing.result(0) is None
    source.open()
    assert run(cache.find("old", "HS256")) is OLD
    del task


def test_a_late_answer_counts_where_no_younger_one_is_there(clock: Clock) -> None:
    source = Source(OLD_SET)
    source.shut()
    cache = KeyCache(source, Freshness(wait=LONG), clock=clock)
    with ThreadPoolExecutor(2) as pool:
        slow = pool.submit(run, cache.find("old", "HS256"))
        source.came[0].result(LONG)
        clock.now += 6
        first_gate = source.gate
        source.shut()
        second = pool.submit(run, cache.find("old", "HS256"))
        source.came[1].result(LONG)
        first_gate.set_result(None)
        while cache.current is None:
            time.sleep(0.001)
        assert run(cache.find("old", "HS256")) is OLD
        source.open()
        assert [each.result(LONG) for each in (slow, second)] == [OLD, OLD]


def test_a_late_answer_never_replaces_a_younger_one(clock: Clock) -> None:
    source = Source(OLD_SET, NEW_SET)
    source.shut()
    cache = KeyCache(source, Freshness(wait=LONG), clock=clock)
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(run, cache.find("new", "HS256"))
        source.came[0].result(LONG)
        clock.now += 6
        first_gate, source.gate = source.gate, Future()
        source.open()
        assert run(cache.find("new", "HS256")) is NEW
        first_gate.set_result(None)
        assert slow.result(LONG) is NEW
        threads_end()
    assert (cache.current, cache.generation) == (NEW_SET, 1)


def test_a_set_is_as_old_as_the_question(clock: Clock) -> None:
    source = Source(OLD_SET)
    source.shut()
    cache = KeyCache(source, Freshness(max_stale=300, wait=60), clock=clock)
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(run, cache.find("old", "HS256"))
        source.came[0].result(LONG)
        clock.now += 40
        source.open()
        slow.result(LONG)
    clock.now += 259.9
    assert cache.current is OLD_SET
    clock.now += 0.1
    assert cache.current is None


# --- failures


@ways
@pytest.mark.parametrize("answer", [OSError("down"), KeySet([]), None, "text", TimeoutError(), KeyError("keys")])
def test_a_cold_start_without_keys_is_an_outage(finish: Finish, answer: Any, clock: Clock) -> None:
    cache = KeyCache(Source(answer, OLD_SET), clock=clock)
    with pytest.raises(AuthUnavailable) as refused:
        finish(cache.find("old", "HS256"))
    assert (refused.value.reason, refused.value.retry_after) == ("keys_unavailable", 1)
    clock.now += 1
    assert finish(cache.find("old", "HS256")) is OLD


@ways
def test_a_failing_source_is_asked_less_and_less(finish: Finish, clock: Clock) -> None:
    source = Source(OSError("down"))
    cache = KeyCache(source, clock=clock)
    for number, pause in enumerate([1, 2, 4, 8, 16, 32, 60, 60, 60], start=1):
        for elapsed in (0.0, 0.0, pause - 0.5):
            clock.now += elapsed
            with pytest.raises(AuthUnavailable) as refused:
                finish(cache.find("old", "HS256"))
            assert refused.value.retry_after == (pause if not elapsed else 1)
        assert source.fetches == number
        clock.now += 0.5


def test_a_success_forgets_the_failures(clock: Clock) -> None:
    source = Source(OSError(), OSError(), OLD_SET, OSError())
    cache = KeyCache(source, Freshness(max_stale=10), clock=clock)
    for pause in (1, 2):
        with pytest.raises(AuthUnavailable):
            run(cache.find("old", "HS256"))
        clock.now += pause
    run(cache.find("old", "HS256"))
    clock.now += 1000
    with pytest.raises(AuthUnavailable) as refused:
        run(cache.find("old", "HS256"))
    assert refused.value.retry_after == 1


def test_a_late_failure_does_not_hold_up_whoever_took_over(clock: Clock) -> None:
    source = Source(OSError("down"), OLD_SET)
    source.shut()
    cache = KeyCache(source, Freshness(fresh=1, wait=LONG), clock=clock)
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(run, cache.find("old", "HS256"))
        source.came[0].result(LONG)
        clock.now += 6
        first_gate, source.gate = source.gate, Future()
        source.open()
        run(cache.find("old", "HS256"))
        first_gate.set_result(None)
        assert slow.result(LONG) is OLD
        threads_end()
    clock.now += 0.9  # it is due, and a failure would rest for a second
    source.shut()
    fetches = source.fetches
    run(cache.find("old", "HS256"))
    source.came[fetches].result(LONG)  # no failure cools down
    landing = under_way(cache)
    source.open()
    assert landing.result(LONG) is True


def test_followers_of_a_failing_fetch_fail_with_it(clock: Clock) -> None:
    source = Source(OSError("down"))
    source.shut()
    cache = KeyCache(source, Freshness(wait=LONG), clock=clock)
    with ThreadPoolExecutor(10) as pool:
        found = [pool.submit(run, cache.find("old", "HS256")) for _ in range(10)]
        source.came[0].result(LONG)
        source.open()
        assert {type(each.exception(LONG)) for each in found} == {AuthUnavailable}
    assert source.fetches == 1


def test_the_log_names_the_class_of_a_failure_and_nothing_else(caplog: pytest.LogCaptureFixture, clock: Clock) -> None:
    cache = KeyCache(Source(OSError("Bearer s3cret at https://idp.example")), clock=clock)
    with caplog.at_level(logging.DEBUG), pytest.raises(AuthUnavailable):
        run(cache.find("old", "HS256"))
    assert [record.getMessage() for record in caplog.records] == [
        "keys of the issuer could not be fetched: OSError; none serve"
    ]
    assert not caplog.records[0].exc_info


def test_the_log_says_how_old_the_keys_are_that_serve_meanwhile(caplog: pytest.LogCaptureFixture, clock: Clock) -> None:
    cache = KeyCache(Source(OLD_SET, OSError("down")), issuer="https://idp.example", clock=clock)
    run(cache.find("old", "HS256"))
    clock.now += 400
    run(cache.find("old", "HS256"))
    threads_end()
    assert [record.getMessage() for record in caplog.records] == [
        "keys of https://idp.example could not be fetched: OSError; those of 400 seconds ago serve for 86000 more"
    ]
    assert cache.state(2_000.0) == KeyState(
        issuer="https://idp.example", usable=True, stale=True, fetched_at=1600.0, age=400.0, last_error="OSError"
    )


def test_a_caller_without_an_event_loop_is_the_developers_mistake_and_no_outage(clock: Clock) -> None:
    source = Source(OLD_SET)
    cache = KeyCache(source, clock=clock)
    for _ in range(10):  # what was not fetched does not count
        with pytest.raises(ConfigurationError, match="trio is not supported"):
            cache.find("old", "HS256").send(None)
    assert (source.fetches, cache.state(0).last_error) == (0, "")
    assert asyncio.run(cache.find("old", "HS256")) is OLD


def test_skipped_keys_are_logged_in_one_line_when_the_set_is_new(
    caplog: pytest.LogCaptureFixture, clock: Clock
) -> None:
    source = Source(KeySet([OLD], skipped=["the key is damaged"]))
    cache = KeyCache(source, Freshness(max_stale=300), clock=clock)
    for _ in range(3):
        run(cache.find("old", "HS256"))
        clock.now += 301
    assert source.fetches == 3
    assert [record.getMessage() for record in caplog.records] == [
        "keys of the issuer are not used: the key is damaged (1)"
    ]


# --- stale


def test_under_run_a_stale_set_serves_while_one_thread_renews_it(clock: Clock) -> None:
    source = Source(OLD_SET, BOTH)
    cache = KeyCache(source, clock=clock)
    run(cache.find("old", "HS256"))
    clock.now += 300
    source.shut()
    assert [run(cache.find("old", "HS256")) for _ in range(10)] == [OLD] * 10
    source.came[1].result(LONG)
    landing = under_way(cache)
    source.open()
    assert landing.result(LONG) is True
    assert run(cache.find("new", "HS256")) is NEW
    assert (source.fetches, cache.generation) == (2, 2)


def test_on_a_loop_a_stale_set_serves_while_one_task_renews_it(clock: Clock) -> None:
    source = Source(OLD_SET, BOTH)
    cache = KeyCache(source, clock=clock)

    async def story() -> None:
        await cache.find("old", "HS256")
        clock.now += 300
        source.shut()
        assert await asyncio.gather(*(cache.find("old", "HS256") for _ in range(10))) == [OLD] * 10
        await wait_for(source.came[1], LONG)
        landing = under_way(cache)
        source.open()
        assert await wait_for(landing, LONG) is True
        assert await cache.find("new", "HS256") is NEW

    asyncio.run(story())
    assert (source.fetches, cache.generation) == (2, 2)


def test_old_keys_serve_while_the_source_fails_but_not_for_ever(clock: Clock) -> None:
    source = Source(OLD_SET, OSError("down"))
    cache = KeyCache(source, Freshness(max_stale=1000), clock=clock)
    run(cache.find("old", "HS256"))
    clock.now += 300
    source.shut()
    assert run(cache.find("old", "HS256")) is OLD
    source.came[1].result(LONG)
    landing = under_way(cache)
    source.open()
    assert landing.result(LONG) is False
    assert run(cache.find("old", "HS256")) is OLD
    assert source.fetches == 2  # the failure cools down
    clock.now += 699.9
    source.shut()
    assert run(cache.find("old", "HS256")) is OLD
    landing = under_way(cache)
    source.open()
    landing.result(LONG)
    clock.now += 10
    with pytest.raises(AuthUnavailable):
        run(cache.find("old", "HS256"))


@ways
def test_a_renewal_whose_loop_died_is_made_again_in_a_thread_and_nobody_waits(finish: Finish, clock: Clock) -> None:
    source = Source(OLD_SET, OLD_SET, BOTH)
    cache = KeyCache(source, clock=clock)
    run(cache.find("old", "HS256"))
    clock.now += 300
    source.shut()
    loop = asyncio.new_event_loop()
    assert loop.run_until_complete(cache.find("old", "HS256")) is OLD
    forgotten(loop)
    loop.close()  # nobody will ever finish or cancel the task beside the request
    assert finish(cache.find("old", "HS256")) is OLD  # the gate is shut: whoever waited for a fetch would hang
    source.came[source.fetches - 1].result(LONG)
    source.open()
    threads_end()
    assert cache.current == BOTH or source.fetches == 2
    assert cache._flights.apart


def test_a_renewal_that_ends_with_its_loop_is_made_again_in_a_thread_and_nobody_waits(clock: Clock) -> None:
    source = Source(OLD_SET, OLD_SET, BOTH)
    cache = KeyCache(source, clock=clock)
    run(cache.find("old", "HS256"))
    clock.now += 300
    source.shut()

    async def short_request() -> None:
        await cache.find("old", "HS256")
        await wait_for(source.came[1], LONG)

    asyncio.run(short_request())  # its loop cancels the task at the end
    assert asyncio.run(cache.find("old", "HS256")) is OLD  # the gate is shut: whoever waited for a fetch would hang
    source.came[2].result(LONG)
    source.open()
    threads_end()
    assert (source.fetches, cache.current) == (3, BOTH)


def test_a_renewal_that_was_cancelled_before_it_began_is_made_again(clock: Clock) -> None:
    source = Source(OLD_SET, BOTH)
    cache = KeyCache(source, clock=clock)
    run(cache.find("old", "HS256"))
    clock.now += 300

    async def impatient() -> None:
        await cache.find("old", "HS256")
        [task.cancel() for task in asyncio.all_tasks() - {asyncio.current_task()}]
        await asyncio.sleep(0)
        assert source.fetches == 1
        await cache.find("old", "HS256")

    asyncio.run(impatient())
    threads_end()
    assert (source.fetches, cache.current) == (2, BOTH)


def test_old_keys_serve_where_no_thread_can_be_started(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    source = Source(OLD_SET, BOTH)
    cache = KeyCache(source, clock=clock)
    run(cache.find("old", "HS256"))
    clock.now += 300

    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", refuse)
        assert run(cache.find("old", "HS256")) is OLD
        with pytest.raises(AuthUnavailable):
            run(cache.find("new", "HS256"))
    assert cache.state(0).last_error == "RuntimeError"
    clock.now += 2
    assert run(cache.find("old", "HS256")) is OLD
    threads_end()
    assert cache.current == BOTH


# --- other keys


@ways
def test_a_key_that_is_withdrawn_dies_with_the_next_set(finish: Finish, clock: Clock) -> None:
    cache = KeyCache(Source(BOTH, NEW_SET), Freshness(max_stale=300), clock=clock)
    assert finish(cache.find("old", "HS256")) is OLD
    clock.now += 300
    with pytest.raises(InvalidToken) as refused:
        finish(cache.find("old", "HS256"))
    assert refused.value.reason == "key_unknown"
    assert finish(cache.find("new", "HS256")) is NEW


def test_the_generation_changes_only_with_the_keys(clock: Clock) -> None:
    sets = [KeySet([OLD]), KeySet([OLD], fresh_for=60), KeySet([OLD, NEW]), KeySet([NEW, OLD]), KeySet([NEW])]
    cache = KeyCache(Source(*sets), Freshness(fresh=1, max_stale=1), clock=clock)
    generations = []
    for _ in sets:
        cache.renew(apart=True)
        threads_end()
        generations.append(cache.generation)
        clock.now += 60
    assert generations == [1, 1, 2, 2, 3]


# --- unknown keys


@ways
def test_an_unknown_key_id_is_fetched_for_within_the_request(finish: Finish, clock: Clock) -> None:
    source = Source(OLD_SET, BOTH)
    cache = KeyCache(source, clock=clock)
    finish(cache.find("old", "HS256"))
    assert finish(cache.find("new", "HS256")) is NEW
    assert source.fetches == 2


@ways
@pytest.mark.parametrize(("kid", "algorithm"), [("zzz", "HS256"), ("old", "RS256"), ("new", "HS512")])
def test_a_key_that_is_not_there_after_a_fetch_is_unknown(
    finish: Finish, kid: str, algorithm: str, clock: Clock
) -> None:
    source = Source(BOTH)
    cache = KeyCache(source, clock=clock)
    with pytest.raises(InvalidToken) as refused:
        finish(cache.find(kid, algorithm))
    assert (refused.value.reason, source.fetches) == ("key_unknown", 1)


@ways
def test_strangers_cannot_make_us_fetch_without_bound(finish: Finish, clock: Clock) -> None:
    source = Source(KeySet([OLD], fresh_for=1e9))
    cache = KeyCache(source, clock=clock)
    finish(cache.find("old", "HS256"))

    def strangers(count: int) -> int:
        before = source.fetches
        for number in range(count):
            with pytest.raises(InvalidToken):
                finish(cache.find(f"stranger {number}", "HS256"))
            assert finish(cache.find("old", "HS256")) is OLD
        return source.fetches - before

    assert strangers(50) == 4  # the first one of five brought the keys
    clock.now += 29
    assert strangers(5) == 0
    clock.now += 1
    assert strangers(5) == 1
    clock.now += 10_000
    assert strangers(50) == 5


@ways
def test_one_bad_key_id_costs_one_fetch_a_cooldown(finish: Finish, clock: Clock) -> None:
    source = Source(OLD_SET)
    cache = KeyCache(source, Freshness(fresh=3000), clock=clock)
    finish(cache.find("old", "HS256"))
    for fetches in (2, 3, 4):
        for _ in range(20):
            with pytest.raises(InvalidToken):
                finish(cache.find("x", "HS256"))
        assert source.fetches == fetches
        clock.now += 30
    source.answers = [BOTH]
    with pytest.raises(InvalidToken):
        finish(cache.find("y", "HS256"))
    assert finish(cache.find("new", "HS256")) is NEW  # the others left something in the bucket


@ways
def test_a_key_id_that_was_bad_may_come_into_use(finish: Finish, clock: Clock) -> None:
    """Whoever guesses the next key id and sends it ahead of the rotation keeps it out for one cooldown at most."""
    source = Source(OLD_SET)
    cache = KeyCache(source, Freshness(fresh=3000), clock=clock)
    finish(cache.find("old", "HS256"))
    with pytest.raises(InvalidToken):
        finish(cache.find("new", "HS256"))
    source.answers = [BOTH]
    clock.now += 29.9
    with pytest.raises(InvalidToken):
        finish(cache.find("new", "HS256"))
    clock.now += 0.1
    assert finish(cache.find("new", "HS256")) is NEW


@ways
def test_an_empty_bucket_is_401_while_the_set_is_fresh_and_503_when_it_is_not(finish: Finish, clock: Clock) -> None:
    source = Source(OLD_SET)
    cache = KeyCache(source, Freshness(burst=1, cooldown=3600, jitter=0), clock=clock)
    finish(cache.find("old", "HS256"))
    for kid in ("x", "y", "z"):
        with pytest.raises(InvalidToken):
            finish(cache.find(kid, "HS256"))
    assert source.fetches == 2
    source.answers = [OSError("down")]
    clock.now += 300
    with pytest.raises(AuthUnavailable):
        finish(cache.find("y", "HS256"))
    assert finish(cache.find("old", "HS256")) is OLD
    threads_end()


def test_nothing_is_said_of_an_unknown_key_while_the_set_is_stale_and_nobody_looked(clock: Clock) -> None:
    """As when a renewal was lost with its loop, and the bucket is empty."""
    cache = KeyCache(Source(OLD_SET), Freshness(burst=1, cooldown=3600), clock=clock)
    run(cache.find("old", "HS256"))
    with pytest.raises(InvalidToken):
        run(cache.find("x", "HS256"))
    with pytest.raises(InvalidToken):
        cache._board("y", "HS256", cache._kept)
    clock.now += 300
    with pytest.raises(AuthUnavailable):
        cache._board("y", "HS256", cache._kept)


def test_whoever_comes_to_a_fetch_that_asked_before_asks_again(clock: Clock) -> None:
    """The answer may have been written before the issuer rotated."""
    source = Source(OLD_SET, OLD_SET, BOTH)
    cache = KeyCache(source, Freshness(wait=LONG), clock=clock)
    run(cache.find("old", "HS256"))
    source.shut()
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(run, cache.find("x", "HS256"))
        source.came[1].result(LONG)
        landing = under_way(cache)
        second = pool.submit(asyncio.run, cache.find("new", "HS256"))
        while len(landing._done_callbacks) == 0:  # type: ignore[attr-defined]  # the only trace of who waits
            time.sleep(0.001)
        source.open()
        assert type(first.exception(LONG)) is InvalidToken
        assert second.result(LONG) is NEW
    assert source.fetches == 3


def test_whoever_comes_when_another_set_has_just_landed_looks_into_it_first(clock: Clock) -> None:
    cache = KeyCache(Source(OLD_SET, BOTH), clock=clock)
    run(cache.find("old", "HS256"))
    seen = cache._kept
    run(cache.find("new", "HS256"))
    assert run(cache._look_for("new", "HS256", seen, 1, clock() + LONG)) is NEW
    assert cache._pace.left == 3.0


def test_strangers_at_once_share_one_fetch(clock: Clock) -> None:
    source = Source(OLD_SET)
    cache = KeyCache(source, Freshness(wait=LONG), clock=clock)
    run(cache.find("old", "HS256"))
    source.shut()
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(run, cache.find("x", "HS256"))
        source.came[1].result(LONG)
        paid = cache._pace.left
        second = pool.submit(run, cache.find("y", "HS256"))
        assert run(cache.find("old", "HS256")) is OLD  # and nobody with a known key waits for them
        source.open()
        assert {type(each.exception(LONG)) for each in (first, second)} == {InvalidToken}
    assert cache._pace.left == paid - 1  # the second one came to a fetch that had begun before it


@ways
def test_an_unknown_key_during_an_outage_is_an_outage(finish: Finish, clock: Clock) -> None:
    """The issuer may have rotated: who brings the new key id must not be told that the token is bad."""
    source = Source(OLD_SET, OSError("down"), OSError("down"), BOTH)
    cache = KeyCache(source, clock=clock)
    finish(cache.find("old", "HS256"))
    for _ in range(3):
        with pytest.raises(AuthUnavailable):
            finish(cache.find("new", "HS256"))
        assert finish(cache.find("old", "HS256")) is OLD
    assert source.fetches == 2  # one failure, and its cooldown
    clock.now += 1
    with pytest.raises(AuthUnavailable) as refused:
        finish(cache.find("new", "HS256"))
    assert refused.value.retry_after == 2
    clock.now += 2
    assert finish(cache.find("new", "HS256")) is NEW


def test_an_unknown_key_with_a_stale_set_waits_for_the_renewal(clock: Clock) -> None:
    source = Source(OLD_SET, BOTH)
    cache = KeyCache(source, Freshness(wait=LONG), clock=clock)

    async def story() -> Key:
        await cache.find("old", "HS256")
        clock.now += 300
        return await cache.find("new", "HS256")

    assert asyncio.run(story()) is NEW
    assert (source.fetches, cache._pace.left) == (2, 4.0)  # it was full again, and one fetch was a renewal


def test_a_fetch_is_an_ordinary_coroutine(clock: Clock) -> None:
    cache = KeyCache(Source(OLD_SET), clock=clock)
    with cache._flights.lock:
        flight = cache._flights.take_off(clock())
    work: Awaitable[None] = cache._fly(flight)
    asyncio.run(asyncio.wait_for(work, LONG))
    assert (cache.current, flight.landing.result(0)) == (OLD_SET, True)
