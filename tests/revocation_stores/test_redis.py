"""Revocations in a real Redis: every process hears of them, also after a cut, and how fast."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from math import inf
from pathlib import Path
from typing import Any

import pytest

from jwt_middleware import ConfigurationError, Guard, TrustedIssuer
from jwt_middleware.key_sources.static import static
from jwt_middleware.verification.revocation import KINDS, Revocation
from jwt_middleware.waiting import ask, run
from tests import tokens
from tests.issuing.test_signing_keys import bearing
from tests.verification.test_revocation import ISSUER, NAMED, claims

pytest.importorskip("redis", reason="needs the package redis")

from redis import Redis as Client
from redis.exceptions import RedisError

from jwt_middleware.revocation_stores.redis import OutOfReach, RedisRevocations, redis, redis_per_request
from tests.servers import Redis

ROOT = Path(__file__).parents[2]


def later() -> float:
    return time.time() + 1000


def until(holds: Callable[[], bool], seconds: float = 10.0) -> float:
    """How long it took until that was so."""
    begun = time.monotonic()
    while not holds():
        assert time.monotonic() - begun < seconds, "it never came"
        time.sleep(0.001)
    return time.monotonic() - begun


@pytest.fixture
def make(redis_server: Any, request: pytest.FixtureRequest) -> Iterator[Callable[..., RedisRevocations]]:
    """Stores that share what this test revokes, ended with it."""
    made: list[RedisRevocations] = []

    def one(url: str = redis_server.url, **given: Any) -> RedisRevocations:
        made.append(redis(url, **{"prefix": request.node.name, **given}))
        return made[-1]

    yield one
    for each in made:
        each.close()


@pytest.fixture
def own_server() -> Iterator[Redis]:
    server = Redis()
    yield server
    server.stop()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("finish", [run, asyncio.run], ids=["run", "awaited"])
def test_what_one_process_revokes_the_others_refuse(make: Any, kind: Any, finish: Any) -> None:
    here, there = make(), make()
    assert finish(ask(there.is_revoked, there.ais_revoked, claims())) is False
    assert there.look_up(claims()) is False
    finish(ask(here.revoke, here.arevoke, Revocation(kind, ISSUER, NAMED[kind], later())))
    assert here.look_up(claims()) is True
    until(lambda: there.look_up(claims()) is True)
    assert finish(ask(there.is_revoked, there.ais_revoked, claims())) is True


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("finish", [run, asyncio.run], ids=["run", "awaited"])
def test_asked_for_every_request_nothing_is_late(redis_server: Any, kind: Any, finish: Any) -> None:
    here, there = (redis_per_request(redis_server.url, prefix=f"asked {kind} {finish}") for _ in range(2))
    assert not hasattr(there, "look_up")
    assert finish(ask(there.is_revoked, there.ais_revoked, claims())) is False
    finish(ask(here.revoke, here.arevoke, Revocation(kind, ISSUER, NAMED[kind], later(), before=1001.0)))
    assert finish(ask(there.is_revoked, there.ais_revoked, claims())) is True
    assert there.is_revoked(claims(issued_at=1001.0)) is False
    assert there.is_revoked(claims(issued_at=None)) is True
    nothing = claims(token_id=None, session_id=None, subject=None, key_id=None, values={})
    assert there.is_revoked(nothing) is False
    assert repr(there) == "<AskedRedisRevocations>"


def test_what_is_revoked_twice_stays_so_for_the_longer_time(redis_server: Any, make: Any) -> None:
    asked = redis_per_request(redis_server.url, prefix="twice")
    asked.revoke(Revocation("subject", ISSUER, "alice", later(), before=1500.0))
    asked.revoke(Revocation("subject", ISSUER, "alice", time.time() + 1, before=1200.0))
    left = Client.from_url(redis_server.url).pttl(asked._entries._place("subject", ISSUER, "alice"))
    assert int(left) > 900_000
    copy = make(prefix="twice")
    for store in (asked, copy):
        assert store.is_revoked(claims(issued_at=1499.0)) is True
        assert store.is_revoked(claims(issued_at=1500.0)) is False
    asked.revoke(Revocation("subject", ISSUER, "alice", inf))
    asked.revoke(Revocation("subject", ISSUER, "alice", time.time() + 1))
    assert Client.from_url(redis_server.url).pttl(asked._entries._place("subject", ISSUER, "alice")) == -1


def test_a_process_that_starts_late_knows_what_was_revoked_before(make: Any) -> None:
    here = make()
    for number in range(1500):
        here.revoke(Revocation("session", ISSUER, str(number), later()))
    late = make()
    assert late.look_up(claims(session_id="7")) is None  # nobody has looked yet
    assert late.is_revoked(claims(session_id="7")) is True
    assert late.is_revoked(claims(session_id="1499")) is True


def test_entries_vanish_when_their_tokens_have_expired(redis_server: Any, make: Any) -> None:
    now = [time.time()]
    store = make(clock=lambda: now[0])
    for number in range(10):
        store.revoke(Revocation("token", ISSUER, str(number), now[0] + 1))
    assert len(store._entries.everything(store._listener)) == 10
    now[0] += 1
    store.revoke(Revocation("token", ISSUER, "old", now[0]))  # nothing is alive that it could concern
    store.revoke(Revocation("token", ISSUER, "last", now[0] + 1))
    assert [each.name for each in store._entries.everything(store._listener)] == ["last"]
    client = Client.from_url(redis_server.url)
    for key in client.scan_iter(f"{store._entries._prefix}*"):
        assert 0 < int(client.pttl(key)) <= 2000
    client.close()


def test_an_entry_that_cannot_be_read_spoils_no_other(redis_server: Any, make: Any, caplog: Any) -> None:
    here = make()
    client = Client.from_url(redis_server.url)
    for junk in ("x", "[]", "7", '["banana", "i", "n", 1, 2]', '["token", "", "n", 1, 2]'):
        client.zadd(here._entries._all, {junk: later()})
    here.revoke(Revocation("token", ISSUER, "t1", later()))
    assert make().is_revoked(claims()) is True
    assert "cannot be read" in caplog.text
    client.close()


def test_whoever_was_cut_off_catches_up(redis_server: Any, make: Any) -> None:
    here, there = make(), make()
    assert there.is_revoked(claims()) is False
    client = Client.from_url(redis_server.url)
    slowest = 0.0
    for number in range(5):
        client.client_kill_filter(_type="normal", skipme=True)
        here.revoke(Revocation("session", ISSUER, f"cut {number}", later()))
        slowest = max(slowest, until(lambda number=number: there.look_up(claims(session_id=f"cut {number}")) is True))  # type: ignore[misc]  # bound now
    client.close()
    assert slowest < 1.0


def test_a_redis_that_lost_its_memory_takes_nothing_back(own_server: Redis, make: Any) -> None:
    here, there = make(own_server.url), make(own_server.url)
    assert there.is_revoked(claims()) is False
    here.revoke(Revocation("session", ISSUER, "s1", later()))
    until(lambda: there.look_up(claims()) is True)
    Client.from_url(own_server.url).flushall()
    own_server.kill()
    own_server.start()
    until(lambda: there.look_up(claims(session_id="another", token_id=None)) is False)
    here.revoke(Revocation("session", ISSUER, "s2", later()))
    until(lambda: there.look_up(claims(session_id="s2")) is True)
    assert there.look_up(claims()) is True


def guarded(store: Any) -> str:
    trusted = TrustedIssuer(tokens.ISSUER, audience=tokens.AUDIENCE, keys=static(jwks=tokens.jwks()))
    refusal = run(Guard(trusted, revocations=store).admit(bearing(tokens.mint()))).refusal
    return "admitted" if refusal is None else f"{refusal.status} {refusal.reason}"


def test_out_of_reach_is_refused_after_the_stated_staleness_or_admitted_by_choice(
    own_server: Redis, make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    strict, lax = make(own_server.url), make(own_server.url, when_unreachable="admit")
    strict.revoke(Revocation("session", ISSUER, "s1", later()))
    for store in (strict, lax):
        assert guarded(store) == "admitted"
    own_server.kill()
    assert guarded(strict) == "admitted"  # the copy is young enough
    beginning = time.monotonic()
    monkeypatch.setattr("jwt_middleware.revocation_stores.redis.copy.time.monotonic", lambda: beginning + 31)
    assert guarded(strict) == "503 revocations_unavailable"
    assert strict.look_up(claims(session_id="s3")) is None
    assert strict.is_revoked(claims()) is True  # what is known to be revoked stays so
    with pytest.raises(OutOfReach):
        strict.is_revoked(claims(session_id="s3"))
    assert guarded(lax) == "admitted"
    assert lax.is_revoked(claims()) is True
    with pytest.raises(RedisError):
        strict.revoke(Revocation("session", ISSUER, "s2", later()))
    monkeypatch.undo()
    own_server.start()
    until(lambda: strict.look_up(claims(session_id="s3")) is False)
    assert guarded(strict) == "admitted"


def test_a_redis_that_was_never_there_is_503_at_once_or_admitted_by_choice(tmp_path: Path, make: Any) -> None:
    url = f"unix://{tmp_path}/nowhere"
    begun = time.monotonic()
    assert guarded(make(url)) == "503 revocations_unavailable"
    assert guarded(make(url, when_unreachable="admit")) == "admitted"
    assert guarded(redis_per_request(url)) == "503 revocations_unavailable"
    assert time.monotonic() - begun < 5


def test_a_process_that_was_forked_off_listens_by_itself(make: Any) -> None:
    store = make()
    assert store.is_revoked(claims()) is False
    read, write = os.pipe()
    child = os.fork()
    if child == 0:  # as gunicorn does with --preload
        try:
            os.write(
                write, b"ready" if store.look_up(claims()) is None and not store.is_revoked(claims()) else b"wrong"
            )
            deadline = time.monotonic() + 10
            while time.monotonic() < deadline and store.look_up(claims()) is not True:
                time.sleep(0.005)
            os.write(write, b" heard" if store.look_up(claims()) is True else b" deaf")
        finally:
            os._exit(0)
    assert os.read(read, 100) == b"ready"
    store.revoke(Revocation("token", ISSUER, "t1", later()))
    os.waitpid(child, 0)
    assert os.read(read, 100) == b" heard"


def test_wrong_settings_are_refused_and_no_password_is_shown() -> None:
    for given in ({"when_unreachable": "maybe"}, {"max_stale": 1}, {"max_stale": True}):
        arguments: dict[str, Any] = given
        with pytest.raises(ConfigurationError, match=next(iter(given))):
            redis("redis://localhost", **arguments)
    with pytest.raises(ConfigurationError) as refused:
        redis("http://:hunter2@localhost")
    assert "hunter2" not in str(refused.value)
    assert repr(redis("redis://:hunter2@localhost")) == "<RedisRevocations>"


LISTENER = """
import sys, time
from tests.verification.test_revocation import claims
from jwt_middleware.revocation_stores.redis import redis

store = redis(sys.argv[1], prefix=sys.argv[2])
names = [f"session {number}" for number in range(int(sys.argv[3]))]
assert store.is_revoked(claims(session_id=names[0])) is False
print("ready", flush=True)
for name in names:
    asked = claims(session_id=name)
    while store.look_up(asked) is not True:
        time.sleep(0.0005)
    print(time.monotonic(), flush=True)
"""


@pytest.mark.parametrize("cut", [False, True], ids=["connected", "after a cut"])
def test_a_hundred_revocations_reach_three_processes_within_a_second(
    redis_server: Any, make: Any, capsys: Any, cut: bool
) -> None:
    store, count = make(), 100
    prefix = str(store._entries._prefix)[1:-1]
    command = [sys.executable, "-c", LISTENER, redis_server.url, prefix, str(count)]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    listeners = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environ) for _ in range(3)]
    client = Client.from_url(redis_server.url)
    try:
        pipes = [each.stdout for each in listeners if each.stdout is not None]
        assert [pipe.readline() for pipe in pipes] == ["ready\n"] * 3
        if cut:
            client.client_kill_filter(_type="normal", skipme=True)
        revoked_at = []
        for number in range(count):
            store.revoke(Revocation("session", ISSUER, f"session {number}", later()))
            revoked_at.append(time.monotonic())
        slowest = max(float(pipe.readline()) - at for pipe in pipes for at in [revoked_at[0]])
        for number in range(1, count):
            slowest = max(slowest, *(float(pipe.readline()) - revoked_at[number] for pipe in pipes))
    finally:
        client.close()
        for each in listeners:
            each.kill()
            each.wait()
            if each.stdout is not None:
                each.stdout.close()
    with capsys.disabled():
        how = f"Redis, {'after a cut' if cut else 'connected'}"
        print(f"\n100 revocations, 3 processes, {how}: the last one after {slowest * 1000:.0f} ms")
    assert slowest < 1.0
