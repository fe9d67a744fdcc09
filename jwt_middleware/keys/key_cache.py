"""KeyCache: who fetches an issuer's keys, how often, and what serves meanwhile."""

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
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


@dataclass(frozen=True, slots=True, eq=False)
class _Flight:
    """One fetch under way. ``landing`` tells whether it succeeded, or None when its leader is gone."""

    number: int
    took_off: float
    ends: float  # after this its leader is taken for dead
    landing: "Future[bool | None]" = field(default_factory=Future)


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
        # re-entrant: a leader whose loop was closed lands when it is collected, which may be while this thread holds it
        self._lock = threading.RLock()
        self._kept: tuple[KeySet, float] | None = None  # and when it was asked for; replaced as one
        self._flight: _Flight | None = None
        self._flights = 0
        self._landed = 0  # the youngest flight whose set was taken
        self._lost = False  # whether the last flight's leader was gone before it landed
        self._failures = 0
        self._retry_at = 0.0
        self._bucket = float(burst)
        self._bucket_at = clock()
        self.generation = 0  # another number whenever other keys are trusted

    @property
    def current(self) -> KeySet | None:
        """The set that serves, or None when there is none or it is older than ``max_stale``."""
        return self._serving()[0]

    async def find(self, kid: str | None, algorithm: str) -> Key:
        """The key that may have signed. Raises InvalidToken for an unknown key, AuthUnavailable when nothing serves."""
        current, fresh = self._serving()
        if current is not None and not fresh:
            await self._renew()
            current, _ = self._serving()
        key = None if current is None else current.select(kid, algorithm)
        if key is not None:
            return key
        self._pay(known=current is not None)
        refreshed = await self._refresh()
        current = self.current
        key = None if current is None else current.select(kid, algorithm)
        if key is not None:
            return key
        if current is None or not refreshed:  # the issuer may have rotated, and we could not look
            raise AuthUnavailable(retry_after=self._seconds_to_retry())
        raise InvalidToken("key_unknown")

    def _serving(self) -> tuple[KeySet | None, bool]:
        """The set that serves, and whether it is fresh. Takes no lock: this is the way of every token."""
        kept = self._kept
        if kept is None:
            return None, False
        current, asked_at = kept
        age = self._clock() - asked_at
        if age < (self._fresh if current.fresh_for is None else current.fresh_for):
            return current, True
        return (current if age < self._max_stale else None), False

    def _pay(self, *, known: bool) -> None:
        """Take one fetch out of the bucket. Raises when there is none, or while failures cool down."""
        with self._lock:
            now = self._clock()
            if self._flight is not None and now < self._flight.ends:
                return  # somebody has paid for this one
            if now >= self._retry_at:
                if not known:
                    return
                self._bucket = min(float(self._burst), self._bucket + (now - self._bucket_at) / self._cooldown)
                self._bucket_at = now
                if self._bucket >= 1.0:
                    self._bucket -= 1.0
                    return
            failing = self._failures > 0
        if known and not failing:
            raise InvalidToken("key_unknown")
        raise AuthUnavailable(retry_after=self._seconds_to_retry())

    def _seconds_to_retry(self) -> int:
        return max(1, ceil(self._retry_at - self._clock()))

    async def _renew(self) -> None:
        """Replace a set that still serves: beside the request, or within it when the last fetch came to nothing.

        Where every request has an event loop of its own, work beside a request ends with the request.
        """
        with self._lock:
            now = self._clock()
            overdue = self._flight
            if now < self._retry_at or (overdue is not None and now < overdue.ends):
                return
            within = self._lost or overdue is not None
            flight = self._take_off(now)
        if within:
            await self._lead(flight)
            return
        try:
            later(lambda: self._beside(flight))
        except RuntimeError:  # no more threads can be started, as when the interpreter ends
            self._land(flight, None)

    async def _beside(self, flight: _Flight) -> None:
        await self._lead(flight)

    async def _refresh(self) -> bool:
        """Fetch, or wait for whoever is fetching. Whether it succeeded."""
        for _ in range(3):  # a leader that was cancelled leaves its place to one of those who wait
            with self._lock:
                now = self._clock()
                theirs = self._flight
                if theirs is None or now >= theirs.ends:
                    theirs = None
                    mine = self._take_off(now)
            if theirs is None:
                return await self._lead(mine)
            try:
                landed = await wait_for(theirs.landing, self._wait)
            except TimeoutError:
                return False
            if landed is not None:
                return landed
        return False

    def _take_off(self, now: float) -> _Flight:
        """Become the one who fetches; the lock is held. A leader whose loop died is replaced after ``wait``."""
        self._flights += 1
        self._flight = _Flight(self._flights, now, now + self._wait)
        return self._flight

    async def _lead(self, flight: _Flight) -> bool:
        landed: bool | None = None
        try:
            fetched = await ask(self._source.fetch, self._source.afetch)
            if not isinstance(fetched, KeySet) or not len(fetched):
                raise ValueError("the source gave no usable key")
            self._accept(flight, fetched)
            landed = True
        except Exception as error:  # noqa: BLE001  # a source raises what it likes; the seam is here
            self._note_failure(flight, error)
            landed = False
        finally:  # also when this request is cancelled: whoever waits must not be stranded
            self._land(flight, landed)
        return landed

    def _land(self, flight: _Flight, landed: bool | None) -> None:
        with self._lock:
            if self._flight is flight:
                self._flight = None
                self._lost = landed is None
        flight.landing.set_result(landed)

    def _accept(self, flight: _Flight, fetched: KeySet) -> None:
        with self._lock:
            if flight.number < self._landed:
                return  # overtaken: a younger set is there, and this one may hold a key withdrawn since
            changed = self._kept is None or fetched != self._kept[0]
            self._landed = flight.number
            self._kept = (fetched, flight.took_off)  # the set is as old as the question
            self._failures = 0
            self._retry_at = 0.0
            if changed:
                self.generation += 1
        for reason in fetched.skipped if changed else ():
            _log.warning("a key of the issuer is not used: %s", reason)

    def _note_failure(self, flight: _Flight, error: Exception) -> None:
        with self._lock:
            if self._flight is flight:
                self._retry_at = self._clock() + min(60.0, 2.0**self._failures)
                self._failures = min(self._failures + 1, 6)
        _log.warning("keys could not be fetched: %s", type(error).__name__)
