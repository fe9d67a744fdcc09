"""Logging in with Django's own users, through Django's own machinery."""

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

import jwt
import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.contrib.auth.models import Group, Permission
from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.core.cache import cache
from django.db import connection
from django.test import AsyncClient, Client

from jwt_middleware.django.issuing.conf import issuing
from jwt_middleware.django.issuing.signals import session_ended, session_refreshed, session_started
from jwt_middleware.issuing import Account

pytestmark = pytest.mark.django_db

RIGHT = {"username": "ann", "password": "paper-clip"}
User: Any = get_user_model()


@pytest.fixture(autouse=True)
def site(settings: Any) -> None:
    cache.clear()
    settings.ROOT_URLCONF = "tests.django_issuing.urls"
    settings.PASSWORD_HASHERS = ["tests.django_issuing.test_endpoints.CountedHasher"]
    settings.JWT_ISSUING = dict(settings.JWT_ISSUING)  # built anew, with no copy of another test's database
    settings.JWT_MIDDLEWARE = {
        "ISSUER": settings.JWT_ISSUING["ISSUER"],
        "AUDIENCE": "orders",
        "PROFILE": "rfc9068",
        "KEYS": "jwt_middleware.django.issuing.own_keys.own_keys",
        "REVOCATIONS": "jwt_middleware.django.revocations.shared.revocations",
        "OBSERVERS": [],
    }
    issuing().keys.prepare()
    User.objects.create_user("ann", password="paper-clip")
    CountedHasher.hashed = 0


class CountedHasher(PBKDF2PasswordHasher):
    """Counts how often a password is hashed."""

    algorithm = "counted"
    iterations = 1
    hashed = 0

    def encode(self, password: Any, salt: Any, iterations: Any = None) -> Any:
        CountedHasher.hashed += 1
        return super().encode(password, salt, iterations)


def post(client: Client, path: str, body: Any = None, **headers: str) -> Any:
    content = b"" if body is None else json.dumps(body).encode()
    return client.post(f"/auth/{path}", content, content_type="application/json", headers=headers)


def logged_in(client: Client, **credentials: str) -> dict[str, Any]:
    answer = post(client, "login", {**RIGHT, **credentials})
    assert answer.status_code == 200, answer.content
    tokens: dict[str, Any] = answer.json()
    return tokens


def bearer(tokens: Mapping[str, Any]) -> dict[str, str]:
    return {"authorization": f"Bearer {tokens['access_token']}"}


def said(tokens: Mapping[str, Any]) -> dict[str, Any]:
    decoded: dict[str, Any] = jwt.decode(tokens["access_token"], options={"verify_signature": False})
    return decoded


def code(answer: Any) -> tuple[int, str]:
    assert answer["cache-control"] == "no-store"
    return answer.status_code, answer.json()["code"]


def test_a_user_logs_in_refreshes_and_logs_out() -> None:
    client = Client(enforce_csrf_checks=True)
    tokens = logged_in(client)
    assert said(tokens)["sub"] == str(User.objects.get().pk)
    assert client.get("/me", headers=bearer(tokens)).status_code == 200
    tokens = post(client, "refresh", {"refresh_token": tokens["refresh_token"]}, authorization="Bearer x.y.z").json()
    assert client.get("/me", headers=bearer(tokens)).status_code == 200
    assert post(client, "logout", {"refresh_token": tokens["refresh_token"]}).status_code == 204
    assert client.get("/me", headers=bearer(tokens)).status_code == 401
    assert code(post(client, "refresh", {"refresh_token": tokens["refresh_token"]})) == (400, "refresh_refused")


def test_under_asgi_too() -> None:
    async def play() -> int:
        client = AsyncClient()
        answer = await client.post("/auth/login", json.dumps(RIGHT), content_type="application/json")
        return (
            await client.get("/me", headers={"authorization": f"Bearer {answer.json()['access_token']}"})
        ).status_code

    assert async_to_sync(play)() == 200


def test_everything_else_is_refused_to_strangers() -> None:
    for path in ("/me", "/auth/nowhere", "/nowhere"):
        assert Client().get(path).status_code == 401
    for path in ("login", "refresh", "logout"):
        assert Client().get(f"/auth/{path}").status_code == 405


def test_unknown_inactive_and_wrong_get_the_same_answer_and_cost_the_same() -> None:
    User.objects.create_user("bob", password="stapler", is_active=False)
    seen = set()
    for name, password in (("nobody", "x"), ("ann", "wrong"), ("bob", "stapler"), ("bob", "wrong")):
        CountedHasher.hashed = 0
        answer = post(Client(), "login", {"username": name, "password": password})
        seen.add((answer.status_code, answer.content, tuple(sorted(answer.headers.items())), CountedHasher.hashed))
    assert {(status, hashed) for status, _, _, hashed in seen} == {(400, 1)}
    assert len(seen) == 1


@pytest.mark.parametrize("backend", ["AllowAllUsersModelBackend", "ModelBackend"])
def test_inactive_users_are_refused_whatever_the_backend_says(settings: Any, backend: str) -> None:
    settings.AUTHENTICATION_BACKENDS = [f"django.contrib.auth.backends.{backend}"]
    User.objects.create_user("bob", password="stapler", is_active=False)
    answer = post(Client(), "login", {"username": "bob", "password": "stapler"})
    assert code(answer) == (400, "credentials_refused")
    assert CountedHasher.hashed == 2  # one when bob was made


def test_guessing_ends_after_five_failures() -> None:
    for _ in range(5):
        assert code(post(Client(), "login", {**RIGHT, "password": "guess"})) == (400, "credentials_refused")
    hashed = CountedHasher.hashed
    answer = post(Client(), "login", RIGHT)
    assert code(answer) == (429, "too_many_attempts")
    assert 0 < int(answer["retry-after"]) <= 60
    assert CountedHasher.hashed == hashed
    assert (
        Client(REMOTE_ADDR="192.0.2.9").post("/auth/login", RIGHT, content_type="application/json").status_code == 200
    )


def test_a_success_forgets_the_failures() -> None:
    for _ in range(2):
        for _ in range(4):
            post(Client(), "login", {**RIGHT, "password": "guess"})
        logged_in(Client())


def test_djangos_own_signals_are_sent_and_the_last_login_is_noted() -> None:
    heard: list[str] = []

    def failed(**given: Any) -> None:
        heard.append(f"failed {given['credentials']['username']} {given['request'].path}")

    def succeeded(**given: Any) -> None:
        heard.append(f"in {given['user'].username} {given['request'].path}")

    user_login_failed.connect(failed)
    user_logged_in.connect(succeeded)
    post(Client(), "login", {**RIGHT, "password": "guess"})
    logged_in(Client())
    user_login_failed.disconnect(failed)
    user_logged_in.disconnect(succeeded)
    assert heard == ["failed ann /auth/login", "in ann /auth/login"]
    assert User.objects.get().last_login is not None


def test_our_own_signals_tell_of_sessions_and_a_receiver_that_raises_changes_nothing() -> None:
    heard: list[str] = []

    def told(**given: Any) -> None:
        heard.append(f"{given['session'].client_id} {given.get('reason')}")
        raise ValueError("a receiver of the user's")

    signals = (session_started, session_refreshed, session_ended)
    for each in signals:
        each.connect(told)
    client = Client()
    tokens = logged_in(client)
    assert post(client, "refresh", {"refresh_token": tokens["refresh_token"]}).status_code == 200
    assert post(client, "logout-everywhere", None, **bearer(tokens)).json() == {"ended": 1}
    for each in signals:
        each.disconnect(told)
    assert heard == ["shop None", "shop None", "shop logout-everywhere"]


def test_permissions_and_groups_are_in_the_token_by_choice(configure: Any) -> None:
    ann = User.objects.get()
    staff = Group.objects.create(name="staff")
    staff.permissions.add(Permission.objects.get(codename="view_user"))
    ann.groups.add(staff)
    found = said(logged_in(Client()))
    assert (found["permissions"], found["groups"]) == ([], [])
    configure(PERMISSIONS=True, GROUPS=True, ROLES=lambda user: ["clerk"], SCOPES=lambda user: ["read"], CLAIMS=desk)
    found = said(logged_in(Client()))
    assert (found["permissions"], found["groups"], found["roles"]) == (["auth.view_user"], ["staff"], ["clerk"])
    assert (found["scope"], found["desk"]) == ("read", 7)
    configure(ACCOUNT=lambda user: Account(subject=str(user.pk), tenant="acme"))
    assert said(logged_in(Client()))["tenant"] == "acme"


def desk(user: Any) -> Mapping[str, Any]:
    return {"desk": 7}


def test_the_subject_is_the_field_that_the_settings_name(configure: Any) -> None:
    configure(USER_ID_FIELD="username")
    client = Client()
    tokens = logged_in(client)
    assert said(tokens)["sub"] == "ann"
    assert post(client, "refresh", {"refresh_token": tokens["refresh_token"]}).status_code == 200


def disable(ann: Any) -> None:
    ann.is_active = False
    ann.save()


def change_password(ann: Any) -> None:
    ann.set_password("stapler")
    ann.save(update_fields=["password"])


@pytest.mark.parametrize(
    "change", [disable, change_password, lambda ann: ann.delete()], ids=["off", "password", "gone"]
)
def test_sessions_end_at_once_with_their_user(
    change: Callable[[Any], None], django_capture_on_commit_callbacks: Any
) -> None:
    client = Client()
    tokens = logged_in(client)
    with django_capture_on_commit_callbacks(execute=True):
        change(User.objects.get())
    assert client.get("/me", headers=bearer(tokens)).status_code == 401
    assert code(post(client, "refresh", {"refresh_token": tokens["refresh_token"]})) == (400, "refresh_refused")


@pytest.mark.parametrize("changes", [{"is_active": False}, {"password": "!"}])
def test_what_no_signal_tells_of_is_noticed_at_the_next_refresh(changes: Any) -> None:
    client = Client()
    tokens = logged_in(client)
    User.objects.update(**changes)
    assert code(post(client, "refresh", {"refresh_token": tokens["refresh_token"]})) == (400, "refresh_refused")
    assert client.get("/me", headers=bearer(tokens)).status_code == 401


def test_a_user_who_is_saved_for_another_reason_stays_logged_in(django_capture_on_commit_callbacks: Any) -> None:
    client = Client()
    tokens = logged_in(client)
    with django_capture_on_commit_callbacks(execute=True):
        ann = User.objects.get()
        ann.first_name = "Ann"
        ann.save()
        ann.save(update_fields=["first_name"])
    assert client.get("/me", headers=bearer(tokens)).status_code == 200


def test_somebody_lists_and_ends_their_own_sessions() -> None:
    phone, laptop = Client(headers={"user-agent": "phone"}), Client()
    first, second = logged_in(phone), logged_in(laptop)
    listed = laptop.get("/auth/sessions", headers=bearer(second)).json()["sessions"]
    assert {(each["agent"], each["address"], each["this_one"]) for each in listed} == {
        ("phone", "127.0.0.1", False),
        ("", "127.0.0.1", True),
    }
    other = next(each["id"] for each in listed if not each["this_one"])
    assert laptop.delete(f"/auth/sessions/{other}", headers=bearer(second)).status_code == 204
    assert phone.get("/me", headers=bearer(first)).status_code == 401
    assert code(laptop.delete(f"/auth/sessions/{other}", headers=bearer(second))) == (404, "session_unknown")
    assert post(laptop, "verify", {"token": second["access_token"]}).json()["valid"] is True
    assert code(post(laptop, "verify", {"token": first["access_token"]})) == (401, "token_revoked")


@pytest.mark.parametrize(
    ("content", "content_type", "expected"),
    [
        (b"no json", "application/json", (400, "body_malformed")),
        (b'{"username": "ann\\u0000", "password": "x"}', "application/json", (400, "body_malformed")),
        (b"{" + b" " * 9000, "application/json", (413, "body_too_large")),
        (b"username=ann&password=x", "application/x-www-form-urlencoded", (415, "content_type_refused")),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(content: bytes, content_type: str, expected: Any) -> None:
    assert code(Client().post("/auth/login", content, content_type=content_type)) == expected
    assert CountedHasher.hashed == 0


def test_tables_that_are_not_there_yet_are_503_and_nothing_is_lost() -> None:
    client = Client()
    tokens = logged_in(client)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE jwt_middleware_issuing_keptsession RENAME TO elsewhere")
        answer = post(client, "refresh", {"refresh_token": tokens["refresh_token"]})
        cursor.execute("ALTER TABLE elsewhere RENAME TO jwt_middleware_issuing_keptsession")
    assert code(answer) == (503, "sessions_unavailable")
    assert "retry-after" in answer
    assert post(client, "refresh", {"refresh_token": tokens["refresh_token"]}).status_code == 200


def test_the_end_of_a_misused_session_is_kept_although_requests_are_transactions(settings: Any) -> None:
    connection.settings_dict["ATOMIC_REQUESTS"] = True
    try:
        client = Client()
        first = logged_in(client)
        second = post(client, "refresh", {"refresh_token": first["refresh_token"]}).json()
        third = post(client, "refresh", {"refresh_token": second["refresh_token"]}).json()
        assert code(post(client, "refresh", {"refresh_token": first["refresh_token"]})) == (400, "refresh_refused")
        assert code(post(client, "refresh", {"refresh_token": third["refresh_token"]})) == (400, "refresh_refused")
    finally:
        connection.settings_dict["ATOMIC_REQUESTS"] = False


def test_the_keys_and_the_metadata_are_where_verifiers_look(settings: Any) -> None:
    issuer = settings.JWT_ISSUING["ISSUER"]
    for path in ("/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"):
        answer = Client().get(path)
        assert answer.json() == {"issuer": issuer, "jwks_uri": f"{issuer}/jwks"}
        assert answer["access-control-allow-origin"] == "*"
    answer = Client().get("/jwks")
    assert answer["content-type"] == "application/jwk-set+json"
    assert len(answer.json()["keys"]) == 2
    again = Client().get("/jwks", headers={"if-none-match": answer["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert Client().options("/jwks").status_code == 204
    head = Client().head("/jwks")
    assert (head.status_code, head.content) == (200, b"")
    assert Client().post("/jwks").status_code == 405


def test_browser_mode(configure: Any, settings: Any) -> None:
    settings.CSRF_TRUSTED_ORIGINS = ["https://app.example.com", "https://*.example.com"]
    current = configure(COOKIES=True)
    cookies = current.endpoints._cookies
    settings.JWT_MIDDLEWARE = {
        **settings.JWT_MIDDLEWARE,
        "TOKEN_FROM": ["jwt_middleware.authorization_header", cookies.location],
    }
    client = Client(enforce_csrf_checks=True)
    assert code(post(client, "login", RIGHT)) == (403, "csrf_failed")
    assert code(post(client, "login", RIGHT, origin="https://evil.example.com")) == (403, "csrf_failed")
    answer = post(client, "login", RIGHT, origin="https://app.example.com")
    assert "access_token" not in answer.json()
    morsel = client.cookies["__Secure-refresh_token"]
    assert (morsel["path"], morsel["httponly"], morsel["secure"], morsel["samesite"]) == (
        *("/auth", True, True, "Strict"),
    )
    assert client.get("/me", secure=True).status_code == 200
    refreshed = client.post(
        "/auth/refresh", b"", content_type="application/json", headers={"origin": "https://testserver"}, secure=True
    )
    assert refreshed.status_code == 200
    left = post(client, "logout", None, origin="https://app.example.com")
    assert left.status_code == 204
    taken_back = client.cookies.pop("__Host-access_token")
    assert (taken_back.value, taken_back["max-age"]) == ("", "0")
    assert client.get("/me", secure=True).status_code == 401


def test_time_is_that_of_the_server() -> None:
    assert abs(said(logged_in(Client()))["iat"] - time.time()) < 5


def test_a_site_may_take_its_own_tokens_with_a_shared_secret(configure: Any) -> None:
    from jwt_middleware.issuing import SigningKeys

    configure(SIGNING_KEYS=SigningKeys(algorithm="HS256"))
    client = Client()
    tokens = logged_in(client)
    assert client.get("/me", headers=bearer(tokens)).status_code == 200
    assert client.get("/jwks").json() == {"keys": []}
    assert "jwks_uri" not in client.get("/.well-known/openid-configuration").json()
