"""Registered clients in the database, and the assertions that they have shown, in Django's cache."""

import threading
import time
from collections.abc import Callable
from hashlib import sha256
from math import ceil
from typing import Any, Final, cast

from asgiref.sync import sync_to_async
from django.core.cache import caches
from django.db import router

from ...errors import ConfigurationError
from ...issuing.registered_client import ClientRegistry, ListedClients, RegisteredClient
from .models import KeptClient

_MOST_BUILT: Final = 1000  # clients


def registry_of(listed: Any) -> ClientRegistry:
    """Clients that settings list, a registry of one's own, or, for None, the database. Raises ConfigurationError."""
    if not isinstance(listed, list | tuple):
        return DatabaseClients() if listed is None else cast(ClientRegistry, listed)
    try:
        return ListedClients(
            each if isinstance(each, RegisteredClient) else RegisteredClient(**each) for each in listed
        )
    except TypeError:
        raise ConfigurationError("CLIENTS takes a list of dicts of the arguments of RegisteredClient()") from None


class DatabaseClients:
    """A client registry in the database: its rows are edited in the admin, and count at once.

    What was built of a row is used until the row says something else, so that keys that a client publishes are kept.
    The lock guards what was built.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._built: dict[str, tuple[dict[str, Any], RegisteredClient]] = {}

    def find(self, client_id: str) -> RegisteredClient | None:
        rows = KeptClient.objects.using(router.db_for_write(KeptClient))  # a replica may not know who was disabled
        said = rows.filter(pk=client_id, enabled=True).values().first()
        if said is None:
            return None
        with self._lock:
            before = self._built.get(client_id)
        if before is not None and before[0] == said:
            return before[1]
        made = KeptClient(**said).client()
        with self._lock:
            self._built[client_id] = (said, made)
            while len(self._built) > _MOST_BUILT:
                del self._built[next(iter(self._built))]
        return made

    async def afind(self, client_id: str) -> RegisteredClient | None:
        return await sync_to_async(self.find)(client_id)


class UsedInCache:
    """Assertions are remembered in a cache that all processes share. ``cache`` is its name."""

    def __init__(self, cache: str = "default", clock: Callable[[], float] = time.time) -> None:
        self._cache = cache
        self._clock = clock

    def use(self, name: str, until: float) -> bool:
        key = f"jwt_middleware:assertion:{sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()}"
        return caches[self._cache].add(key, 1, max(1, ceil(until - self._clock())))

    async def ause(self, name: str, until: float) -> bool:
        return await sync_to_async(self.use)(name, until)
