"""The door of the REST framework, behind JWTMiddleware and by itself."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client, override_settings

from jwt_middleware import ConfigurationError, Principal, role
from jwt_middleware.access.current import Passage, enter, leave
from jwt_middleware.drf import public, require
from tests import tokens
from tests.django_guard import guard
from tests.drf import urls

Call = Callable[..., Any]
SITE = {"ROOT_URLCONF": "tests.drf.urls"}
SESSIONS = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
DOOR = "jwt_middleware.django.JWTMiddleware"


def bearer(**claims: Any) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens.mint(**claims)}"}


def send(path: str, headers: dict[str, str] | None = None, method: str = "GET") -> Any:
    urls.ran.clear()
    return Client(raise_request_exception=False, enforce_csrf_checks=True).generic(method, path, headers=headers)


@pytest.fixture(params=["behind", "alone"])
def call(request: pytest.FixtureRequest) -> Iterator[Call]:
    with override_settings(MIDDLEWARE=[DOOR] if request.param == "behind" else [], **SITE):
        yield send


@pytest.fixture
def behind() -> Iterator[Call]:
    with override_settings(MIDDLEWARE=[DOOR], **SITE):
        yield send


@pytest.fixture
def alone() -> Iterator[Call]:
    with override_settings(MIDDLEWARE=[], **SITE):
        yield send


def refused(answer: Any, status: int, code: str) -> None:
    assert (answer.status_code, urls.ran) == (status, []), answer.content
    assert json.loads(answer.content)["code"] == code
    assert answer["WWW-Authenticate"].startswith("Bearer realm=")


REQUIRING = ["/admin", "/below", "/above", "/decorated", "/subclass", "/shelf/1/"]


@pytest.mark.parametrize("path", REQUIRING)
def test_requirement_refuses_with_what_was_missing(call: Call, path: str) -> None:
    answer = call(path, bearer())
    refused(answer, 403, "requirement_not_met")
    assert json.loads(answer.content)["missing"] == ["role admin"]
    assert call(path, bearer(roles=["admin"])).json() == "alice"


@pytest.mark.parametrize("path", [*REQUIRING, "/by-method", "/orders/", "/tenants/acme"])
def test_anonymous_is_a_real_401(call: Call, path: str) -> None:
    refused(call(path), 401, "token_missing")


@pytest.mark.parametrize("path", ["/plain", "/admin", "/open"])
@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        (bearer(exp=1), 401, "token_expired"),
        (bearer(aud="billing"), 401, "audience_mismatch"),
        ({"Authorization": "Bearer"}, 400, "header_malformed"),
    ],
)
def test_bad_token_is_refused(call: Call, path: str, headers: dict[str, str], status: int, code: str) -> None:
    refused(call(path, headers), status, code)


def test_unguarded_view_never_refuses(call: Call) -> None:
    assert call("/login", bearer(exp=1)).json() == "anonymous"
    assert call("/login").json() == "anonymous"


def test_public_view_takes_callers_without_a_token(call: Call) -> None:
    assert call("/open").json() == "anonymous"
    assert call("/open", bearer()).json() == "alice"


def test_good_token_names_its_caller_cold_and_warm(call: Call) -> None:
    headers = bearer()
    for _ in range(2):
        assert call("/plain", headers).json() == "alice"
        assert call("/plain", headers, "POST").json() == "alice"  # no CSRF token is needed


def test_path_parameter_is_compared(call: Call) -> None:
    assert call("/tenants/acme", bearer(tenant="acme")).json() == "alice"
    refused(call("/tenants/acme", bearer(tenant="other")), 403, "requirement_not_met")


def test_each_action_has_its_own_requirement(call: Call) -> None:
    assert call("/orders/", bearer()).json() == "alice"
    assert call("/orders/", bearer(), "HEAD").status_code == 200
    answer = call("/orders/", bearer(), "POST")
    refused(answer, 403, "requirement_not_met")
    assert 'scope="orders:write"' in answer["WWW-Authenticate"]
    assert call("/orders/", bearer(scope="orders:write"), "POST").json() == "alice"
    refused(call("/orders/1/close/", bearer(), "POST"), 403, "requirement_not_met")
    assert call("/orders/1/close/", bearer(roles=["admin"]), "POST").json() == "alice"


def test_action_that_is_not_listed_is_refused(call: Call) -> None:
    refused(call("/orders/1/", bearer(roles=["admin"])), 403, "requirement_not_met")


@pytest.mark.parametrize("method", ["POST", "PURGE", "OPTIONS"])
def test_method_that_is_not_listed_is_refused(call: Call, method: str) -> None:
    assert call("/by-method", bearer()).json() == "alice"
    assert call("/by-method", bearer(), "HEAD").status_code in {200, 405}
    refused(call("/by-method", bearer(), method), 403, "requirement_not_met")


@pytest.mark.parametrize(("path", "method"), [("/by-method", "DELETE"), ("/orders/", "DELETE"), ("/plain", "PUT")])
def test_method_that_does_not_exist_is_the_frameworks_405(call: Call, path: str, method: str) -> None:
    assert call(path, bearer(), method).status_code == 405


def test_mark_of_an_action_opens_no_other(behind: Call) -> None:
    assert behind("/shelf/").json() == "anonymous"
    refused(behind("/shelf/", method="POST"), 401, "token_missing")
    refused(behind("/shelf/1/"), 401, "token_missing")


def test_view_without_a_requirement_is_guarded_by_the_middleware(behind: Call) -> None:
    refused(behind("/plain"), 401, "token_missing")
    refused(behind("/schema"), 401, "token_missing")


def test_demand_inside_a_view_becomes_the_challenge(behind: Call) -> None:
    refused(behind("/demanding", bearer()), 403, "requirement_not_met")


def test_demand_without_the_middleware_needs_the_exception_handler(alone: Call, settings: Any) -> None:
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "EXCEPTION_HANDLER": "jwt_middleware.drf.refusal_answer"}
    refused(alone("/demanding", bearer()), 403, "requirement_not_met")
    refused(alone("/demanding"), 401, "token_missing")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("detail_and_code", {"detail": "the token is not a well-formed signed JWT", "code": "token_malformed"}),
        ("plain_text", {"detail": "the token is not a well-formed signed JWT"}),
    ],
)
def test_a_body_of_the_users_choice_is_rendered_by_rest_framework(
    alone: Call, settings: Any, body: str, expected: dict[str, str]
) -> None:
    settings.JWT_MIDDLEWARE = {
        "ISSUER": tokens.ISSUER,
        "AUDIENCE": tokens.AUDIENCE,
        "SIGNING_KEY": "0123456789abcdef" * 2,
        "REFUSAL_BODY": f"jwt_middleware.{body}",
    }
    answer = alone("/admin", {"Authorization": "Bearer x.y.z"})
    assert (answer.status_code, answer.json()) == (401, expected)
    assert 'error="invalid_token"' in answer["WWW-Authenticate"]


@pytest.mark.django_db
def test_whom_another_authentication_lets_in_is_no_caller_of_ours() -> None:
    users: Any = get_user_model()._default_manager
    user = users.create_user("mallory")
    with override_settings(MIDDLEWARE=SESSIONS, **SITE):
        client = Client()
        client.force_login(user)
        assert client.get("/admin", headers=bearer(roles=["admin"])).json() == "alice"
        urls.ran.clear()
        left_behind = enter(Passage(Principal(subject="alice", issuer=tokens.ISSUER), guard))
        refused(client.get("/other-first"), 401, "token_missing")
        leave(left_behind)


@pytest.mark.parametrize("middleware", [[DOOR], []])
def test_cookie_needs_a_csrf_token_for_unsafe_methods(middleware: list[str], settings: Any) -> None:
    settings.JWT_MIDDLEWARE = {"GUARD": "tests.django_guard.cookie_guard"}
    settings.MIDDLEWARE, settings.ROOT_URLCONF = middleware, "tests.drf.urls"
    client = Client(enforce_csrf_checks=True)
    client.cookies.load({"session_token": tokens.mint(), "csrftoken": "a" * 32})
    urls.ran.clear()
    refused(client.post("/plain"), 403, "csrf_failed")
    assert client.get("/plain").json() == "alice"
    assert client.post("/plain", headers={"X-CSRFToken": "a" * 32}).json() == "alice"


def test_public_with_require_is_a_mistake() -> None:
    with pytest.raises(ConfigurationError, match="keep one of the two"):
        public(require(role("clerk"))(lambda request: None))


def test_require_takes_no_other_class() -> None:
    with pytest.raises(ConfigurationError, match="REST framework"):
        require(role("clerk"))(type("NoView", (), {}))


def test_schema_shows_the_bearer_token_and_its_refusals(behind: Call) -> None:
    answer = behind("/schema?format=json", {**bearer(), "Accept": "application/vnd.oai.openapi+json"})
    schema = json.loads(answer.content)
    assert schema["components"]["securitySchemes"]["JWT"] == {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    operation = schema["paths"]["/admin"]["get"]
    assert {"JWT": []} in operation["security"]
    assert {"200", "401", "403"} <= set(operation["responses"]) | {"200"}
