"""Sessions, keys and revocations in real databases: the same cases as everywhere, races, and a process that is killed."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connections, router
from django.test import Client

from jwt_middleware import ConfigurationError
from jwt_middleware.django.issuing.conf import issuing
from jwt_middleware.django.issuing.key_store import DatabaseKeys
from jwt_middleware.django.issuing.models import KeptKeys, KeptSession
from jwt_middleware.django.issuing.session_store import DatabaseSessions
from jwt_middleware.issuing import Seal, SigningKey, SigningKeys
from jwt_middleware.issuing.session import Rotation, Session
from jwt_middleware.issuing.tokens import Tokens
from jwt_middleware.waiting import run
from tests.issuing.cast import SECRET, Stage, at_once
from tests.issuing.store_cases import CASES, session
from tests.issuing.test_signing_keys import ISSUER

ROOT = Path(__file__).parents[2]


class Closing(DatabaseSessions):
    """Closes the connection of each thread after each step, as a request does at its end."""

    def add(self, session: Session) -> None:
        super().add(session)
        connections.close_all()

    def find(self, session_id: str) -> Session | None:
        found = super().find(session_id)
        connections.close_all()
        return found

    def rotate(self, rotation: Rotation) -> Session | None:
        found = super().rotate(rotation)
        connections.close_all()
        return found

    def end(self, session_id: str, at: float, reason: Any) -> None:
        super().end(session_id, at, reason)
        connections.close_all()


@pytest.mark.parametrize("each", CASES, ids=lambda case: case.__name__)
def test_a_store(each: Callable[[Any], None], own_database: Any) -> None:
    each(Closing())


def test_ended_and_expired_sessions_are_purged(own_database: Any) -> None:
    store = DatabaseSessions()
    alive, expired, ended, just_ended = session(), session(), session(), session()
    now = alive.logged_in_at + 50_000
    for one in (alive, expired, ended, just_ended):
        store.add(one)
    KeptSession.objects.using(router.db_for_write(KeptSession)).exclude(pk=expired.session_id).update(
        expires_at=now + 1
    )
    store.end(ended.session_id, now - 101, "logout")
    store.end(just_ended.session_id, now - 99, "logout")
    assert store.purge(now, 100) == 2
    assert store.find(alive.session_id) is not None
    assert store.find(just_ended.session_id) is not None
    assert repr(store) == "<DatabaseSessions>"


def test_a_dump_of_the_tables_holds_nothing_that_works(own_database: Any) -> None:
    stage = Stage(DatabaseSessions(), clock=time.time)
    first = stage.begin().refresh_token
    second = stage.refresh(first).refresh_token
    keys = SigningKeys(store=DatabaseKeys(Seal("s" * 32)))
    keys.publish(SigningKey.generate("EdDSA"))
    private: Any = keys.active._private
    with connections[router.db_for_write(KeptSession)].cursor() as cursor:
        dump = ""
        for model in (KeptSession, KeptKeys):
            cursor.execute(f"SELECT * FROM {model._meta.db_table}")
            dump += repr(cursor.fetchall())
    for token in (first, second):
        assert token.split(".")[1] not in dump
    assert private.private_bytes_raw().hex() not in dump
    assert "sealed" in dump


def test_keys_outlive_the_process_and_processes_agree(own_database: Any) -> None:
    seal = Seal("s" * 32)
    assert DatabaseKeys(seal).read().records == ()
    here, there = (SigningKeys(store=DatabaseKeys(seal), algorithm="EdDSA") for _ in range(2))
    here.prepare()
    assert there.records == here.records
    here.withdraw(here.active.kid)
    assert SigningKeys(store=DatabaseKeys(seal)).records == here.records
    assert DatabaseKeys(seal).replace(here._seen.__class__(), here._seen) is False
    with pytest.raises(ConfigurationError, match="another secret"):
        DatabaseKeys(Seal("t" * 32)).read()


def test_processes_that_make_the_first_key_at_once_agree_on_one(own_database: Any) -> None:
    def prepare() -> str:
        keys = SigningKeys(store=DatabaseKeys(Seal("s" * 32)), algorithm="EdDSA")
        keys.prepare()
        connections.close_all()
        return keys.active.kid

    at_once(prepare, 8)
    kept = DatabaseKeys(Seal("s" * 32)).read()
    assert [record.state for record in kept.records].count("active") == 1


DYING = """
import json, os, signal, sys
import django
from django.conf import settings

where, database, token, grace = sys.argv[1], json.loads(sys.argv[2]), sys.argv[3], float(sys.argv[4])
settings.configure(
    DATABASES={"default": database}, USE_TZ=True,
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "jwt_middleware.django.issuing"],
)
django.setup()

from django.db import connection, transaction
from jwt_middleware.django.issuing.session_store import DatabaseSessions
from jwt_middleware.waiting import run
from tests.issuing.cast import Stage
import time

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

def killed_after_the_update(execute, sql, params, many, context):
    answer = execute(sql, params, many, context)
    if sql.startswith("UPDATE"):
        die()
    return answer

class Dying(DatabaseSessions):
    def rotate(self, rotation):
        if where == "after it was marked used":
            with connection.execute_wrapper(killed_after_the_update):
                return super().rotate(rotation)
        if where == "before the commit":
            connection._commit = die
        found = super().rotate(rotation)
        die()

run(Stage(Dying(), clock=time.time, grace=grace).sessions.refresh(token))
"""


@pytest.mark.parametrize(
    ("where", "grace"),
    [  # longer than a process needs to start on a busy machine, or none
        ("after it was marked used", 60),
        ("before the commit", 0),
        ("after the commit", 60),
        ("after the commit", 0),
    ],
)
def test_a_process_that_is_killed_on_the_way_loses_nothing_that_was_not_misused(
    own_database: dict[str, Any], where: str, grace: float
) -> None:
    stage = Stage(DatabaseSessions(), clock=time.time, grace=grace)
    begun = stage.begin()
    arguments = [sys.executable, "-c", DYING, where, json.dumps(own_database), begun.refresh_token, str(grace)]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    assert subprocess.run(arguments, env=environ, timeout=100, check=False).returncode == -signal.SIGKILL
    kept = DatabaseSessions().find(begun.session.session_id)
    assert kept is not None
    assert kept.generation == (2 if where == "after the commit" else 1)
    again = run(stage.sessions.refresh(begun.refresh_token))
    if where != "after the commit" or grace:
        assert isinstance(again, Tokens)
        assert again.session.generation == 2
        assert stage.refresh(again.refresh_token).session.generation == 3
    else:  # nothing is forgiven
        assert again == "refresh_refused"
        ended = DatabaseSessions().find(begun.session.session_id)
        assert ended is not None
        assert ended.ended_for == "replay"


@pytest.mark.parametrize(("grace", "successors", "winners"), [(60, 1, 50), (0, 1, 1)])
def test_fifty_requests_over_http_with_one_token(
    own_database: Any, settings: Any, grace: float, successors: int, winners: int
) -> None:
    settings.ROOT_URLCONF = "jwt_middleware.django.issuing.urls"
    settings.MIDDLEWARE = []
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.JWT_ISSUING = {**settings.JWT_ISSUING, "REFRESH_GRACE": grace}
    issuing().keys.prepare()
    users: Any = get_user_model().objects
    users.create_user("ann", password="paper-clip")

    def post(path: str, body: Any) -> dict[str, Any]:
        answer: dict[str, Any] = Client().post(f"/{path}", body, content_type="application/json").json()
        connections.close_all()
        return answer

    token = post("login", {"username": "ann", "password": "paper-clip"})["refresh_token"]
    found = [each.get("refresh_token") for each in at_once(lambda: post("refresh", {"refresh_token": token}))]
    given = [each for each in found if each is not None]
    assert (len(set(given)), len(given)) == (successors, winners)
    again = post("refresh", {"refresh_token": given[0]})
    assert ("refresh_token" in again) is (grace > 0)  # without grace the session has ended


def test_a_locked_database_is_503_and_nothing_is_lost(own_database: Any, settings: Any) -> None:
    settings.ROOT_URLCONF = "jwt_middleware.django.issuing.urls"
    settings.MIDDLEWARE = []
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    issuing().keys.prepare()
    users: Any = get_user_model().objects
    users.create_user("ann", password="paper-clip")

    def post(path: str, body: Any) -> Any:
        return Client().post(f"/{path}", body, content_type="application/json")

    credentials = {"username": "ann", "password": "paper-clip"}
    token = post("login", credentials).json()["refresh_token"]
    with locked(own_database):
        for path, body in (
            ("login", credentials),
            ("refresh", {"refresh_token": token}),
            ("logout", {"refresh_token": token}),
        ):
            answer = post(path, body)
            assert (answer.status_code, answer.json()["code"]) == (503, "sessions_unavailable"), path
            assert answer["Retry-After"], path
    continued = post("refresh", {"refresh_token": token})
    assert continued.status_code == 200
    assert post("logout", {"refresh_token": continued.json()["refresh_token"]}).status_code == 204
    assert KeptSession.objects.using(router.db_for_write(KeptSession)).get().ended_for == "logout"


def test_migrations_that_are_half_applied_are_503_and_nothing_is_lost(own_database: Any, settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.django_issuing.client_urls"
    settings.MIDDLEWARE = []
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    issuing().keys.prepare()
    users: Any = get_user_model().objects
    users.create_user("ann", password="paper-clip")
    alias = router.db_for_write(KeptSession)

    def migrated(app: str, to: str) -> None:
        call_command("migrate", f"jwt_middleware_{app}", to, database=alias, verbosity=0)

    def post(path: str, **body: str) -> tuple[int, str]:
        answer = Client().post(f"/auth/{path}", body, content_type="application/json")
        return answer.status_code, answer.json().get("code") or answer.json().get(
            "refresh_token"
        ) if answer.content else ""

    def asked() -> tuple[int, str]:
        form = "grant_type=client_credentials&client_id=batch&client_secret=0123456789abcdefghijkl"
        answer = Client().post("/oauth/token", form, content_type="application/x-www-form-urlencoded")
        return answer.status_code, answer.json()["error"]

    status, token = post("login", username="ann", password="paper-clip")
    assert status == 200
    migrated("issuing", "0002")  # the code knows a column that is not there yet
    migrated("revocations", "zero")
    assert asked() == (503, "temporarily_unavailable")
    assert post("logout", refresh_token=token) == (503, "sessions_unavailable")  # it could not be told to anybody
    status, token = post("refresh", refresh_token=token)
    assert status == 200
    migrated("issuing", "0003")
    migrated("revocations", "0001")
    assert asked() == (401, "invalid_client")
    status, token = post("refresh", refresh_token=token)
    assert status == 200
    assert post("logout", refresh_token=token) == (204, "")
    assert KeptSession.objects.using(alias).get().ended_for == "logout"


@contextmanager
def locked(database: dict[str, Any]) -> Iterator[None]:
    """Somebody else holds a lock on our tables, for longer than our connection waits."""
    ours = connections[router.db_for_write(KeptSession)]
    table = KeptSession._meta.db_table
    other: Any
    if ours.vendor == "sqlite":
        ours.cursor().execute("PRAGMA busy_timeout = 20")
        other = sqlite3.connect(database["NAME"], isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
    else:
        ours.cursor().execute("SET lock_timeout = '20ms'")
        other = ours.copy()
        other.set_autocommit(False)
        other.cursor().execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
    try:
        yield
    finally:
        other.close()


def test_the_secret_of_the_tests_is_that_of_the_processes() -> None:
    assert (SECRET, ISSUER) == ("0123456789abcdef" * 2, "https://accounts.example.com")
