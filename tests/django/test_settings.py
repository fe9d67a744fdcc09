"""``settings.JWT_MIDDLEWARE``, the app and its system checks."""

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.test import Client, override_settings

from jwt_middleware import ConfigurationError
from jwt_middleware.django.checks import check_middleware, check_settings
from jwt_middleware.django.conf import build, configured

GOOD = {"ISSUER": "https://issuer.example", "AUDIENCE": "orders"}
OURS = "jwt_middleware.django.JWTMiddleware"
SESSION = "django.contrib.sessions.middleware.SessionMiddleware"
AUTHENTICATION = "django.contrib.auth.middleware.AuthenticationMiddleware"
CORS = "corsheaders.middleware.CorsMiddleware"


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({**GOOD, "AUDIENSE": "x"}, "did you mean 'AUDIENCE'"),
        ({**GOOD, "PUBLIC_PATH": []}, "did you mean 'PUBLIC_PATHS'"),
        ({**GOOD, "PUBLIC_PATHS": "/health"}, "takes a list of paths"),
        ({**GOOD, "GUARDED_PATHS": ["api"]}, "no path pattern"),
        ({**GOOD, "USER": 5}, "USER takes a function"),
        ({**GOOD, "USER": "nowhere.to.be.found"}, "USER names what cannot be imported"),
        ({**GOOD, "OBSERVERS": ["nowhere.observer"]}, "OBSERVERS names what cannot be imported"),
        ({"GUARD": "tests.tokens.ISSUER"}, "GUARD takes a Guard"),
        ({}, "ISSUER is missing"),
        (None, "takes a dict"),
        ([], "takes a dict"),
    ],
)
def test_mistake_is_named(settings: Any, says: str) -> None:
    with pytest.raises(ConfigurationError, match=says):
        build(settings)


def test_every_mistake_is_named_at_once() -> None:
    with pytest.raises(ConfigurationError) as found:
        build({"ISSUER": "ftp://x", "PUBLIC_PATHS": "/x", "USER": 5, "GUARDED_PATH": [], "KEYS": "nowhere.keys"})
    text = str(found.value)
    for part in ("PUBLIC_PATHS", "USER takes", "did you mean 'GUARDED_PATHS'", "KEYS names"):
        assert part in text


def test_a_secret_in_the_wrong_place_is_not_shown() -> None:
    for secret in ("hunter2-hunter2-hunter2-hunter2!", "hunter2"):
        with pytest.raises(ConfigurationError) as found:
            build({**GOOD, "KEYS": secret})
        assert "hunter2" not in str(found.value)


def test_settings_are_built_once_until_they_change() -> None:
    before = configured()
    assert configured() is before
    with override_settings(JWT_MIDDLEWARE=GOOD):
        assert configured() is not before


def test_mistake_explodes_when_the_site_starts() -> None:
    with override_settings(JWT_MIDDLEWARE={"ISSUER": "x"}), pytest.raises(ConfigurationError):
        Client().get("/public")


@pytest.fixture
def broken() -> Iterator[None]:
    with override_settings(JWT_MIDDLEWARE={**GOOD, "AUDIENSE": "x", "LEEWAI": 1}):
        yield


@pytest.mark.django_db  # what it may store, a database is asked
@pytest.mark.usefixtures("broken")
def test_check_reports_each_mistake_with_its_mend() -> None:
    found = check_settings()
    assert [each.id for each in found] == ["jwt_middleware.E001"] * 2
    with pytest.raises(SystemCheckError, match="did you mean 'AUDIENCE'"):
        call_command("check")


@pytest.mark.django_db
def test_check_is_content_with_these_settings() -> None:
    assert check_settings() == []
    assert check_middleware() == []
    call_command("check")


@pytest.mark.parametrize(
    ("middleware", "ids"),
    [
        ([], ["W001"]),
        ([SESSION, AUTHENTICATION, OURS], []),
        ([CORS, OURS], []),
        ([OURS, SESSION, AUTHENTICATION], ["E002", "E002"]),
        ([SESSION, OURS, AUTHENTICATION], ["E002"]),
        ([OURS, CORS], ["W002"]),
        (["jwt_middleware.django.middleware.JWTMiddleware", AUTHENTICATION], ["E002"]),
    ],
)
def test_order_of_middlewares_is_checked(middleware: list[str], ids: list[str]) -> None:
    with override_settings(MIDDLEWARE=middleware):
        found = check_middleware()
    assert [each.id for each in found] == [f"jwt_middleware.{each}" for each in ids]
    assert all(each.hint for each in found)


def test_door_is_imported_before_there_are_settings() -> None:
    program = (
        "import jwt_middleware.django, jwt_middleware.django.users\n"
        "from django.conf import settings\n"
        "assert not settings.configured\n"
        "from jwt_middleware.django.users import model_user\n"
        "settings.configure(INSTALLED_APPS=['jwt_middleware.django'],"
        " MIDDLEWARE=['jwt_middleware.django.JWTMiddleware'],"
        " JWT_MIDDLEWARE={'ISSUER': 'https://i.example', 'AUDIENCE': 'a', 'USER': model_user()})\n"
        "import django; django.setup()\n"
        "from django.core.checks import run_checks\n"
        "assert run_checks() == [], run_checks()\n"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", program], check=True, timeout=60)
