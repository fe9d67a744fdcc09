"""A limit on failed logins that is counted in Django's cache, for every process that shares it."""

import time
from collections.abc import Callable
from math import ceil

from asgiref.sync import sync_to_async
from django.core.cache import caches

from ...issuing.throttle import throttle_key


class CacheThrottle:
    """``failures`` per account and address within ``window`` seconds of the first. ``cache`` is the name of a cache."""

    def __init__(
        self,
        failures: int = 5,
        window: int = 60,  # seconds
        cache: str = "default",
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._failures = failures
        self._window = window
        self._cache = cache
        self._clock = clock

    def attempt(self, account: str, address: str) -> float:
        cache, key, now = caches[self._cache], _key(account, address), self._clock()
        cache.add(f"{key}:since", now, self._window)
        cache.add(f"{key}:failures", 0, self._window)
        try:
            failures = cache.incr(f"{key}:failures")
        except ValueError:  # it has expired this very moment
            return 0.0
        if failures <= self._failures:
            return 0.0
        since = cache.get(f"{key}:since")
        return max(1.0, ceil((now if since is None else since) + self._window - now))

    async def aattempt(self, account: str, address: str) -> float:
        return await sync_to_async(self.attempt)(account, address)

    def succeeded(self, account: str, address: str) -> None:
        key = _key(account, address)
        caches[self._cache].delete_many([f"{key}:since", f"{key}:failures"])

    async def asucceeded(self, account: str, address: str) -> None:
        await sync_to_async(self.succeeded)(account, address)

    def __repr__(self) -> str:
        return f"<CacheThrottle {self._failures} in {self._window} s>"


def _key(account: str, address: str) -> str:
    return f"jwt_middleware:login:{throttle_key(account, address).hex()}"
