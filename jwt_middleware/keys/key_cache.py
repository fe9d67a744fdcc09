"""KeyCache: who fetches an issuer's keys, how often, and what serves meanwhile."""

import logging
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from secrets import SystemRandom
from typing import Final, Protocol

from ..errors import AuthUnavailable, ConfigurationError, InvalidToken
from ..events import event
from ..waiting import ask, later, wait_for
from .flights import Flight, Flights
from .freshness import Freshness, Kept
from .key import Key
from .key_set import KeySet
from .key_state import KeyState, key_state
from .pace import Pace

_log: Final = logging.getLogger("jwt_middleware")
_GRACE: Final = 1.0  # seconds beyond its own deadline after which a fetch is taken for lost


class KeySource(Protocol):
    """Where one issuer's keys live. Raises whatever it likes when it cannot say.

    It must end by itself within seconds: 5, or as many as its attribute ``timeout`` says, if it has one.
    """

    @property
    def symmetric(self) -> bool:
        """Whether it holds shared secrets; then HMAC is accepted, and nothing else."""

    def fetch(self) -> KeySet: ...

    async def afetch(self) -> KeySet: ...


class KeyCache:
    """Keeps the keys of one issuer. Nobody waits while a usable key is there; one fetch at a time serves all who do.

    A fetch runs beside the requests, so that none of them takes it along when it is cancelled: on their event loop, or
    in a thread where there is none, or where a loop was seen to end with a fetch under way. ``freshness`` holds the
    figures. ``issuer`` is what the log calls it. ``clock`` is in seconds and never goes back. ``random`` gives numbers
    from 0 up to 1, other ones in each process. ``watching`` gives what is entered around each fetch.

    The lock of ``_flights`` guards every field, and is never held while asking.
    """

    def __init__(
        self,
        source: KeySource,
        freshness: Freshness = Freshness(),  # noqa: B008  # a frozen value
        *,
        issuer: str = "the issuer",
        clock: Callable[[], float] = time.monotonic,
        random: Callable[[], float] = SystemRandom().random,  # noqa: B008  # without a seed that a fork would copy
        watching: Callable[[], AbstractContextManager[object]] = nullcontext,
    ) -> None:
        self._source = source
        self._freshness = freshness
        self._issuer = issuer
        self._clock = clock
        self._random = random
        self._watching = watching
        self._flights = Flights(float(getattr(source, "timeout", 5.0)) + _GRACE)
        self._pace = Pace(freshness, clock())
        self._kept: Kept | None = None  # replaced as one, so that it is read without the lock
        self._landed = 0  # the youngest flight whose set was taken
        self._last_error = ""
        self.generation = 0  # another number whenever other keys are trusted

    @property
    def current(self) -> KeySet | None:
        """The set that serves, or None when there is none or it is older than ``max_stale``."""
        kept = self._kept
        return kept.keys if kept is not None and self._clock() < kept.serves_until else None

    @property
    def seconds_left(self) -> float:
        """How long the set that serves still may, should its source fail from now on."""
        kept = self._kept
        return 0.0 if kept is None else max(0.0, kept.serves_until - self._clock())

    def state(self, wall_clock: float) -> KeyState:
        """What is known of the keys. ``wall_clock``: what time it is, in seconds since the epoch."""
        return key_state(self._issuer, self._kept, self._clock(), wall_clock, self._last_error)

    def renew(self, *, apart: bool = False) -> None:
        """Have a set replaced that is due, or fetched that is missing, beside whatever calls this. Nobody waits."""
        with self._flights.lock:
            now = self._clock()
            due = self._kept is None or now >= self._kept.due_at
            if due and self._flights.under_way(now) is None and self._may_ask(now, renewal=True):
                self._take_off(now, apart=apart)

    def at_hand(self, kid: str | None, algorithm: str) -> Key | None:
        """The key that may have signed, where nobody has to wait for it; None decides nothing."""
        # no lock: this is the way of every token
        kept, now = self._kept, self._clock()
        if kept is None or now >= kept.serves_until:
            return None
        key = kept.keys.select(kid, algorithm)
        if key is not None and now >= kept.due_at:
            self.renew()
        return key

    async def find(self, kid: str | None, algorithm: str) -> Key:
        """The key that may have signed. Raises InvalidToken for an unknown key, AuthUnavailable when nothing serves."""
        flights, kept, now = self._flights.number, self._kept, self._clock()
        if kept is not None and now < kept.serves_until:
            if now >= kept.due_at:
                self.renew()
            key = kept.keys.select(kid, algorithm)
            if key is not None:
                return key
        return await self._look_for(kid, algorithm, kept, flights, now + self._freshness.wait)

    async def _look_for(self, kid: str | None, algorithm: str, seen: Kept | None, flights: int, until: float) -> Key:
        """Ask, or wait for whoever is asking. ``seen``: the set that lacks the key; ``flights``: fetches before us."""
        for _ in range(3):  # a fetch may be lost with its loop, or have asked before this request came
            flight = self._board(kid, algorithm, seen)
            if flight is not None and not await self._landing(flight, until):
                break  # the issuer may have rotated, and we could not look
            kept = self._kept
            if kept is None or self._clock() >= kept.serves_until:
                continue
            key = kept.keys.select(kid, algorithm)
            if key is not None:
                return key
            if kept is not seen and kept.flight > flights:
                with self._flights.lock:
                    self._pace.miss(kid, algorithm, kept.asked_at)
                raise InvalidToken("key_unknown")
            seen = kept
        raise AuthUnavailable(retry_after=self._pace.seconds_of_rest(self._clock()))

    def _board(self, kid: str | None, algorithm: str, seen: Kept | None) -> Flight | None:
        """The fetch to wait for, under way or new; None when another set has come. Raises when none may be made."""
        with self._flights.lock:
            now, kept, pace = self._clock(), self._kept, self._pace
            flight = self._flights.under_way(now)
            if flight is not None or kept is not seen:
                return flight
            known = kept is not None and now < kept.serves_until
            if not (known and pace.is_missing(kid, algorithm, now)) and self._may_ask(now, renewal=not known):
                return self._take_off(now)
            fresh = kept is not None and now < kept.fresh_until
            if fresh and not pace.failing and not self._flights.crowded:
                raise InvalidToken("key_unknown")
            raise AuthUnavailable(retry_after=pace.seconds_of_rest(now))

    def _may_ask(self, now: float, *, renewal: bool) -> bool:
        return not self._flights.crowded and self._pace.take(now, renewal=renewal)

    async def _landing(self, flight: Flight, until: float) -> bool:
        """Whether there is something to look at: False when the fetch failed, or has not landed by then."""
        try:
            return await wait_for(flight.landing, until - self._clock()) is not False
        except TimeoutError:
            return False

    def _take_off(self, now: float, *, apart: bool = False) -> Flight:
        """Begin a fetch; the lock is held."""
        flight = self._flights.take_off(now)
        try:
            flight.is_over = later(lambda: self._fly(flight), apart=apart or self._flights.apart)
        except RuntimeError as error:  # no more threads can be started, as when the interpreter ends
            self._note_failure(flight, error)
            self._flights.land(flight, False)
        except ConfigurationError:
            self._pace.give_back()
            self._flights.land(flight, False)
            raise
        return flight

    async def _fly(self, flight: Flight) -> None:
        landed: bool | None = None
        try:
            with self._watching():
                fetched = await ask(self._source.fetch, self._source.afetch)
                if not isinstance(fetched, KeySet) or not len(fetched):
                    raise ValueError("the source gave no usable key")
            self._accept(flight, fetched)
            landed = True
        except Exception as error:  # noqa: BLE001  # a source raises what it likes; the seam is here
            self._note_failure(flight, error)
            landed = False
        finally:  # also when its loop ends: whoever waits must not be stranded
            self._flights.land(flight, landed)

    def _accept(self, flight: Flight, fetched: KeySet) -> None:
        with self._flights.lock:
            if flight.number < self._landed:
                return  # overtaken: a younger set is there, and this one may hold a key withdrawn since
            changed = self._kept is None or fetched != self._kept.keys
            self._landed = flight.number
            self._kept = self._freshness.keep(fetched, flight.number, flight.took_off, self._random())
            self._pace.succeeded(self._clock())
            self._pace.renewed_every(self._kept.due_at - self._kept.asked_at)
            self._last_error = ""
            if changed:
                self.generation += 1
        if changed and fetched.skipped:
            _log.warning(
                "keys of %s are not used: %s",
                self._issuer,
                fetched.skipped_in_words(),
                extra=event("keys_skipped", issuer=self._issuer),
            )

    def _note_failure(self, flight: Flight, error: Exception) -> None:
        with self._flights.lock:
            self._last_error = type(error).__name__
            if self._flights.is_current(flight):  # a late failure holds up nobody who took over
                self._pace.failed(self._clock())
            kept, now = self._kept, self._clock()
        serving = "none serve" if kept is None or now >= kept.serves_until else kept.in_words(now)
        _log.warning(
            "keys of %s could not be fetched: %s; %s",
            self._issuer,
            type(error).__name__,
            serving,
            extra=event("keys_not_fetched", issuer=self._issuer, error=type(error).__name__),
        )
