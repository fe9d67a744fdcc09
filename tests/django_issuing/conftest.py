"""Sets Django up for this folder, and real databases of its own for tests that race."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import django
import pytest

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.django_settings")
django.setup()

from django.core.management import call_command  # noqa: E402  # Django is set up before its models are seen
from django.db import connections  # noqa: E402  # Django is set up before its models are seen

from jwt_middleware.django.issuing.conf import issuing  # noqa: E402  # Django is set up before its models are seen
from tests.servers import PostgreSQL  # noqa: E402  # Django is set up before its models are seen

APPS = ("contenttypes", "auth", "jwt_middleware_issuing", "jwt_middleware_revocations")


class OwnDatabase:
    """A router: everything stands in the own database, and what the issuing side keeps is never read from a replica."""

    def __init__(self, alias: str) -> None:
        self.alias = alias

    def db_for_read(self, model: Any, **_: Any) -> str | None:
        return "replica" if model._meta.app_label.startswith("jwt_middleware_") else self.alias

    def db_for_write(self, model: Any, **_: Any) -> str | None:
        return self.alias


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    pytest.importorskip("psycopg", reason="needs the package psycopg")
    server = PostgreSQL()
    yield server
    server.stop()


def sqlite_settings(folder: Path) -> dict[str, Any]:
    return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(folder / "own.sqlite3"), "OPTIONS": {"timeout": 60}}


def postgresql_settings(server: PostgreSQL) -> dict[str, Any]:
    place = {"HOST": str(server.folder), "USER": server.user, "NAME": "postgres"}
    return {"ENGINE": "django.db.backends.postgresql", **place}


@pytest.fixture(params=["sqlite", "postgresql"])
def own_database(
    request: pytest.FixtureRequest, tmp_path: Path, settings: Any, django_db_blocker: Any
) -> Iterator[dict[str, Any]]:
    """A real database with our tables, for threads and processes: its settings."""
    if request.param == "sqlite":
        found = sqlite_settings(tmp_path)
    else:
        found = postgresql_settings(request.getfixturevalue("postgresql"))
    alias = f"own_{request.param}"  # a thread keeps its connection to a name
    known = connections.settings
    whole = connections.configure_settings({**known, alias: dict(found), "replica": {}})
    known[alias], known["replica"] = whole[alias], whole["replica"]  # a replica that no one can read
    settings.DATABASE_ROUTERS = [OwnDatabase(alias)]
    with django_db_blocker.unblock():
        for app in APPS:
            call_command("migrate", app, database=alias, verbosity=0)
        yield found
        for app in reversed(APPS):
            call_command("migrate", app, "zero", database=alias, verbosity=0)
        connections[alias].close()
        del connections[alias], known[alias], known["replica"]


@pytest.fixture
def configure(settings: Any) -> Callable[..., Any]:
    """Change ``settings.JWT_ISSUING`` and give what is built of it."""

    def changed(**given: Any) -> Any:
        settings.JWT_ISSUING = {**settings.JWT_ISSUING, **given}
        return issuing()

    return changed
