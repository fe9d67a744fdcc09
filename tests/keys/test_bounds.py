"""However callers and source behave: the source is asked five times, and once more every thirty seconds, at most."""

import threading
from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from jwt_middleware.errors import AuthError
from jwt_middleware.keys.freshness import Freshness
from jwt_middleware.keys.key import secret_key
from jwt_middleware.keys.key_cache import KeyCache
from jwt_middleware.keys.key_set import KeySet
from jwt_middleware.waiting import run
from tests.threads import threads_end

KEY = secret_key(b"\x01" * 32, "known")
STEP = st.tuples(
    st.sampled_from(["known", "unknown", "unknown", "ready"]),
    st.integers(1, 12),  # so many of them
    st.sampled_from([0.0, 0.1, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 43.3, 60.0, 250.0]),  # seconds until the next step
    st.sampled_from([True, True, False]),  # whether the source is well
)


class Source:
    """Fails and recovers as it is told; ``asked`` are the moments."""

    symmetric = True

    def __init__(self, fresh_for: float | None) -> None:
        self.now, self.well = 1000.0, True
        self.asked: list[float] = []
        self._fresh_for = fresh_for

    def fetch(self) -> KeySet:
        self.asked.append(self.now)
        if not self.well:
            raise OSError("down")
        return KeySet([KEY], fresh_for=self._fresh_for)

    async def afetch(self) -> KeySet:
        return self.fetch()


@settings(deadline=None, derandomize=True, database=None, max_examples=300)
@given(
    steps=st.lists(STEP, min_size=5, max_size=60),
    fresh_for=st.sampled_from([None, 60.0, 3600.0]),
    max_stale=st.sampled_from([50.0, 86_400.0]),
    chance=st.floats(0, 0.999),
)
def test_no_window_of_time_holds_more_fetches_than_five_and_one_every_thirty_seconds(
    steps: list[tuple[str, int, float, bool]], fresh_for: float | None, max_stale: float, chance: float
) -> None:
    source = Source(fresh_for)
    cache = KeyCache(source, Freshness(max_stale=max_stale), clock=lambda: source.now, random=lambda: chance)
    number = 0
    for kind, count, pause, source.well in steps:
        for _ in range(count):
            number += 1
            if kind == "ready":
                cache.renew(apart=True)
            else:
                with suppress(AuthError):
                    run(cache.find("known" if kind == "known" else f"stranger {number}", "HS256"))
            threads_end()
        source.now += pause
    asked = source.asked
    for first in range(len(asked)):
        for last in range(first, len(asked)):
            assert last - first + 1 <= 5 + (asked[last] - asked[first]) / 30 + 1e-6
    assert threading.active_count() < 50
