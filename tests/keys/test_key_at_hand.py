"""A key that is at hand: the way of every token, on which nobody waits."""

from concurrent.futures import Future

import pytest

from jwt_middleware.keys.freshness import Freshness
from jwt_middleware.keys.key import secret_key
from jwt_middleware.keys.key_cache import KeyCache
from jwt_middleware.keys.key_set import KeySet
from jwt_middleware.waiting import run

KEY = secret_key("0123456789abcdef" * 4, "old")


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class Source:
    symmetric = True

    def __init__(self) -> None:
        self.fetches: list[Future[None]] = [Future(), Future()]
        self.fetched = 0

    def fetch(self) -> KeySet:
        self.fetched += 1
        self.fetches[self.fetched - 1].set_result(None)
        return KeySet([KEY])

    async def afetch(self) -> KeySet:
        return self.fetch()


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_none_is_at_hand_before_the_first_fetch_and_asking_fetches_nothing(clock: Clock) -> None:
    source = Source()
    assert KeyCache(source, clock=clock).at_hand("old", "HS256") is None
    assert source.fetched == 0


def test_a_key_is_at_hand_until_its_set_serves_nobody(clock: Clock) -> None:
    cache = KeyCache(Source(), Freshness(fresh=60, max_stale=300), clock=clock, random=lambda: 0.5)
    run(cache.find("old", "HS256"))
    assert cache.at_hand("old", "HS256") is KEY
    clock.now = 300.0
    assert cache.at_hand("old", "HS256") is None


def test_what_no_key_fits_has_nothing_renewed_and_a_key_that_is_due_is_renewed_beside(clock: Clock) -> None:
    source = Source()
    cache = KeyCache(source, Freshness(fresh=100), clock=clock, random=lambda: 0.5)
    run(cache.find("old", "HS256"))
    clock.now = 79.0
    assert cache.at_hand("old", "HS256") is KEY
    clock.now = 81.0
    with cache._flights.lock:  # noqa: SLF001  # else a fetch could have been begun and ended by now
        assert cache.at_hand("another", "HS256") is None
        assert cache._flights.number == 1  # noqa: SLF001  # the number of fetches that were begun
    assert run(_at_hand(cache)) is KEY
    source.fetches[1].result(10)


async def _at_hand(cache: KeyCache) -> object:
    """Asked as behind a sync door, where a fetch beside the request is a thread."""
    return cache.at_hand("old", "HS256")
