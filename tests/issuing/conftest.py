"""Session stores to run the same cases on."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from jwt_middleware.issuing.session import SessionStore
from jwt_middleware.issuing.session_stores.memory import MemorySessions


def _redis(request: pytest.FixtureRequest) -> SessionStore:
    server: Any = request.getfixturevalue("redis_server")
    from jwt_middleware.issuing.session_stores.redis import redis

    return redis(server.url, prefix=request.node.name, timeout=20)


STORES: dict[str, Callable[[pytest.FixtureRequest], SessionStore]] = {
    "memory": lambda _: MemorySessions(),
    "redis": _redis,
}


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest) -> Iterator[SessionStore]:
    made = STORES[request.param](request)
    yield made
    client: Any = getattr(made, "_client", None)
    if client is not None:
        client.close()
