"""What whoever runs the site sees and does: settings, checks, the admin, commands, migrations."""

import re
import time
from collections.abc import Mapping
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core import checks
from django.core.management import CommandError, call_command
from django.test import Client

import jwt_middleware.django
from jwt_middleware import ConfigurationError
from jwt_middleware.django.issuing.conf import SETTINGS, build, issuing
from jwt_middleware.django.issuing.throttle import CacheThrottle
from jwt_middleware.django.revocations.models import KeptRevocation
from jwt_middleware.issuing import Account, MemoryThrottle, SigningKeys, Tokens
from jwt_middleware.waiting import run
from tests.issuing.cast import at_once
from tests.issuing.test_signing_keys import Clock, Kept

pytestmark = pytest.mark.django_db

MINIMAL = {"ISSUER": "https://a.example", "AUDIENCE": "orders", "CLIENT_ID": "shop"}
users: Any = get_user_model().objects


@pytest.fixture(autouse=True)
def fresh(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.django_issuing.urls"
    settings.MIDDLEWARE = [each for each in settings.MIDDLEWARE if not each.startswith("jwt_middleware")]
    settings.JWT_ISSUING = dict(settings.JWT_ISSUING)


def called(*arguments: str, **options: Any) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out, **options)
    return out.getvalue()


def begun(subject: str = "7") -> Tokens:
    issuing().keys.prepare()
    tokens = run(issuing().sessions.begin(Account(subject=subject), address="192.0.2.7"))
    assert isinstance(tokens, Tokens)
    return tokens


def test_keys_are_listed_generated_rotated_and_withdrawn() -> None:
    assert called("jwt_keys", "list") == ""
    first = called("jwt_keys", "generate")
    assert [line.split()[1:3] for line in first.splitlines()] == [["ES256", "active"], ["ES256", "next"]]
    assert called("jwt_keys", "generate") == first
    with pytest.raises(CommandError, match="seconds"):
        call_command("jwt_keys", "rotate")
    rotated = called("jwt_keys", "rotate", "--at-once")
    assert [line.split()[2] for line in rotated.splitlines()] == ["retired", "active", "next"]
    old = first.split()[0]
    withdrawn = called("jwt_keys", "withdraw", "--", old)
    assert "revoked at every resource server" in withdrawn
    assert old not in withdrawn
    kept = KeptRevocation.objects.get()
    assert (kept.kind, kept.name, kept.issuer) == ("key", old, "https://accounts.example.com")
    with pytest.raises(CommandError, match="publish it first"):
        call_command("jwt_keys", "withdraw", "stranger")


def test_a_withdrawn_key_is_revoked_nowhere_where_nobody_shares_a_store(configure: Any) -> None:
    configure(REVOCATIONS=None)
    kid = called("jwt_keys", "generate").split()[0]
    assert "revoked" not in called("jwt_keys", "withdraw", "--", kid)
    assert KeptRevocation.objects.count() == 0


def test_commands_say_what_is_wrong_with_the_settings(settings: Any) -> None:
    settings.JWT_ISSUING = {}
    with pytest.raises(CommandError, match="ISSUER is missing"):
        call_command("jwt_keys", "list")


def test_sessions_are_listed_and_ended() -> None:
    one, other, bobs = begun(), begun(), begun("8")
    listed = called("jwt_sessions", "list", "7")
    assert {line.split()[0] for line in listed.splitlines()} == {one.session.session_id, other.session.session_id}
    assert "192.0.2.7" in listed
    assert called("jwt_sessions", "end", "7", one.session.session_id) == "1 ended\n"
    assert called("jwt_sessions", "end", "7") == "1 ended\n"
    with pytest.raises(CommandError, match="no such session"):
        call_command("jwt_sessions", "end", "7")
    assert bobs.session.session_id in called("jwt_sessions", "list", "8")


def test_what_concerns_no_living_token_is_purged() -> None:
    begun()
    KeptRevocation.objects.create(kind="token", issuer="i", name="old", until=time.time() - 1, made_at=1.0)
    KeptRevocation.objects.create(kind="token", issuer="i", name="new", until=time.time() + 100, made_at=1.0)
    assert called("jwt_purge") == "0 sessions\n1 revocations\n"
    assert KeptRevocation.objects.get().name == "new"


def test_the_admin_shows_sessions_and_ends_them() -> None:
    users.create_superuser("root", password="x")
    client = Client()
    assert client.login(username="root", password="x")
    tokens = begun()
    session = tokens.session
    place = "/admin/jwt_middleware_issuing/keptsession/"
    page = client.get(place).content.decode()
    assert session.subject in page
    detail = client.get(f"{place}{session.session_id}/change/")
    assert detail.status_code == 200
    assert session.current not in detail.content.decode()
    assert client.get(f"{place}add/").status_code == 403
    assert client.post(f"{place}{session.session_id}/delete/").status_code == 403
    client.post(f"{place}{session.session_id}/change/", {"subject": "eve"})
    found = run(issuing().sessions.of_subject("7"))
    assert [each.session_id for each in found] == [session.session_id]
    action = {"action": "end_sessions", "_selected_action": [session.session_id]}
    assert "1 sessions were ended" in client.post(place, action, follow=True).content.decode()
    assert run(issuing().sessions.of_subject("7")) == []
    revocations = "/admin/jwt_middleware_revocations/keptrevocation/"
    assert session.session_id in client.get(revocations).content.decode()
    assert client.get(f"{revocations}add/").status_code == 403
    kept = KeptRevocation.objects.get()
    assert client.post(f"{revocations}{kept.pk}/delete/").status_code == 403
    KeptRevocation.objects.update(until=1e300)
    assert "never" in client.get(revocations).content.decode()
    assert str(kept) == f"session {session.session_id}"


def test_only_whoever_may_change_sessions_ends_them() -> None:
    from django.contrib.auth.models import Permission

    auditor = users.create_user("auditor", password="x", is_staff=True)
    auditor.user_permissions.add(Permission.objects.get(codename="view_keptsession"))
    client = Client()
    assert client.login(username="auditor", password="x")
    session = begun().session
    place = "/admin/jwt_middleware_issuing/keptsession/"
    assert client.get(place).status_code == 200
    client.post(place, {"action": "end_sessions", "_selected_action": [session.session_id]}, follow=True)
    assert len(run(issuing().sessions.of_subject("7"))) == 1


def test_every_check_has_an_id_of_its_own() -> None:
    """So that whoever silences one silences no other."""
    folder = Path(jwt_middleware.django.__file__).parent
    found = [
        set(re.findall(r'"(?:jwt_middleware\.)?([EW]\d{3})"', each.read_text())) for each in folder.rglob("checks.py")
    ]
    assert len(found) == 2
    assert all(found)
    assert set.intersection(*found) == set()


def found_by_checks(tag: str = "security", *, deploy: bool = False) -> set[str]:
    found = checks.run_checks(tags=[tag], include_deployment_checks=deploy)
    return {each.id for each in found if each.id and each.id.startswith("jwt_middleware") and each.id[-3:] >= "003"}


def test_checks_name_mistakes_and_what_is_not_fit_for_production(settings: Any, configure: Any) -> None:
    assert found_by_checks() == set()
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache"}}
    assert found_by_checks(deploy=True) == {"jwt_middleware.W003"}
    for alone in ("locmem.LocMemCache", "dummy.DummyCache"):
        settings.CACHES = {"default": {"BACKEND": f"django.core.cache.backends.{alone}"}}
        assert found_by_checks(deploy=True) == {"jwt_middleware.W003", "jwt_middleware.W006"}
    configure(REVOCATIONS=None)
    assert found_by_checks(deploy=True) == {"jwt_middleware.W003", "jwt_middleware.W004", "jwt_middleware.W006"}
    settings.JWT_ISSUING = {"ISSUER": "https://a.example", "AUDIENCES": "x"}
    assert found_by_checks(deploy=True) == {"jwt_middleware.E003"}
    mistakes = [each.msg for each in checks.run_checks(tags=["security"]) if each.id == "jwt_middleware.E003"]
    assert len(mistakes) == 3
    assert any("did you mean 'AUDIENCE'" in each for each in mistakes)


def test_a_seal_of_its_own_is_what_production_wants(
    settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setenv("JWT_MIDDLEWARE_SEAL", "s" * 40)
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache"}}
    settings.JWT_ISSUING = dict(settings.JWT_ISSUING)
    assert found_by_checks(deploy=True) == set()
    monkeypatch.delenv("JWT_MIDDLEWARE_SEAL")
    file = tmp_path / "seal"
    file.write_text("s" * 40)
    settings.JWT_ISSUING = {**settings.JWT_ISSUING, "SEAL_FILE": str(file)}
    assert found_by_checks(deploy=True) == set()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("text", "takes a dict"),
        ({}, "CLIENT_ID is missing"),
        ({**MINIMAL, "CLAIMS": 7}, "CLAIMS takes a function"),
        ({**MINIMAL, "ROLES": "nowhere.at.all"}, "ROLES names what cannot be imported"),
        ({**MINIMAL, "COOKIES": {"colour": "red"}}, "COOKIES takes True"),
        ({**MINIMAL, "USER_ID_FIELD": "profile__name"}, "USER_ID_FIELD"),
        ({**MINIMAL, "ACCESS_TOKEN_LIFETIME": 0}, "settings.JWT_ISSUING: "),
        ({**MINIMAL, "REFRESH_GRACE": 100}, "grace is 100"),
        ({**MINIMAL, "SEAL_FILE": "/nowhere"}, "cannot be read"),
    ],
)
def test_wrong_settings_are_refused(given: Any, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        build(given)


def claims(user: Any) -> Mapping[str, Any]:
    return {}


def test_settings_become_what_they_say() -> None:
    throttle = MemoryThrottle()
    found = build(
        {
            **MINIMAL,
            "ALGORITHM": "EdDSA",
            "ACCESS_TOKEN_LIFETIME": 60,
            "REFRESH_TOKEN_LIFETIME": 3600,
            "SESSION_LIFETIME": 7200,
            "REFRESH_GRACE": 0,
            "ROTATE_REFRESH_TOKENS": False,
            "VERIFIER_CACHE": 240,
            "CLAIMS": "tests.django_issuing.test_administration.claims",
            "THROTTLE": throttle,
            "SIGNING_KEYS": Kept(),
            "COOKIES": {"access_name": "__Host-token"},
        }
    )
    assert (found.issuer.lifetime, found.keys.timing.token_lifetime, found.keys.max_age) == (60, 60, 120)
    follows = found.sessions._refreshing
    assert (follows.idle, follows.absolute, follows.grace) == (3600, 7200, 0)
    assert follows.rotates is False
    assert found.endpoints._throttle is throttle
    assert found.endpoints._cookies is not None
    assert found.endpoints._cookies.location.name == "__Host-token"
    ready = SigningKeys(algorithm="EdDSA")
    assert build({**MINIMAL, "SIGNING_KEYS": ready}).keys is ready
    assert {"ISSUER", "AUDIENCE", "ACCESS_TOKEN_LIFETIME", "REFRESH_TOKEN_LIFETIME"} <= SETTINGS


def test_no_migration_is_missing() -> None:
    call_command("makemigrations", "jwt_middleware_issuing", "jwt_middleware_revocations", check=True, dry_run=True)


def test_the_guarding_app_has_no_models() -> None:
    from django.apps import apps

    assert list(apps.get_app_config("jwt_middleware").get_models()) == []


def test_the_cache_counts_failures_for_every_process() -> None:
    clock = Clock()
    here, there = CacheThrottle(clock=clock), CacheThrottle(clock=clock)
    there.succeeded("ann", "a")
    for _ in range(5):
        assert here.attempt("ann", "a") == 0
    assert there.attempt("ANN", "a") == 60
    clock.now += 20
    assert there.attempt("ann", "a") == 40
    assert there.attempt("bob", "a") == 0
    there.succeeded("ann", "a")
    assert here.attempt("ann", "a") == 0
    assert repr(here) == "<CacheThrottle 5 in 60 s>"
    here.succeeded("cat", "a")
    assert at_once(lambda: here.attempt("cat", "a") == 0, 20).count(True) == 5
