"""HeldTokens: tokens we were given, kept until shortly before they expire, and who fetches the next one."""

import logging
import math
import os
import random
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from typing import Final

from ..errors import TokenOutage
from ..events import event
from ..waiting import later, wait_for
from .rests import Rests, said_again
from .token_answer import Granted

Fetch = Callable[[], Granted]  # blocks; called in a thread of its own

_AT_ONCE: Final = 10  # fetches; who needs another one waits
_COOLDOWN: Final = 30.0  # seconds between two renewals of one token that its target demands
_log: Final = logging.getLogger("jwt_middleware")


@dataclass(frozen=True, slots=True)
class _Held:
    granted: Granted
    renew_at: float
    ends_at: float
    demanded_at: float = -math.inf  # when a target last said that it is not good


@dataclass(slots=True, eq=False)
class _Flight:
    """One fetch. ``landing`` holds what it brought, or why it brought nothing."""

    key: bytes
    fetch: Fetch
    began_at: float
    landing: "Future[Granted | TokenOutage]" = field(default_factory=Future)


class HeldTokens:
    """Tokens by key, at most ``max_tokens``. The lock guards everything and is never held while asking.

    A token serves until a tenth of its lifetime is left (30 seconds at most), and is renewed beside the requests in its
    last quarter or so, at a moment of its own. One fetch at a time for each key. A failed fetch is not repeated for 1,
    2, 4 ... 30 seconds: of any token where the token endpoint is out of reach, else of that one. ``wait``: seconds that
    a request waits for a token. ``clock``: seconds that never go back.
    """

    def __init__(self, clock: Callable[[], float], *, wait: float, max_tokens: int = 10_000) -> None:
        self._clock = clock
        self._wait = wait
        self._max_tokens = max_tokens
        self._lock = threading.Lock()
        self._process = os.getpid()
        self._held: dict[bytes, _Held] = {}  # the oldest first
        self._flights: dict[bytes, _Flight] = {}
        self._rests = Rests(max_tokens)

    async def find(self, key: bytes, fetch: Fetch) -> Granted:
        """The token of this key, fetched if need be. Raises TokenOutage."""
        deadline = self._clock() + self._wait
        while True:
            with self._guarded():
                now = self._clock()
                held = self._held.get(key)
                good = held is not None and now < held.ends_at
                flight, starts = self._flights.get(key), False
                if flight is None and not (good and held is not None and now < held.renew_at):
                    flight, starts = self._take_off(key, fetch, now, needed=not good)
            if starts and flight is not None:
                self._start(flight)
            if good and held is not None:
                return held.granted
            if flight is not None:
                found = await self._landed(flight, deadline)
                if flight.key == key:
                    return _brought(found)

    async def renewed(self, key: bytes, refused: str, fetch: Fetch) -> Granted | None:
        """Another token than the one that its target has just refused; None where there is none to be had now.

        The old one stays until the new one is there: whoever refused may have lied, and the token endpoint may be down.
        """
        with self._guarded():
            now = self._clock()
            held = self._held.get(key)
            if held is not None and held.granted.token != refused:
                return held.granted
            if held is None or now < held.demanded_at + _COOLDOWN:
                return None
            self._held[key] = replace(held, demanded_at=now)
            flight, starts = self._flights.get(key), False
            if flight is None:
                flight, starts = self._take_off(key, fetch, now, needed=False)
        if flight is None or flight.key != key:
            return None
        if starts:
            self._start(flight)
        try:
            found = _brought(await self._landed(flight, self._clock() + self._wait))
        except TokenOutage:
            return None
        return None if found.token == refused else found

    def tokens(self) -> list[str]:
        """Those that are held and have not expired."""
        with self._guarded():
            now = self._clock()
            return [each.granted.token for each in self._held.values() if now < each.ends_at]

    def forget(self, token: str) -> None:
        """It is good no more."""
        with self._guarded():
            self._held = {key: each for key, each in self._held.items() if each.granted.token != token}

    def _guarded(self) -> threading.Lock:
        process = os.getpid()
        if process != self._process:  # a forked child: whoever held the lock, or was fetching, does not exist in it
            self._lock = threading.Lock()
            self._flights = {}
            self._process = process
        return self._lock

    def _take_off(self, key: bytes, fetch: Fetch, now: float, *, needed: bool) -> tuple[_Flight | None, bool]:
        """A flight to wait for, and whether it must be started; the lock is held. Raises while failures rest."""
        error = self._rests.error(key, now)
        if error is not None:
            if needed:
                raise error
            return None, False
        if len(self._flights) >= _AT_ONCE:
            return next(iter(self._flights.values())), False
        flight = self._flights[key] = _Flight(key, fetch, now)
        return flight, True

    def _start(self, flight: _Flight) -> None:
        async def fly() -> None:
            try:
                found = flight.fetch()
            except TokenOutage as error:
                self._land(flight, None, error)
            except BaseException as error:
                self._land(flight, None, _unreachable(error))
                if not isinstance(error, Exception):
                    raise
            else:
                self._land(flight, found, None)

        try:
            later(fly, apart=True)
        except RuntimeError as error:  # no thread can be had
            self._land(flight, None, _unreachable(error))

    def _land(self, flight: _Flight, found: Granted | None, error: TokenOutage | None) -> None:
        with self._guarded():
            if self._flights.get(flight.key) is flight:
                del self._flights[flight.key]
            now = self._clock()
            if found is not None:
                self._keep(flight, found)
                self._rests.succeeded(flight.key)
            elif error is not None:
                self._rests.failed(flight.key, error, now)
        flight.landing.set_result(found or error or _unreachable(None))
        if error is not None:
            cause = "" if error.__cause__ is None else f" ({type(error.__cause__).__name__})"
            _log.warning(
                "no token for a call of our own: %s%s",
                error,
                cause,
                extra=event("token_not_had", error=type(error).__name__),
            )

    def _keep(self, flight: _Flight, found: Granted) -> None:
        before = self._held.pop(flight.key, None)
        while len(self._held) >= self._max_tokens:
            del self._held[next(iter(self._held))]
        self._held[flight.key] = _Held(
            found,
            renew_at=flight.began_at + found.lifetime * random.uniform(0.7, 0.8),  # noqa: S311  # no secret
            ends_at=flight.began_at + found.lifetime - min(30.0, found.lifetime / 10),
            demanded_at=-math.inf if before is None else before.demanded_at,
        )

    async def _landed(self, flight: _Flight, deadline: float) -> Granted | TokenOutage:
        try:
            return await wait_for(flight.landing, max(0.0, deadline - self._clock()))
        except TimeoutError as late:
            raise TokenOutage("the token endpoint did not answer in time") from late


def _brought(found: Granted | TokenOutage) -> Granted:
    if isinstance(found, TokenOutage):
        raise said_again(found, found.retry_after)
    return found


def _unreachable(error: BaseException | None) -> TokenOutage:
    made = TokenOutage("the token endpoint cannot be reached")
    made.__cause__ = error
    return made
