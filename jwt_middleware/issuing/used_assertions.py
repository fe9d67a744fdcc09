"""UsedAssertions: which client assertions were shown already; none is good twice (RFC 7523 section 3)."""

import threading
import time
from collections.abc import Callable
from hashlib import sha256
from typing import Final, Protocol

_MOST: Final = 100_000  # that are remembered


class UsedAssertions(Protocol):
    """Remembers assertions until they expire. Raises whatever it likes when it cannot say: that is a 503."""

    def use(self, name: str, until: float) -> bool:
        """Use an assertion up, in one atomic step; False if it was used before. ``until``: seconds since the epoch."""

    async def ause(self, name: str, until: float) -> bool: ...


class UsedInMemory:
    """Remembers them in this process: with several workers, an assertion is good once in each. The lock guards them.

    For several workers: ``used_in_redis``, or Django's cache, which the Django app uses by itself.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._used: dict[bytes, float] = {}
        self._sweep_at = 1024

    def use(self, name: str, until: float) -> bool:
        place = sha256(name.encode("utf-8", "surrogatepass")).digest()
        with self._lock:
            if place in self._used:
                return False
            if len(self._used) >= self._sweep_at:
                now = self._clock()
                self._used = {each: kept for each, kept in self._used.items() if kept > now}
                if len(self._used) >= _MOST:
                    raise RuntimeError("too many assertions are remembered")  # forgetting one would make it good again
                self._sweep_at = max(1024, min(_MOST, 2 * len(self._used)))
            self._used[place] = until
            return True

    async def ause(self, name: str, until: float) -> bool:
        return self.use(name, until)
