"""Revocations in the database: looked up in a copy, written for every process."""

import asyncio
import os
import sqlite3
import time
from math import inf
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.db import connection, connections, router

from jwt_middleware import ConfigurationError, Guard, TrustedIssuer
from jwt_middleware.django.revocations.models import KeptRevocation
from jwt_middleware.django.revocations.store import DatabaseRevocations, OutOfReach, database, purge
from jwt_middleware.key_sources.static import static
from jwt_middleware.verification.revocation import KINDS, Revocation
from jwt_middleware.waiting import ask, run
from tests import tokens
from tests.issuing.cast import at_once
from tests.issuing.test_signing_keys import bearing
from tests.verification.test_revocation import ISSUER, NAMED, claims

STORE = "jwt_middleware.django.revocations.store"


def later() -> float:
    return time.time() + 1000


class Minutes:
    """A monotonic clock that a test moves."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = time.monotonic()
        monkeypatch.setattr(f"{STORE}.time.monotonic", lambda: self.now)


def awaited(coroutine: Any) -> Any:
    """As under ASGI; the database of a test is that of this thread, where sync_to_async then runs."""

    async def whole() -> Any:
        return await coroutine

    return async_to_sync(whole)()


@pytest.mark.django_db
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("finish", [run, awaited], ids=["run", "awaited"])
def test_what_one_process_revokes_the_others_refuse(kind: Any, finish: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Minutes(monkeypatch)
    here, there = database(), database()
    assert finish(ask(there.is_revoked, there.ais_revoked, claims())) is False
    assert there.look_up(claims()) is False
    finish(ask(here.revoke, here.arevoke, Revocation(kind, ISSUER, NAMED[kind], later(), before=1001.0)))
    assert here.look_up(claims()) is True
    assert there.look_up(claims()) is False
    clock.now += 0.3
    assert there.look_up(claims()) is None
    assert finish(ask(there.is_revoked, there.ais_revoked, claims())) is True
    assert there.look_up(claims()) is True
    assert there.is_revoked(claims(issued_at=1001.0)) is False


@pytest.mark.django_db
def test_the_database_is_asked_four_times_a_second_and_no_more(
    monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    clock = Minutes(monkeypatch)
    store = database()
    with django_assert_num_queries(1):
        for _ in range(20):
            assert store.is_revoked(claims()) is False
    clock.now += 0.3
    with django_assert_num_queries(1) as asked:
        for _ in range(20):
            assert store.is_revoked(claims()) is False
    assert "made_at" in asked[0]["sql"].split("WHERE")[1]


@pytest.mark.django_db
def test_a_row_that_was_committed_seconds_late_is_found_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Minutes(monkeypatch)
    store = database()
    store.revoke(Revocation("token", ISSUER, "other", later()))
    assert store.is_revoked(claims()) is False
    made = {"until": later(), "made_at": time.time() - 5}
    KeptRevocation.objects.create(pk=0, kind="token", issuer=ISSUER, name="t1", **made)
    clock.now += 0.3
    assert store.is_revoked(claims()) is True


@pytest.mark.django_db
def test_a_row_that_was_committed_late_is_found_by_the_full_look(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Minutes(monkeypatch)
    store = database()
    store.revoke(Revocation("token", ISSUER, "other", later()))
    assert store.is_revoked(claims()) is False
    made = {"until": later(), "made_at": time.time() - 30}
    KeptRevocation.objects.create(pk=0, kind="token", issuer=ISSUER, name="t1", **made)
    clock.now += 1
    assert store.is_revoked(claims()) is False
    clock.now += 60
    assert store.is_revoked(claims()) is True


@pytest.mark.django_db
def test_whoever_has_a_clock_that_is_an_hour_behind_is_heard_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Minutes(monkeypatch)
    store, slow = database(), database(clock=lambda: time.time() - 3600)
    store.revoke(Revocation("token", ISSUER, "other", later()))
    assert store.is_revoked(claims()) is False
    slow.revoke(Revocation("token", ISSUER, "t1", later()))
    clock.now += 0.3
    assert store.is_revoked(claims()) is True


@pytest.mark.django_db
def test_for_ever_is_kept_and_what_has_expired_is_purged() -> None:
    database().revoke(Revocation("session", ISSUER, "s1", inf))
    database().revoke(Revocation("session", ISSUER, "s2", time.time() + 1))
    assert database().is_revoked(claims()) is True
    assert purge(time.time() + 2) == 1
    assert database().is_revoked(claims()) is True


@pytest.mark.django_db
def test_out_of_reach_is_refused_after_the_stated_staleness_or_admitted_by_choice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = Minutes(monkeypatch)
    strict, lax, cold = database(), database(when_unreachable="admit"), database()
    strict.revoke(Revocation("session", ISSUER, "s1", later()))
    trusted = TrustedIssuer(tokens.ISSUER, audience=tokens.AUDIENCE, keys=static(jwks=tokens.jwks()))

    def guarded(store: DatabaseRevocations) -> str:
        refusal = run(Guard(trusted, revocations=store).admit(bearing(tokens.mint()))).refusal
        return "admitted" if refusal is None else f"{refusal.status} {refusal.reason}"

    assert (guarded(strict), guarded(lax)) == ("admitted", "admitted")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE jwt_middleware_revocations_keptrevocation RENAME TO elsewhere")
        clock.now += 29
        assert guarded(strict) == "admitted"
        clock.now += 2
        assert (guarded(strict), guarded(lax)) == ("503 revocations_unavailable", "admitted")
        assert guarded(cold) == "503 revocations_unavailable"
        assert strict.is_revoked(claims()) is True  # what is known to be revoked stays so
        with pytest.raises(OutOfReach):
            strict.is_revoked(claims(session_id="another"))
        cursor.execute("ALTER TABLE elsewhere RENAME TO jwt_middleware_revocations_keptrevocation")
    clock.now += 2
    assert (guarded(strict), guarded(cold)) == ("admitted", "admitted")


@pytest.mark.parametrize("given", [{"when_unreachable": "maybe"}, {"max_stale": 0}, {"max_stale": True}])
def test_wrong_settings_are_refused(given: Any) -> None:
    with pytest.raises(ConfigurationError, match=next(iter(given))):
        database(**given)
    assert repr(database()) == "<DatabaseRevocations>"


def test_threads_share_one_look_and_read_no_replica(own_database: Any) -> None:
    store = database()
    store.revoke(Revocation("session", ISSUER, "s1", later()))

    def look() -> bool:
        found = store.is_revoked(claims())
        connections.close_all()
        return found

    assert set(at_once(look, 20)) == {True}


@pytest.mark.parametrize("cut", [False, True], ids=["connected", "after a cut"])
def test_a_hundred_revocations_reach_three_processes_within_a_second(own_database: Any, capsys: Any, cut: bool) -> None:
    count, pipes, children = 100, [], []
    store = database()
    assert store.is_revoked(claims()) is False
    if own_database["ENGINE"].endswith("sqlite3"):
        with connections[router.db_for_write(KeptRevocation)].cursor() as cursor:
            cursor.execute("PRAGMA journal_mode=WAL")  # else readers starve while somebody writes without a pause
    connections.close_all()  # before the processes part, for no two may share a connection
    for _ in range(3):
        read, write = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                os.write(write, listen(count, write))
            finally:
                os._exit(0)
        os.close(write)
        pipes.append(read)
        children.append(child)
    for pipe in pipes:
        assert os.read(pipe, 6) == b"ready\n"
    if cut:
        cut_everybody_off(own_database)
    revoked_at = []
    for number in range(count):
        store.revoke(Revocation("session", ISSUER, f"session {number}", later()))
        revoked_at.append(time.monotonic())
    slowest = 0.0
    for pipe, child in zip(pipes, children, strict=True):
        with os.fdopen(pipe) as lines:
            seen_at = [float(line) for line in lines]
        os.waitpid(child, 0)
        assert len(seen_at) == count
        slowest = max(slowest, *(seen - at for seen, at in zip(seen_at, revoked_at, strict=True)))
    with capsys.disabled():
        how = f"{own_database['ENGINE']}, {'after a cut' if cut else 'connected'}"
        print(f"\n100 revocations, 3 processes, {how}: the last one after {slowest * 1000:.0f} ms")
    assert slowest < 1.0


def cut_everybody_off(database: dict[str, Any]) -> None:
    """The server ends every connection but ours; a file cannot be cut off, and is kept from everybody for a moment."""
    ours = connections[router.db_for_write(KeptRevocation)]
    if ours.vendor == "sqlite":
        other = sqlite3.connect(database["NAME"], isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        time.sleep(0.1)
        other.close()
        return
    with ours.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        assert cursor.fetchone()[0] >= 3


def listen(count: int, ready: int) -> bytes:
    """As a resource server asks: the times at which each revocation was noticed."""
    store = database()
    assert store.is_revoked(claims(session_id="none")) is False
    os.write(ready, b"ready\n")
    seen = []
    for number in range(count):
        asked = claims(session_id=f"session {number}")
        while not store.is_revoked(asked):
            time.sleep(0.002)
        seen.append(time.monotonic())
    connections.close_all()
    return "".join(f"{each}\n" for each in seen).encode()


def test_awaited_forms_need_no_loop_of_their_own() -> None:
    store = database()
    store._fresh_at = inf
    assert asyncio.run(store.ais_revoked(claims())) is False


def test_the_view_takes_logout_tokens(rf: Any) -> None:
    from jwt_middleware.backchannel_logout import LogoutReceiver
    from jwt_middleware.django.revocations.views import backchannel_logout
    from jwt_middleware.revocation_stores.memory import memory
    from tests.test_backchannel_logout import TRUSTED, logout_token

    store = memory()
    view = backchannel_logout(LogoutReceiver(TRUSTED, client_id="shop", revocations=store))
    answer = view(rf.post("/", f"logout_token={logout_token()}", content_type="application/x-www-form-urlencoded"))
    assert (answer.status_code, answer["cache-control"]) == (200, "no-store")
    assert store.is_revoked(claims(session_id="s1")) is True
    assert view(rf.post("/", "", content_type="application/x-www-form-urlencoded")).status_code == 400
    assert view(rf.get("/")).status_code == 405
