"""The same cases on every session store that needs no Django. Its stores: tests/django_issuing."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jwt_middleware import ConfigurationError
from jwt_middleware.issuing.session import SessionStore
from jwt_middleware.issuing.session_stores.memory import MemorySessions
from jwt_middleware.issuing.tokens import Tokens
from jwt_middleware.waiting import run

from .cast import Stage
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


DYING = """
import os, signal, sys, time
from jwt_middleware.issuing.session_stores.redis import RedisSessions, redis
from jwt_middleware.waiting import run
from tests.issuing.cast import Stage

where, url, token, grace = sys.argv[1:]
store = redis(url, prefix="dying")

class Dying(RedisSessions):
    def rotate(self, rotation):
        if where == "after the script":
            super().rotate(rotation)
        os.kill(os.getpid(), signal.SIGKILL)

run(Stage(Dying(store._client, "dying"), clock=time.time, grace=float(grace)).sessions.refresh(token))
"""


@pytest.mark.parametrize("grace", [60, 0])  # longer than a process needs to start on a busy machine
@pytest.mark.parametrize("where", ["before the script", "after the script"])
def test_a_process_that_is_killed_on_the_way_to_redis_loses_nothing_that_was_not_misused(
    redis_server: Any, where: str, grace: float
) -> None:
    from jwt_middleware.issuing.session_stores.redis import redis

    stage = Stage(redis(redis_server.url, prefix="dying"), clock=time.time, grace=grace)
    begun = stage.begin()
    arguments = [sys.executable, "-c", DYING, where, redis_server.url, begun.refresh_token, str(grace)]
    environ = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    assert subprocess.run(arguments, env=environ, timeout=100, check=False).returncode == -signal.SIGKILL
    again = run(stage.sessions.refresh(begun.refresh_token))
    if where == "before the script" or grace:
        assert isinstance(again, Tokens)
        assert again.session.generation == 2
    else:  # nothing is forgiven
        assert again == "refresh_refused"
    client: Any = stage.store
    client._client.close()
