"""Flights: one fetch at a time for everybody, and what becomes of one that is lost."""

import os
import threading
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

_MOST_LOST: Final = 10  # fetches that should have ended and have not


@dataclass(slots=True, eq=False)
class Flight:
    """One fetch. ``landing`` tells whether it succeeded, or None when it was lost."""

    number: int
    took_off: float
    ends: float  # after this it is taken for lost
    is_over: Callable[[], bool] = lambda: False
    landing: "Future[bool | None]" = field(default_factory=Future)

    def settle(self, landed: bool | None) -> None:
        with suppress(InvalidStateError):  # it was taken for lost, and comes after all
            self.landing.set_result(landed)


class Flights:
    """Who is fetching. ``lock`` guards this and whatever else its owner does at the same time.

    ``limit``: seconds after which a fetch that has not landed is taken for lost. ``apart``: whether one was lost with
    its event loop; then the next ones are made in threads.
    """

    def __init__(self, limit: float) -> None:
        self._limit = limit
        # re-entrant: a fetch whose loop was closed lands when it is collected, which may be while this thread holds it
        self._lock = threading.RLock()
        self._process = os.getpid()
        self._current: Flight | None = None
        self._lost: list[Flight] = []  # those that have not ended, although they should
        self.number = 0
        self.apart = False

    @property
    def lock(self) -> "threading.RLock":
        """The lock; a new one in a forked child, where whoever held the old one, or was fetching, does not exist."""
        process = os.getpid()
        if process != self._process:
            self._lock = threading.RLock()
            self._current = None
            self._lost = []
            self._process = process
        return self._lock

    def under_way(self, now: float) -> Flight | None:
        """The fetch to wait for; the lock is held. One that is lost makes place for another."""
        flight = self._current
        if flight is not None and (flight.is_over() or now >= flight.ends):
            self._lost.append(flight)
            self._let_go(flight, None)
            flight.settle(None)
        return self._current

    @property
    def crowded(self) -> bool:
        """Whether so many are lost and have not ended that one more would only be lost as well; the lock is held."""
        self._lost = [each for each in self._lost if not each.is_over()]
        return len(self._lost) >= _MOST_LOST

    def take_off(self, now: float) -> Flight:
        """Begin a fetch, when none is under way; the lock is held."""
        self.number += 1
        self._current = Flight(self.number, now, now + self._limit)
        return self._current

    def is_current(self, flight: Flight) -> bool:
        return self._current is flight

    def land(self, flight: Flight, landed: bool | None) -> None:
        with self.lock:
            if self._current is flight:
                self._let_go(flight, landed)
        flight.settle(landed)

    def _let_go(self, flight: Flight, landed: bool | None) -> None:
        self._current = None
        self.apart = self.apart or landed is None
