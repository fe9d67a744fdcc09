"""The door of the REST framework, behind JWTMiddleware and by itself."""

import json
import operator
import subprocess
import sys
from collections.abc import Callable, Mapping
from copy import copy
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.handlers.wsgi import WSGIRequest
from django.test import Client, override_settings
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response

from jwt_middleware import ConfigurationError, Decision, Guard, Principal, role
from jwt_middleware.access.current import Passage, enter, leave
from jwt_middleware.drf import public, refusal_answer, require
from tests import tokens
from tests.django_guard import guard, trusted
from tests.drf import urls

Call = Callable[..., Any]
SITE = "tests.drf.urls"
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
def call(request: pytest.FixtureRequest) -> Call:
    found: Call = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def behind(settings: Any) -> Call:
    settings.MIDDLEWARE, settings.ROOT_URLCONF = [DOOR], SITE
    return send


@pytest.fixture
def alone(settings: Any) -> Call:
    settings.MIDDLEWARE, settings.ROOT_URLCONF = [], SITE
    return send


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


def test_marked_action_of_a_view_set_needs_no_requirement(call: Call) -> None:
    assert call("/counter/").json() == "anonymous"
    refused(call("/counter/", bearer(exp=1)), 401, "token_expired")
    refused(call("/counter/", method="POST"), 401, "token_missing")
    assert call("/counter/", bearer(), "POST").json() == "alice"
    refused(call("/counter/1/", bearer(), "DELETE"), 403, "requirement_not_met")
    refused(call("/sub-counter/", bearer()), 403, "requirement_not_met")


def test_requirements_are_combined_as_requirements(call: Call) -> None:
    assert call("/either", bearer()).json() == "alice"
    assert call("/either", bearer(scope=None, roles=["admin"])).json() == "alice"
    refused(call("/either", bearer(scope=None)), 403, "requirement_not_met")
    refused(call("/both", bearer()), 403, "requirement_not_met")
    assert call("/both", bearer(roles=["admin"])).json() == "alice"
    assert call("/not-banned", bearer()).json() == "alice"
    refused(call("/not-banned", bearer(roles=["banned"])), 403, "requirement_not_met")
    for path in ("/either", "/both", "/not-banned"):
        refused(call(path), 401, "token_missing")


@pytest.mark.parametrize("combine", [operator.or_, operator.and_])
def test_requirements_do_not_combine_with_permissions_of_another_kind(combine: Any) -> None:
    with pytest.raises(ConfigurationError, match="list other permissions beside it"):
        combine(require(role("admin")), IsAuthenticated)


def caught(exception: Exception, context: Mapping[str, Any]) -> Any:
    """Answers every exception, and asks this door's first, as the documentation says."""
    return refusal_answer(exception, context) or Response("caught", 418)


@pytest.mark.parametrize("handler", ["jwt_middleware.drf.refusal_answer", "tests.drf.test_drf_door.caught"])
def test_exception_handler_gives_the_challenge_to_the_letter(call: Call, handler: str, settings: Any) -> None:
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "EXCEPTION_HANDLER": handler}
    for path in ("/demanding", "/admin", "/private", "/above"):
        for headers, status in ((bearer(scope=None), 403), (bearer(exp=1), 401), ({}, 401)):
            answer = call(path, headers)
            if (path, status) == ("/private", 403):
                assert answer.json() == "alice"
                continue
            assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
            assert (answer["Cache-Control"], answer["Content-Length"]) == ("no-store", str(len(answer.content)))
            head = call(path, headers, "HEAD")
            assert head.status_code in {status, 405}
            assert head.status_code == 405 or head.content == b""
    assert call("/missing", bearer()).status_code == 404
    assert call("/broken", bearer()).status_code == (418 if handler.endswith("caught") else 500)


def test_a_decision_is_told_once(settings: Any, behind: Call) -> None:
    told: list[str] = []

    class Telling:
        def decided(self, decision: Decision) -> None:
            told.append(decision.reason)

    settings.JWT_MIDDLEWARE = {"GUARD": Guard(trusted, observers=[Telling()])}
    for middleware in ([DOOR], []):
        settings.MIDDLEWARE = middleware
        for path, headers, reasons in (
            ("/private", {}, ["token_missing"]),
            ("/private", bearer(), ["admitted"]),
            ("/private", bearer(exp=1), ["token_expired"]),
            ("/admin", bearer(), ["admitted", "requirement_not_met"]),
            ("/open", {}, ["public"]),
            ("/login", bearer(exp=1), ["unguarded"]),
        ):
            behind(path, headers)
            assert told == reasons, (middleware, path)
            told.clear()


def test_paths_of_the_settings_hold_without_the_middleware_too(call: Call, settings: Any) -> None:
    settings.JWT_MIDDLEWARE = {**settings.JWT_MIDDLEWARE, "PUBLIC_PATHS": ["/plain"], "UNGUARDED_PATHS": ["/missing"]}
    assert call("/plain").json() == "anonymous"
    refused(call("/plain", bearer(exp=1)), 401, "token_expired")
    assert call("/missing", bearer(exp=1)).status_code == 404


def test_without_settings_a_view_says_what_they_lack(settings: Any) -> None:
    settings.JWT_MIDDLEWARE, settings.MIDDLEWARE, settings.ROOT_URLCONF = {}, [], SITE
    with pytest.raises(ConfigurationError, match="ISSUER is missing"):
        Client().get("/private", headers=bearer())


@pytest.mark.parametrize("path", ["/plain", "/orders/", "/decorated", "/counter/1/"])
def test_preflight_runs_no_view(behind: Call, path: str) -> None:
    answer = behind(path, {"Origin": "https://app.example", "Access-Control-Request-Method": "GET"}, "OPTIONS")
    assert (answer.status_code, answer.content, urls.ran) == (204, b"", [])


@pytest.mark.parametrize("name", ["Copy", "Anew"])
def test_caller_is_found_on_a_request_that_a_middleware_has_made(behind: Call, name: str) -> None:
    with override_settings(MIDDLEWARE=[DOOR, f"tests.drf.test_drf_door.{name}"]):
        assert behind("/admin", bearer(roles=["admin"])).json() == "alice"
        refused(behind("/admin", bearer()), 403, "requirement_not_met")
        refused(behind("/admin"), 401, "token_missing")


class Copy:
    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> Any:
        return self.get_response(copy(request))


class Anew(Copy):
    def __call__(self, request: Any) -> Any:
        return self.get_response(WSGIRequest(request.environ))


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
    with override_settings(MIDDLEWARE=SESSIONS, ROOT_URLCONF=SITE):
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
    settings.MIDDLEWARE, settings.ROOT_URLCONF = middleware, SITE
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


PROGRAM = """
from django.conf import settings
settings.configure(
    INSTALLED_APPS=["rest_framework", "jwt_middleware.django"],
    ROOT_URLCONF=__name__,
    ALLOWED_HOSTS=["testserver"],
    JWT_MIDDLEWARE={"GUARD": "tests.django_guard.guard"},
    REST_FRAMEWORK={
        "DEFAULT_AUTHENTICATION_CLASSES": ["jwt_middleware.drf.JWTAuthentication"],
        "DEFAULT_PERMISSION_CLASSES": ["tests.drf.permissions.guarded"],
        "EXCEPTION_HANDLER": "jwt_middleware.drf.refusal_answer",
        "UNAUTHENTICATED_USER": None,
    },
)
import django; django.setup()
from django.test import Client
from django.urls import path
from rest_framework.response import Response
from rest_framework.views import APIView
from tests import tokens

class View(APIView):
    def get(self, request): return Response(request.user.subject)

urlpatterns = [path("", View.as_view())]
assert Client().get("/").status_code == 401
assert Client().get("/", headers={"Authorization": f"Bearer {tokens.mint()}"}).json() == "alice"
"""


def test_settings_name_what_views_require_by_default() -> None:
    subprocess.run([sys.executable, "-c", PROGRAM], check=True, timeout=60, cwd=Path(__file__).parents[2])
