"""KeyCache: who fetches an issuer's keys, how often, and what serves meanwhile."""

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from math import ceil
from typing import Final, Protocol

from ..errors import AuthUnavailable, InvalidToken
from ..waiting import ask, later, wait_for
from .key import Key
from .key_set import KeySet

_log: Final = logging.getLogger("jwt_middleware")


class KeySource(Protocol):
    """Where one issuer's keys live. Raises whatever it likes when it cannot say; must end by itself within seconds."""

    @property
    def symmetric(self) -> bool:
        """Whether it holds shared secrets; then HMAC is accepted, and nothing else."""

    def fetch(self) -> KeySet: ...

    async def afetch(self) -> KeySet: ...


class KeyCache:
    """Keeps the keys of one issuer. Nobody waits while a usable key is there; one fetch at a time serves all who do.

    Durations are in seconds. ``fresh``: how long a set is taken without asking again, unless its source says. After
    that it still serves while a fetch runs beside the requests, up to ``max_stale``. A key id that is not in the set is
    fetched for within the request, ``burst`` times and once more every ``cooldown``, so that strangers cannot make us
    fetch without bound. After a failure nothing is fetched for 1, 2, 4 ... 60 seconds. ``wait``: how long a request
    waits for a fetch that another one started. ``clock``: monotonic.

    The lock guards the fields below it, and is never held while asking.
    """

    def __init__(
        self,
        source: KeySource,
        *,
        fresh: float = 300.0,
        max_stale: float = 86_400.0,
        cooldown: float = 30.0,
        burst: int = 5,
        wait: float = 6.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._source = source
        self._fresh = fresh
        self._max_stale = max_stale
        self._cooldown = cooldown
        self._burst = burst
        self._wait = wait
        self._clock = clock
        self._lock = threading.Lock()
        self._set: KeySet | None = None
        self._fetched_at = 0.0
        self._flight: Future[bool | None] | None = None
        self._flight_ends = 0.0
        self._failures = 0
        self._retry_at = 0.0
        self._bucket = float(burst)
        self._bucket_at = clock()
        self.generation = 0  # another number whenever other keys are trusted

    @property
    def current(self) -> KeySet | None:
        """The set that serves, or None when there is none or it is older than ``max_stale``."""
        return self._set if self._is_fresh() or self._age() < self._max_stale else None

    async def find(self, kid: str | None, algorithm: str) -> Key:
        """The key that may have signed. Raises InvalidToken for an unknown key, AuthUnavailable when nothing serves."""
        current = self.current
        if current is not None:
            if not self._is_fresh():
                self._refresh_beside()
            key = current.select(kid, algorithm)
            if key is not None:
                return key
        self._pay(known=current is not None)
        refreshed = await self._refresh()
        current = self.current
        if current is None:
            raise AuthUnavailable(retry_after=self._seconds_to_retry())
        key = current.select(kid, algorithm)
        if key is not None:
            return key
        if not refreshed:  # the issuer may have rotated, and we could not look
            raise AuthUnavailable(retry_after=self._seconds_to_retry())
        raise InvalidToken("key_unknown")

    def _age(self) -> float:
        return self._clock() - self._fetched_at

    def _is_fresh(self) -> bool:
        said = None if self._set is None else self._set.fresh_for
        return self._set is not None and self._age() < (self._fresh if said is None else said)

    def _pay(self, *, known: bool) -> None:
        """Take one fetch out of the bucket. Raises when there is none, or while failures cool down."""
        with self._lock:
            now = self._clock()
            if self._flight is not None and now < self._flight_ends:
                return  # somebody has paid for this one
            if now >= self._retry_at:
                if not known:
                    return
                self._bucket = min(float(self._burst), self._bucket + (now - self._bucket_at) / self._cooldown)
                self._bucket_at = now
                if self._bucket >= 1.0:
                    self._bucket -= 1.0
                    return
        if known and self._is_fresh():
            raise InvalidToken("key_unknown")
        raise AuthUnavailable(retry_after=self._seconds_to_retry())

    def _seconds_to_retry(self) -> int:
        return max(1, ceil(self._retry_at - self._clock()))

    def _refresh_beside(self) -> None:
        with self._lock:
            now = self._clock()
            if now < self._retry_at or (self._flight is not None and now < self._flight_ends):
                return
            mine = self._take_off(now)
        later(lambda: self._beside(mine))

    async def _beside(self, mine: "Future[bool | None]") -> None:
        await self._lead(mine)

    async def _refresh(self) -> bool:
        """Fetch, or wait for whoever is fetching. Whether it succeeded."""
        for _ in range(3):  # a leader that was cancelled leaves its place to one of those who wait
            with self._lock:
                now = self._clock()
                flight = self._flight
                if flight is None or now >= self._flight_ends:
                    flight = None
                    mine = self._take_off(now)
            if flight is None:
                return await self._lead(mine)
            try:
                landed = await wait_for(flight, self._wait)
            except TimeoutError:
                return False
            if landed is not None:
                return landed
        return False

    def _take_off(self, now: float) -> "Future[bool | None]":
        """Become the one who fetches; the lock is held. A leader whose loop died is replaced after ``wait``."""
        self._flight = Future()
        self._flight_ends = now + self._wait
        return self._flight

    async def _lead(self, mine: "Future[bool | None]") -> bool:
        landed: bool | None = None
        try:
            fetched = await ask(self._source.fetch, self._source.afetch)
            if not len(fetched):
                raise ValueError("the key set holds no usable key")
            self._accept(mine, fetched)
            landed = True
        except Exception as error:  # noqa: BLE001  # a source raises what it likes; the seam is here
            self._note_failure(mine, error)
            landed = False
        finally:  # also when this request is cancelled: whoever waits must not be stranded
            with self._lock:
                if self._flight is mine:
                    self._flight = None
            mine.set_result(landed)
        return landed

    def _accept(self, mine: "Future[bool | None]", fetched: KeySet) -> None:
        with self._lock:
            if self._flight is not mine:
                return  # overtaken: somebody has fetched a younger set since
            changed = fetched != self._set
            self._set = fetched
            self._fetched_at = self._clock()
            self._failures = 0
            self._retry_at = 0.0
            if changed:
                self.generation += 1
        for reason in fetched.skipped if changed else ():
            _log.warning("a key of the issuer is not used: %s", reason)

    def _note_failure(self, mine: "Future[bool | None]", error: Exception) -> None:
        with self._lock:
            if self._flight is mine:
                self._retry_at = self._clock() + min(60.0, 2.0**self._failures)
                self._failures = min(self._failures + 1, 6)
        _log.warning("keys could not be fetched: %s", type(error).__name__)
