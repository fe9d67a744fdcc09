"""The same cases on every session store that needs no Django. Its stores: tests/django_issuing."""

from collections.abc import Callable
from typing import Any

import pytest

from jwt_middleware import ConfigurationError
from jwt_middleware.issuing.session import SessionStore
from jwt_middleware.issuing.session_stores.memory import MemorySessions

from .store_cases import CASES, session


@pytest.mark.parametrize("each", CASES, ids=lambda case: case.__name__)
def test_a_store(each: Callable[[SessionStore], None], store: SessionStore) -> None:
    each(store)


def test_memory_is_bounded_by_what_is_alive() -> None:
    store = MemorySessions()
    for number in range(5000):
        store.add(session(logged_in_at=float(number), expires_at=number + 100.0))
        assert len(store._sessions) <= 1024
    assert repr(store) == "<MemorySessions>"


def test_redis_forgets_a_session_when_it_expires(redis_server: Any) -> None:
    from jwt_middleware.issuing.session_stores.redis import redis

    store = redis(redis_server.url, prefix="forgets")
    gone, alive = session(expires_at=1.0), session()
    store.add(gone)
    store.add(alive)
    assert store.find(gone.session_id) is None
    assert list(store.of_subject(gone.subject)) == []
    left = store._client.pttl(f"forgets:session:{alive.session_id}")
    assert 900_000 < int(left) <= 1_000_500
    assert not store._client.exists(f"forgets:subject:{gone.subject}")
    store._client.close()


def test_redis_holds_no_token_and_shows_no_password() -> None:
    pytest.importorskip("redis", reason="needs the package redis")
    from jwt_middleware.issuing.session_stores.redis import redis

    assert repr(redis("redis://:hunter2@localhost:1")) == "<RedisSessions>"
    with pytest.raises(ConfigurationError) as refused:
        redis("http://:hunter2@localhost:1")
    assert "hunter2" not in str(refused.value)
