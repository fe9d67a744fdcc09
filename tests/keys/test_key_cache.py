"""Who fetches keys, how often, and what serves meanwhile: in threads, on one loop, on several, and mixed."""

import asyncio
import gc
import logging
import threading
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

from jwt_middleware.errors import AuthUnavailable, InvalidToken
from jwt_middleware.keys.key import Key, secret_key
from jwt_middleware.keys.key_cache import KeyCache
from jwt_middleware.keys.key_set import KeySet
from jwt_middleware.waiting import run, wait_for

OLD, NEW = secret_key(b"\x01" * 32, "old"), secret_key(b"\x02" * 32, "new")
OLD_SET, NEW_SET, BOTH = KeySet([OLD]), KeySet([NEW]), KeySet([OLD, NEW])
LONG = 20.0  # seconds until a test that hangs fails

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
    assert cache._flight is not None
    return cache._flight.landing


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
        with cache._lock:
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


@pytest.mark.parametrize(("said", "ends"), [(None, 300.0), (60.0, 60.0), (3600.0, 3600.0)])
def test_a_set_is_fresh_as_long_as_its_source_says(said: float | None, ends: float, clock: Clock) -> None:
    source = Source(KeySet([OLD], fresh_for=said))
    cache = KeyCache(source, clock=clock)
    run(cache.find("old", "HS256"))
    clock.now += ends - 0.1
    run(cache.find("old", "HS256"))
    assert source.fetches == 1
    clock.now += 0.1
    source.shut()
    run(cache.find("old", "HS256"))
    source.came[1].result(LONG)
    landing = under_way(cache)
    source.open()
    assert landing.result(LONG) is True


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
    cache = KeyCache(source, clock=clock, wait=LONG)
    with ThreadPoolExecutor(20) as pool:
        found = [pool.submit(run, cache.find("old", "HS256")) for _ in range(20)]
        source.came[0].result(LONG)
        source.open()
        assert {each.result(LONG) for each in found} == {OLD}
    assert source.fetches == 1


def test_many_tasks_share_one_fetch(clock: Clock) -> None:
    source = Source(OLD_SET)
    source.shut()
    cache = KeyCache(source, clock=clock, wait=LONG)

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
    cache = KeyCache(source, clock=clock, wait=LONG)
    with ThreadPoolExecutor(13) as pool:
        found = [pool.submit(leader, cache.find("old", "HS256"))]
        source.came[0].result(LONG)
        followers: list[Finish] = [run, asyncio.run] * 6
        found += [pool.submit(finish, cache.find("old", "HS256")) for finish in followers]
        source.open()
        assert {each.result(LONG) for each in found} == {OLD}
    assert source.fetches == 1


def test_a_cancelled_leader_leaves_its_place_to_one_who_waits(clock: Clock) -> None:
    source = Source(OLD_SET)
    source.shut()
    cache = KeyCache(source, clock=clock, wait=LONG)

    async def cancelled_leader() -> list[Key]:
        leader = asyncio.create_task(cache.find("old", "HS256"))
        await wait_for(source.came[0], LONG)
        followers = [asyncio.create_task(cache.find("old", "HS256")) for _ in range(10)]
        await asyncio.sleep(0)  # each runs up to its wait
        leader.cancel()
        await wait_for(source.came[1], LONG)
        source.open()
        with pytest.raises(asyncio.CancelledError):
            await leader
        return await asyncio.gather(*followers)

    assert asyncio.run(cancelled_leader()) == [OLD] * 10
    assert source.fetches == 2


def test_a_thread_takes_over_from_a_cancelled_task(clock: Clock) -> None:
    source = Source(OLD_SET)
    source.shut()
    cache = KeyCache(source, clock=clock, wait=LONG)

    async def cancelled_leader() -> Key:
        leader = asyncio.create_task(cache.find("old", "HS256"))
        await wait_for(source.came[0], LONG)
        thread = asyncio.create_task(asyncio.to_thread(run, cache.find("old", "HS256")))
        leader.cancel()
        await wait_for(source.came[1], LONG)
        source.open()
        return await thread

    assert asyncio.run(cancelled_leader()) is OLD


def test_a_cancelled_follower_cancels_nobody_else(clock: Clock) -> None:
    source = Source(OLD_SET)
    source.shut()
    cache = KeyCache(source, clock=clock, wait=LONG)

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


def test_whoever_waited_for_three_cancelled_leaders_gives_up(clock: Clock) -> None:
    source = Source(OLD_SET)
    source.shut()
    cache = KeyCache(source, clock=clock, wait=LONG)

    async def unlucky() -> None:
        flights = [cache._take_off(clock()) for _ in range(3)]
        cache._flight = flights[0]
        follower = asyncio.create_task(cache.find("old", "HS256"))
        for flight, next_one in zip(flights, [*flights[1:], None], strict=True):
            while not flight.landing._done_callbacks:  # type: ignore[attr-defined]  # the only trace of who waits
                await asyncio.sleep(0)
            cache._flight = next_one
            flight.landing.set_result(None)
        with pytest.raises(AuthUnavailable):
            await follower

    asyncio.run(unlucky())
    assert source.fetches == 0


@ways
def test_whoever_waits_too_long_for_another_is_told_to_come_again(finish: Finish, clock: Clock) -> None:
    source = Source(OLD_SET)
    source.shut()
    cache = KeyCache(source, clock=clock, wait=0.01)
    with ThreadPoolExecutor(1) as pool:
        leader = pool.submit(run, cache.find("old", "HS256"))
        source.came[0].result(LONG)
        with pytest.raises(AuthUnavailable) as refused:
            finish(cache.find("old", "HS256"))
        source.open()
        assert leader.result(LONG) is OLD
    assert refused.value.retry_after == 1
    assert source.fetches == 1


@ways
def test_a_leader_whose_loop_died_is_taken_over_after_the_deadline(finish: Finish, clock: Clock) -> None:
    source = Source(OLD_SET)
    source.shut()
    cache = KeyCache(source, clock=clock, wait=0.01)
    loop = asyncio.new_event_loop()
    leader = loop.create_task(cache.find("old", "HS256"))
    loop.run_until_complete(wait_for(source.came[0], LONG))
    loop.stop()
    loop.close()  # nobody will ever finish or cancel the leader
    with pytest.raises(AuthUnavailable):
        finish(cache.find("old", "HS256"))
    clock.now += 0.01
    source.open()
    assert finish(cache.find("old", "HS256")) is OLD
    leader._log_destroy_pending = False  # type: ignore[attr-defined]  # that it never ended is what is tested
    del leader
    gc.collect()
    assert finish(cache.find("old", "HS256")) is OLD


def test_a_dead_leader_that_is_collected_frees_its_place_at_once(clock: Clock) -> None:
    source = Source(OLD_SET)
    cache = KeyCache(source, clock=clock)
    finding = cache.find("old", "HS256")
    source.shut()
    loop = asyncio.new_event_loop()
    finding_done = loop.create_task(finding)
    loop.run_until_complete(wait_for(source.came[0], LONG))
    loop.close()
    finding_done._log_destroy_pending = False  # type: ignore[attr-defined]  # as above
    with cache._lock:  # the collector may come while this thread holds the lock
        finding.close()
    source.open()
    assert run(cache.find("old", "HS256")) is OLD


def test_a_late_answer_counts_where_no_younger_one_is_there(clock: Clock) -> None:
    source = Source(OLD_SET)
    source.shut()
    cache = KeyCache(source, clock=clock, fresh=300, wait=1)
    with ThreadPoolExecutor(2) as pool:
        slow = pool.submit(run, cache.find("old", "HS256"))
        source.came[0].result(LONG)
        clock.now += 2
        first_gate = source.gate
        source.shut()
        second = pool.submit(run, cache.find("old", "HS256"))
        source.came[1].result(LONG)
        first_gate.set_result(None)
        assert slow.result(LONG) is OLD
        source.open()
        assert second.result(LONG) is OLD


def test_a_late_answer_never_replaces_a_younger_one(clock: Clock) -> None:
    source = Source(OLD_SET, NEW_SET)
    source.shut()
    cache = KeyCache(source, clock=clock, wait=1)
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(run, cache.find("new", "HS256"))
        source.came[0].result(LONG)
        clock.now += 2
        first_gate, source.gate = source.gate, Future()
        source.open()
        assert run(cache.find("new", "HS256")) is NEW
        first_gate.set_result(None)
        assert slow.result(LONG) is NEW
    assert (cache.current, cache.generation) == (NEW_SET, 1)


def test_a_set_is_as_old_as_the_question(clock: Clock) -> None:
    source = Source(OLD_SET)
    source.shut()
    cache = KeyCache(source, clock=clock, max_stale=300, wait=1000)
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(run, cache.find("old", "HS256"))
        source.came[0].result(LONG)
        clock.now += 100
        source.open()
        slow.result(LONG)
    clock.now += 199.9
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
    cache = KeyCache(source, clock=clock, max_stale=10)
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
    cache = KeyCache(source, clock=clock, fresh=0, wait=1)
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(run, cache.find("old", "HS256"))
        source.came[0].result(LONG)
        clock.now += 2
        first_gate, source.gate = source.gate, Future()
        source.open()
        run(cache.find("old", "HS256"))
        first_gate.set_result(None)
        assert slow.result(LONG) is OLD
    source.shut()
    run(cache.find("old", "HS256"))
    source.came[2].result(LONG)  # no failure cools down
    landing = under_way(cache)
    source.open()
    assert landing.result(LONG) is True


def test_followers_of_a_failing_fetch_fail_with_it(clock: Clock) -> None:
    source = Source(OSError("down"))
    source.shut()
    cache = KeyCache(source, clock=clock, wait=LONG)
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
    assert [record.getMessage() for record in caplog.records] == ["keys could not be fetched: OSError"]
    assert not caplog.records[0].exc_info


def test_a_skipped_key_is_logged_when_the_set_is_new(caplog: pytest.LogCaptureFixture, clock: Clock) -> None:
    source = Source(KeySet([OLD], skipped=["the key is damaged"]))
    cache = KeyCache(source, clock=clock, max_stale=300)
    for _ in range(3):
        run(cache.find("old", "HS256"))
        clock.now += 301
    assert source.fetches == 3
    assert [record.getMessage() for record in caplog.records] == ["a key of the issuer is not used: the key is damaged"]


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
    cache = KeyCache(source, clock=clock, max_stale=1000)
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
def test_a_renewal_whose_loop_died_is_done_by_a_request_after_the_deadline(finish: Finish, clock: Clock) -> None:
    source = Source(OLD_SET, OLD_SET, NEW_SET)
    cache = KeyCache(source, clock=clock, wait=6)
    run(cache.find("old", "HS256"))
    clock.now += 300
    source.shut()
    loop = asyncio.new_event_loop()
    assert loop.run_until_complete(cache.find("old", "HS256")) is OLD
    [beside] = asyncio.all_tasks(loop)
    loop.close()  # nobody will ever finish or cancel the task beside the request
    beside._log_destroy_pending = False  # type: ignore[attr-defined]  # that it never ended is what is tested
    source.open()
    clock.now += 5.9
    assert finish(cache.find("old", "HS256")) is OLD
    assert source.fetches == 2
    clock.now += 0.1
    with pytest.raises(InvalidToken):
        finish(cache.find("old", "HS256"))  # renewed within the request: the old key is withdrawn
    assert finish(cache.find("new", "HS256")) is NEW


def test_a_renewal_that_is_cancelled_is_done_by_the_next_request(clock: Clock) -> None:
    source = Source(OLD_SET, OLD_SET, BOTH)
    cache = KeyCache(source, clock=clock)
    run(cache.find("old", "HS256"))
    clock.now += 300
    source.shut()

    async def short_request() -> None:
        await cache.find("old", "HS256")
        await wait_for(source.came[1], LONG)

    asyncio.run(short_request())  # its loop cancels the task at the end
    source.open()
    assert asyncio.run(cache.find("old", "HS256")) is OLD
    assert (source.fetches, cache.current) == (3, BOTH)


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
    assert run(cache.find("old", "HS256")) is OLD  # fetches itself
    assert cache.current == BOTH


# --- other keys


@ways
def test_a_key_that_is_withdrawn_dies_with_the_next_set(finish: Finish, clock: Clock) -> None:
    cache = KeyCache(Source(BOTH, NEW_SET), clock=clock, max_stale=300)
    assert finish(cache.find("old", "HS256")) is OLD
    clock.now += 300
    with pytest.raises(InvalidToken) as refused:
        finish(cache.find("old", "HS256"))
    assert refused.value.reason == "key_unknown"
    assert finish(cache.find("new", "HS256")) is NEW


def test_the_generation_changes_only_with_the_keys(clock: Clock) -> None:
    sets = [KeySet([OLD]), KeySet([OLD], fresh_for=60), KeySet([OLD, NEW]), KeySet([NEW, OLD]), KeySet([NEW])]
    cache = KeyCache(Source(*sets), clock=clock, fresh=0, max_stale=0)
    generations = []
    for _ in sets:
        run(cache._refresh())
        generations.append(cache.generation)
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

    assert strangers(50) == 5
    clock.now += 29
    assert strangers(5) == 0
    clock.now += 1
    assert strangers(5) == 1
    clock.now += 100_000
    assert strangers(50) == 5


def test_strangers_at_once_share_one_fetch(clock: Clock) -> None:
    source = Source(OLD_SET)
    cache = KeyCache(source, clock=clock, wait=LONG)
    run(cache.find("old", "HS256"))
    source.shut()
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(run, cache.find("x", "HS256"))
        source.came[1].result(LONG)
        paid = cache._bucket
        second = pool.submit(run, cache.find("y", "HS256"))
        assert run(cache.find("old", "HS256")) is OLD  # and nobody with a known key waits for them
        source.open()
        assert {type(each.exception(LONG)) for each in (first, second)} == {InvalidToken}
    assert cache._bucket in (paid, paid - 1)  # the second one may have come after the landing


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
    cache = KeyCache(source, clock=clock, wait=LONG)

    async def story() -> Key:
        await cache.find("old", "HS256")
        clock.now += 300
        return await cache.find("new", "HS256")

    assert asyncio.run(story()) is NEW
    assert (source.fetches, cache._bucket) == (2, 5.0)


def test_the_work_beside_a_request_is_an_ordinary_coroutine(clock: Clock) -> None:
    cache = KeyCache(Source(OLD_SET), clock=clock)
    with cache._lock:
        flight = cache._take_off(clock())
    work: Awaitable[None] = cache._beside(flight)
    asyncio.run(asyncio.wait_for(work, LONG))
    assert cache.current == OLD_SET
