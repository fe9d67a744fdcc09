"""Throttle: how often somebody may try a password."""

import threading
import time
import unicodedata
from collections import deque
from collections.abc import Callable
from hashlib import sha256
from ipaddress import ip_address, ip_network
from typing import Final, Protocol

from ..durations import Duration, checked
from ..errors import ConfigurationError

_MOST: Final = 10_000  # accounts and addresses that are remembered


class Throttle(Protocol):
    """Counts failed logins. An attempt counts as failed when it begins, so that many at once gain nothing."""

    def attempt(self, account: str, address: str) -> float:
        """Begin an attempt: 0.0, or how many seconds to wait; then it was not counted."""

    async def aattempt(self, account: str, address: str) -> float: ...

    def succeeded(self, account: str, address: str) -> None:
        """Forget the failures of this account from this address."""

    async def asucceeded(self, account: str, address: str) -> None: ...


class MemoryThrottle:
    """``failures`` per account and address within ``window`` seconds, counted in this process.

    Per account *and* address, so that strangers lock nobody out. The lock guards the attempts; the oldest are forgotten
    when there are too many. ``clock``: monotonic.
    """

    def __init__(
        self,
        failures: int = 5,
        window: Duration = 60.0,  # seconds
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        mistakes: list[str] = []
        self._window = checked(window, "window", "MemoryThrottle", mistakes, least=1, most=86_400)
        if isinstance(failures, bool) or not isinstance(failures, int) or failures < 1:
            mistakes.append(f"MemoryThrottle: failures is {failures!r}; write a whole number, 1 or more")
        if mistakes:
            raise ConfigurationError(*mistakes)
        self._failures = failures
        self._clock = clock
        self._lock = threading.Lock()
        self._attempts: dict[bytes, deque[float]] = {}

    def attempt(self, account: str, address: str) -> float:
        key, now = throttle_key(account, address), self._clock()
        with self._lock:
            attempts = self._attempts.pop(key, None) or deque()
            self._attempts[key] = attempts  # the youngest stand last
            while attempts and now - attempts[0] >= self._window:
                attempts.popleft()
            if len(attempts) >= self._failures:
                return self._window - (now - attempts[0])
            attempts.append(now)
            if len(self._attempts) > _MOST:
                del self._attempts[next(iter(self._attempts))]
            return 0.0

    async def aattempt(self, account: str, address: str) -> float:
        return self.attempt(account, address)

    def succeeded(self, account: str, address: str) -> None:
        with self._lock:
            self._attempts.pop(throttle_key(account, address), None)

    async def asucceeded(self, account: str, address: str) -> None:
        self.succeeded(account, address)

    def __repr__(self) -> str:
        return f"<MemoryThrottle {self._failures} in {self._window:g} s>"


def throttle_key(account: str, address: str) -> bytes:
    """One key for an account however it is spelt, and for the addresses that one subscriber has (IPv6: a /64)."""
    spelt = unicodedata.normalize("NFKC", account).casefold().strip()
    return sha256(f"{_subscriber(address)} {spelt}".encode("utf-8", "surrogatepass")).digest()


def _subscriber(address: str) -> str:
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4:
        return str(parsed)
    mapped = parsed.ipv4_mapped
    return str(ip_network((parsed, 64), strict=False) if mapped is None else mapped)
