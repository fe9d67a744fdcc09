"""RedisRevocations: a copy in this process, which a thread keeps whole."""

import asyncio
import logging
import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from math import inf
from typing import Final, Literal

from redis import Redis
from redis.exceptions import RedisError

from ...events import event
from ...verification.claims import Claims
from ...verification.revocation import Revocation, Revoked
from .entries import Entries

WhenUnreachable = Literal["refuse", "admit"]

_FULL_LOOK: Final = 300.0  # seconds
_LONGEST_PAUSE: Final = 1.0  # seconds between two tries
_log: Final = logging.getLogger("jwt_middleware")


class OutOfReach(Exception):
    """The copy is older than is allowed."""


class RedisRevocations:
    """Revocations in Redis, looked up in this process's copy. See ``redis``.

    One daemon thread reads the news of a stream, and everything after a cut and every 5 minutes. The lock guards its
    start. Entries are only ever added, and forgotten when their tokens have expired: a Redis that lost its memory takes
    nothing back.
    """

    def __init__(
        self,
        entries: Entries,
        listener: Redis,
        *,
        when_unreachable: WhenUnreachable,
        max_stale: float,
        timeout: float,
        clock: Callable[[], float],
    ) -> None:
        self._entries = entries
        self._listener = listener
        self._refuses = when_unreachable == "refuse"
        self._max_stale = max_stale
        self._timeout = timeout
        self._revoked = Revoked(clock)
        self._lock = threading.Lock()
        self._process = 0
        self._stopped = threading.Event()
        self._tried = threading.Event()
        self._fresh_at = -inf  # monotonic seconds: when this copy was last known to be whole

    def revoke(self, revocation: Revocation) -> None:
        """Write it down for every process. Raises what the client raises when Redis is out of reach."""
        self._entries.revoke(revocation)
        self._revoked.add([revocation])

    async def arevoke(self, revocation: Revocation) -> None:
        await asyncio.to_thread(self.revoke, revocation)

    def is_revoked(self, claims: Claims) -> bool:
        """Raises OutOfReach when the copy is too old, unless such tokens are to be admitted."""
        self._start()
        self._tried.wait(self._timeout)  # only while the very first look is under way
        if self._revoked.includes(claims):
            return True
        if self._refuses and not self._is_fresh():
            raise OutOfReach("the copy of the revocations is too old")
        return False

    async def ais_revoked(self, claims: Claims) -> bool:
        self._start()
        if not self._tried.is_set():
            await asyncio.to_thread(self._tried.wait, self._timeout)
        return self.is_revoked(claims)

    def look_up(self, claims: Claims) -> bool | None:
        if self._revoked.includes(claims):
            return True
        return False if self._is_fresh() and self._process == os.getpid() else None

    @property
    def lag(self) -> float | None:
        """Seconds since this copy was last known to be whole; None while it never was."""
        age = time.monotonic() - self._fresh_at
        return None if age == inf else age

    def close(self) -> None:
        """End the thread within half a second; what is asked later starts another one."""
        with self._lock:
            self._stopped.set()
            self._process = 0

    def _is_fresh(self) -> bool:
        return time.monotonic() - self._fresh_at <= self._max_stale

    def _start(self) -> None:
        if self._process == os.getpid():
            return
        with self._lock:
            if self._process == os.getpid():
                return
            self._process = os.getpid()  # a process that was forked off has no thread
            self._stopped, self._tried, self._fresh_at = threading.Event(), threading.Event(), -inf
            arguments = (self._stopped, self._tried)
            threading.Thread(
                target=self._listen, args=arguments, name="jwt_middleware revocations", daemon=True
            ).start()

    def _listen(self, stopped: threading.Event, tried: threading.Event) -> None:
        position, look_at = "", -inf
        pause = 0.0
        lost = False
        while not stopped.is_set():
            try:
                if not position:
                    position = self._entries.position(self._listener)
                if time.monotonic() >= look_at:
                    self._revoked.add(self._entries.everything(self._listener))
                    look_at = time.monotonic() + _FULL_LOOK
                    self._fresh_at = time.monotonic()
                    tried.set()
                news, position = self._entries.news_since(self._listener, position)
                self._revoked.add(news)
                self._fresh_at = time.monotonic()
                pause = 0.0
                if lost:
                    _log.warning("revocations are in reach again", extra=event("revocations_back"))
                    lost = False
            except Exception as error:  # noqa: BLE001  # whatever it is, this thread must live on
                tried.set()
                if not lost:
                    _log.error(
                        "revocations are out of reach: %s",
                        type(error).__name__,
                        extra=event("revocations_lost", error=type(error).__name__),
                    )
                    lost = True
                with suppress(RedisError, OSError):
                    self._listener.close()
                stopped.wait(pause)
                pause = min(_LONGEST_PAUSE, pause * 2 or 0.05)
                # first the news since the cut, which are few; then everything, for Redis may have lost some of them
                look_at = min(look_at, time.monotonic() + _LONGEST_PAUSE)
        self._listener.close()

    def __repr__(self) -> str:
        return "<RedisRevocations>"
