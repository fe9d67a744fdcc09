"""Tokens that are held: how long, renewed when and by whom, and what an outage does to them."""

import asyncio
import logging
import multiprocessing
import threading
from collections.abc import Callable
from typing import Any

import pytest

from jwt_middleware import TokenOutage
from jwt_middleware.client import held_tokens
from jwt_middleware.client.held_tokens import HeldTokens
from jwt_middleware.client.token_answer import Granted
from jwt_middleware.waiting import run
from tests.threads import threads_end

from .conftest import Clock

KEY = b"inventory"
LONG = 20.0  # seconds until a test that hangs fails


class Source:
    """Gives token 1, token 2 ...; ``error`` instead; ``go`` lets fetches end."""

    def __init__(self, lifetime: float = 100.0) -> None:
        self.lifetime = lifetime
        self.fetches = 0
        self.error: BaseException | None = None
        self.go = threading.Event()
        self.go.set()
        self.lock = threading.Lock()

    def __call__(self) -> Granted:
        with self.lock:
            self.fetches += 1
            number = self.fetches
        assert self.go.wait(LONG)
        if self.error is not None:
            raise self.error
        return Granted(f"token-{number}", self.lifetime)


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def held(clock: Clock) -> HeldTokens:
    return HeldTokens(clock, wait=LONG)


def find(held: HeldTokens, source: Source, key: bytes = KEY) -> str:
    return run(held.find(key, source)).token


def test_a_token_is_fetched_once_and_serves_until_a_tenth_of_its_life_is_left(
    held: HeldTokens, source: Source, clock: Clock
) -> None:
    assert [find(held, source) for _ in range(3)] == ["token-1"] * 3
    clock.now += 69.9
    assert find(held, source) == "token-1"
    assert source.fetches == 1
    source.error = TokenOutage("down", status=503)
    clock.now += 20  # at 89.9
    assert find(held, source) == "token-1"
    threads_end()
    clock.now += 0.2
    with pytest.raises(TokenOutage):
        find(held, source)


def test_a_token_that_lives_long_is_given_up_thirty_seconds_before_its_end(held: HeldTokens, clock: Clock) -> None:
    source = Source(lifetime=3600)
    find(held, source)
    source.error = TokenOutage("down", status=503)
    clock.now += 3569
    assert find(held, source) == "token-1"
    threads_end()
    clock.now += 31
    with pytest.raises(TokenOutage):
        find(held, source)


def test_it_is_renewed_ahead_of_time_beside_the_requests(held: HeldTokens, source: Source, clock: Clock) -> None:
    find(held, source)
    clock.now += 81
    source.go.clear()
    assert [find(held, source) for _ in range(5)] == ["token-1"] * 5  # nobody waits
    source.go.set()
    threads_end()
    assert source.fetches == 2
    assert find(held, source) == "token-2"


def test_the_moment_of_renewal_differs_from_token_to_token(clock: Clock) -> None:
    moments = set()
    for _ in range(20):
        held, source, begin = HeldTokens(clock, wait=LONG), Source(), clock.now
        find(held, source)
        while source.fetches == 1:
            clock.now += 0.5
            find(held, source)
            threads_end()
        moments.add(clock.now - begin)
        assert 70 <= clock.now - begin <= 80.5
    assert len(moments) > 1


def test_a_hundred_threads_cause_one_fetch(held: HeldTokens, source: Source) -> None:
    source.go.clear()
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(find(held, source))) for _ in range(100)]
    for each in threads:
        each.start()
    source.go.set()
    for each in threads:
        each.join(LONG)
    assert (found, source.fetches) == (["token-1"] * 100, 1)


def test_a_hundred_tasks_cause_one_fetch_and_block_no_loop(held: HeldTokens, source: Source) -> None:
    source.go.clear()

    async def all_of_them() -> list[Granted]:
        tasks = [asyncio.create_task(held.find(KEY, source)) for _ in range(100)]
        await asyncio.sleep(0)
        asyncio.get_running_loop().call_soon(source.go.set)  # the loop runs while they wait
        return await asyncio.gather(*tasks)

    assert {each.token for each in asyncio.run(all_of_them())} == {"token-1"}
    assert source.fetches == 1


def test_one_who_leaves_takes_nothing_away_from_the_others(held: HeldTokens, source: Source) -> None:
    source.go.clear()

    async def one_leaves() -> str:
        leader = asyncio.create_task(held.find(KEY, source))
        follower = asyncio.create_task(held.find(KEY, source))
        await asyncio.sleep(0)
        leader.cancel()
        source.go.set()
        return (await follower).token

    assert asyncio.run(one_leaves()) == "token-1"
    assert source.fetches == 1


def test_keys_are_kept_apart(held: HeldTokens, source: Source) -> None:
    assert [find(held, source, key) for key in (b"a", b"b", b"a")] == ["token-1", "token-2", "token-1"]


def test_only_so_many_are_kept(clock: Clock, source: Source) -> None:
    held = HeldTokens(clock, wait=LONG, max_tokens=10)
    for number in range(100):
        find(held, source, str(number).encode())
    assert len(held._held) == 10
    source.error = TokenOutage("no", status=502)
    for number in range(100, 200):
        with pytest.raises(TokenOutage):
            find(held, source, str(number).encode())
    assert len(held._rests) == 10


def test_only_so_many_are_fetched_at_once_and_the_others_wait(held: HeldTokens, source: Source) -> None:
    source.go.clear()

    async def many() -> list[Granted]:
        tasks = [asyncio.create_task(held.find(str(number).encode(), source)) for number in range(100)]
        while source.fetches < held_tokens._AT_ONCE:
            await asyncio.sleep(0)
        for _ in range(50):
            await asyncio.sleep(0)
        assert source.fetches == len(held._flights) == held_tokens._AT_ONCE
        source.go.set()
        return await asyncio.gather(*tasks)

    assert len({each.token for each in asyncio.run(many())}) == 100


def test_a_token_that_expires_while_it_comes_is_not_asked_for_again_and_again(held: HeldTokens, clock: Clock) -> None:
    class Slow(Source):
        def __call__(self) -> Granted:
            clock.now += 1000
            return super().__call__()

    source = Slow()
    assert find(held, source) == "token-1"
    assert source.fetches == 1


@pytest.mark.parametrize("finish", [run, asyncio.run])
def test_who_waits_too_long_is_told_so(clock: Clock, source: Source, finish: Callable[[Any], Granted]) -> None:
    held = HeldTokens(clock, wait=0.05)
    source.go.clear()
    with pytest.raises(TokenOutage, match="in time") as caught:
        finish(held.find(KEY, source))
    assert (caught.value.status, caught.value.retry_after) == (503, 1)
    source.go.set()
    threads_end()
    assert find(held, source) == "token-1"  # it has come all the same


def test_an_outage_is_asked_about_less_and_less_often(held: HeldTokens, source: Source, clock: Clock) -> None:
    source.error = OSError("nobody there")
    pauses = []
    for _ in range(8):
        begin = clock.now
        with pytest.raises(TokenOutage) as caught:
            find(held, source)
        assert (caught.value.status, type(caught.value.__cause__)) == (503, OSError)
        fetches = source.fetches
        while source.fetches == fetches:
            with pytest.raises(TokenOutage) as caught:
                find(held, source, b"another")  # of any token
            if source.fetches == fetches:
                assert caught.value.retry_after >= 1
                clock.now += 0.5
        pauses.append(clock.now - begin)
        clock.now += 60
    assert pauses[:3] == [1.0, 4.0, 16.0]
    assert max(pauses) == 30.0


def test_retry_after_is_heard_within_bounds(held: HeldTokens, source: Source, clock: Clock) -> None:
    source.error = TokenOutage("busy", status=503, retry_after=100)
    for seconds, fetches in ((0, 1), (99, 1), (2, 2)):
        clock.now += seconds
        with pytest.raises(TokenOutage):
            find(held, source)
        assert source.fetches == fetches
    source.error = TokenOutage("busy", status=503, retry_after=1_000_000)
    clock.now += 200
    with pytest.raises(TokenOutage):
        find(held, source)
    clock.now += 301
    source.error = None
    assert find(held, source) == "token-4"


def test_a_refusal_of_one_token_is_no_outage_of_the_others(held: HeldTokens, source: Source, clock: Clock) -> None:
    source.error = TokenOutage("refused", status=502, refused="invalid_target")
    for _ in range(3):
        with pytest.raises(TokenOutage) as caught:
            find(held, source)
        assert (caught.value.status, caught.value.refused) == (502, "invalid_target")
    assert source.fetches == 1
    source.error = None
    assert find(held, source, b"another") == "token-2"
    clock.now += 1.1
    assert find(held, source) == "token-3"


def test_a_success_ends_an_outage(held: HeldTokens, source: Source, clock: Clock) -> None:
    for _ in range(3):
        source.error = OSError()
        with pytest.raises(TokenOutage):
            find(held, source, b"down")
        clock.now += 1.1
        source.error = None
        find(held, source, str(clock.now).encode())


def test_every_waiter_gets_an_exception_of_its_own(held: HeldTokens, source: Source) -> None:
    source.error = OSError()
    errors = []
    for _ in range(2):
        with pytest.raises(TokenOutage) as caught:
            find(held, source)
        errors.append(caught.value)
    assert errors[0] is not errors[1]


def test_no_thread_to_be_had_is_an_outage(held: HeldTokens, source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    def none_left(*_: object, **__: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", none_left)
    with pytest.raises(TokenOutage) as caught:
        find(held, source)
    assert caught.value.status == 503


def test_a_failure_is_logged_by_kind_and_names_nothing_else(
    held: HeldTokens, source: Source, caplog: pytest.LogCaptureFixture
) -> None:
    source.error = OSError("secret")
    with pytest.raises(TokenOutage):
        find(held, source)
    threads_end()
    assert [each.message for each in caplog.records if each.levelno >= logging.WARNING] == [
        "no token for a call of our own: the token endpoint cannot be reached (OSError)"
    ]


# A target says that a token is not good.


def test_a_token_that_its_target_refuses_is_renewed_once_for_everybody(held: HeldTokens, source: Source) -> None:
    find(held, source)
    source.go.clear()

    async def all_of_them() -> list[Granted | None]:
        tasks = [asyncio.create_task(held.renewed(KEY, "token-1", source)) for _ in range(10)]
        await asyncio.sleep(0)
        source.go.set()
        return await asyncio.gather(*tasks)

    found = asyncio.run(all_of_them())
    assert source.fetches == 2
    assert {each.token for each in found if each is not None} == {"token-2"}
    assert run(held.renewed(KEY, "token-1", source)) == Granted("token-2", 100.0)  # it is there already
    assert source.fetches == 2


def test_a_target_that_refuses_every_token_makes_us_ask_once_in_thirty_seconds(
    held: HeldTokens, source: Source, clock: Clock
) -> None:
    find(held, source)
    assert run(held.renewed(KEY, "token-1", source)) == Granted("token-2", 100.0)
    for _ in range(100):
        assert run(held.renewed(KEY, find(held, source), source)) is None
    assert source.fetches == 2
    clock.now += 31
    assert run(held.renewed(KEY, "token-2", source)) == Granted("token-3", 100.0)


def test_while_the_issuer_is_down_a_lie_takes_no_token_away(held: HeldTokens, source: Source) -> None:
    find(held, source)
    source.error = OSError()
    assert run(held.renewed(KEY, "token-1", source)) is None
    assert find(held, source) == "token-1"


def test_an_issuer_that_gives_the_same_token_again_ends_it(held: HeldTokens, clock: Clock) -> None:
    def same() -> Granted:
        return Granted("same", 100.0)

    run(held.find(KEY, same))
    assert run(held.renewed(KEY, "same", same)) is None


def test_nothing_is_renewed_that_is_not_held(held: HeldTokens, source: Source) -> None:
    assert run(held.renewed(KEY, "token-1", source)) is None
    assert source.fetches == 0


def _in_child(held: HeldTokens, found: Any) -> None:
    found.put(run(held.find(b"new", Source())).token)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # a fork beside threads is what is tried
def test_a_forked_child_fetches_for_itself(held: HeldTokens, source: Source) -> None:
    source.go.clear()
    with held._lock:
        held._flights[b"new"] = held_tokens._Flight(b"new", source, 0.0)
        context = multiprocessing.get_context("fork")
        found = context.Queue()
        child = context.Process(target=_in_child, args=(held, found))
        child.start()
    assert found.get(timeout=LONG) == "token-1"
    child.join(LONG)
    assert child.exitcode == 0
    found.close()
    found.join_thread()
