"""Registered clients in the database, and the assertions that they have shown, in Django's cache."""

import time
from collections.abc import Callable
from hashlib import sha256
from math import ceil
from typing import Any, cast

from asgiref.sync import sync_to_async
from django.core.cache import caches

from ...errors import ConfigurationError
from ...issuing.registered_client import ClientRegistry, ListedClients, RegisteredClient
from .models import KeptClient


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
    """A client registry in the database: its rows are edited in the admin, and count at once."""

    def find(self, client_id: str) -> RegisteredClient | None:
        row = KeptClient.objects.filter(pk=client_id, enabled=True).first()
        return None if row is None else row.client()

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
