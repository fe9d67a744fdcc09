"""Revocations in Redis, or whatever speaks its protocol: shared by all processes, each of which looks at its copy."""

import asyncio
import time
from collections.abc import Callable

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from ...errors import ConfigurationError
from ...verification.claims import Claims
from ...verification.revocation import Revocation
from .copy import OutOfReach, RedisRevocations, WhenUnreachable
from .entries import BLOCK, Entries

__all__ = ["AskedRedisRevocations", "OutOfReach", "RedisRevocations", "redis", "redis_per_request"]


class AskedRedisRevocations:
    """Revocations in Redis, which is asked for every token. See ``redis_per_request``."""

    def __init__(self, entries: Entries) -> None:
        self._entries = entries

    def revoke(self, revocation: Revocation) -> None:
        self._entries.revoke(revocation)

    async def arevoke(self, revocation: Revocation) -> None:
        await asyncio.to_thread(self.revoke, revocation)

    def is_revoked(self, claims: Claims) -> bool:
        return self._entries.is_revoked(claims)

    async def ais_revoked(self, claims: Claims) -> bool:
        return await asyncio.to_thread(self.is_revoked, claims)

    def __repr__(self) -> str:
        return "<AskedRedisRevocations>"


def redis(
    url: str,
    *,
    prefix: str = "jwt_middleware",
    when_unreachable: WhenUnreachable = "refuse",
    max_stale: float = 30.0,  # seconds
    timeout: float = 2.0,  # seconds
    clock: Callable[[], float] = time.time,
) -> RedisRevocations:
    """Revocations at ``url``, for ``Guard(revocations=...)``: each process keeps a copy, which a stream feeds.

    ``when_unreachable``: what happens when Redis was out of reach for ``max_stale`` seconds: ``"refuse"`` answers 503,
    ``"admit"`` goes on with the copy. ``timeout``: for a connection and for each command. Raises ConfigurationError.
    """
    if when_unreachable not in ("refuse", "admit"):
        raise ConfigurationError("redis(when_unreachable=...): write 'refuse' or 'admit'")
    if isinstance(max_stale, bool) or not isinstance(max_stale, int | float) or not 2 <= max_stale <= 86_400:
        raise ConfigurationError(f"redis(max_stale={max_stale!r}): write 2 to 86400 seconds")
    return RedisRevocations(
        Entries(_client(url, timeout), prefix, clock),
        _client(url, timeout + BLOCK / 1000),
        when_unreachable=when_unreachable,
        max_stale=max_stale,
        timeout=timeout,
        clock=clock,
    )


def redis_per_request(
    url: str, *, prefix: str = "jwt_middleware", timeout: float = 2.0, clock: Callable[[], float] = time.time
) -> AskedRedisRevocations:
    """The same revocations, asked of Redis for every request: nothing is late, and nothing works without Redis."""
    return AskedRedisRevocations(Entries(_client(url, timeout), prefix, clock))


def _client(url: str, timeout: float) -> Redis:
    try:
        return Redis.from_url(url, socket_timeout=timeout, socket_connect_timeout=timeout, retry=Retry(NoBackoff(), 1))
    except ValueError:  # not chained: the URL may hold a password
        raise ConfigurationError("redis(): write a URL such as redis://localhost:6379/0") from None
