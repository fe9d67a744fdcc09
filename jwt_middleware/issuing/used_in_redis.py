"""Client assertions that were shown already, remembered in Redis: none is good twice, in whichever process."""

import asyncio
import time
from collections.abc import Callable
from hashlib import sha256
from math import ceil

from redis import Redis

from ..errors import ConfigurationError


class UsedInRedis:
    """Remembers assertions in Redis until they expire. See ``used_in_redis``."""

    def __init__(self, client: Redis, prefix: str, clock: Callable[[], float]) -> None:
        self._client = client
        self._prefix = prefix
        self._clock = clock

    def use(self, name: str, until: float) -> bool:
        """One command, so one step. Raises what the client raises when Redis is out of reach."""
        place = f"{self._prefix}:assertion:{sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()}"
        milliseconds = max(1, ceil((until - self._clock()) * 1000))
        return self._client.set(place, b"1", nx=True, px=milliseconds) is not None

    async def ause(self, name: str, until: float) -> bool:
        return await asyncio.to_thread(self.use, name, until)

    def __repr__(self) -> str:
        return "<UsedInRedis>"


def used_in_redis(
    url: str,
    *,
    prefix: str = "jwt_middleware",
    timeout: float = 2.0,  # seconds
    clock: Callable[[], float] = time.time,
) -> UsedInRedis:
    """For ``ClientEndpoints(used=...)``: at ``url``, ``redis://``, ``rediss://`` (TLS) or ``unix://``.

    ``timeout``: for a connection and for each command. While Redis is out of reach assertions are answered 503, and
    secrets are taken as ever. Raises ConfigurationError.
    """
    try:
        client = Redis.from_url(url, socket_timeout=timeout, socket_connect_timeout=timeout)
    except ValueError:  # not chained: the URL may hold a password
        raise ConfigurationError("used_in_redis(): write a URL such as redis://localhost:6379/0") from None
    return UsedInRedis(client, prefix, clock)
