"""The Django door, through WSGI's handler and ASGI's."""

import asyncio
from typing import Any

import asgiref.sync
import pytest
from django.http import HttpRequest, HttpResponse
from django.test import AsyncClient, Client, RequestFactory, override_settings

from jwt_middleware import AuthError, ConfigurationError, role
from jwt_middleware.access.current import current_passage
from jwt_middleware.django import ANONYMOUS, JWTMiddleware, demand, public, refusal_response, require
from tests import tokens
from tests.django import urls
from tests.django.callers import Call, bearer, refused
from tests.django.inside import Inside, behind

TOO_LITTLE = {"Authorization": f"Bearer {tokens.mint(scope=None)}"}


@pytest.mark.parametrize(
    "path",
    [
        *("/private", "/async-private", "/clerk", "/async-admin", "/shop/private", "/subclass", "/subclass-of-method"),
        *("/subclass-of-dispatch", "/admin-class", "/admin/", "/admin/login/", "/nowhere", "/slash", "/static/x.css"),
    ],
)
def test_anonymous_is_refused_wherever_no_mark_stands(call: Call, path: str) -> None:
    refused(call(path), 401, "token_missing")


@pytest.mark.parametrize(
    "path", ["/public", "/login", "/by-method", "/public-class", "/public-dispatch", "/marked-as-view", "/shop/public"]
)
def test_anonymous_reaches_marked_views(call: Call, path: str) -> None:
    answer = call(path)
    assert (answer.status_code, answer.content, urls.ran) == (200, b"anonymous", ["anonymous"])


def test_mark_of_one_method_opens_no_other(call: Call) -> None:
    refused(call("/by-method", method="POST"), 401, "token_missing")


def test_head_is_served_by_the_get_that_is_public(call: Call) -> None:
    assert call("/by-method", method="HEAD").status_code == 200


def test_wrong_method_on_a_public_class_is_the_frameworks_405(call: Call) -> None:
    assert call("/public-class", method="DELETE", csrf=False).status_code == 405


def test_good_token_names_its_caller_cold_and_warm(call: Call) -> None:
    headers = bearer()
    for _ in range(2):
        assert call("/private", headers).content == b"alice"
        assert call("/async-private", headers).content == b"alice"


def test_unknown_path_and_slash_redirect_are_the_frameworks_for_callers(call: Call) -> None:
    assert call("/nowhere", bearer()).status_code == 404
    assert call("/slash", bearer()).status_code == 301


@pytest.mark.parametrize("path", ["/private", "/public", "/nowhere", "/slash"])
def test_expired_token_is_refused_on_public_views_too(call: Call, path: str) -> None:
    refused(call(path, bearer(exp=1)), 401, "token_expired")


def test_expired_token_is_anonymous_on_an_unguarded_view(call: Call) -> None:
    assert call("/login", bearer(exp=1)).content == b"anonymous"


def test_two_tokens_in_the_header_are_refused(call: Call) -> None:
    one = bearer()["Authorization"]
    refused(call("/private", {"Authorization": f"{one},{one}"}), 400, "several_tokens")


def test_head_refusal_has_no_body(call: Call) -> None:
    answer = call("/private", method="HEAD")
    assert (answer.status_code, answer.content) == (401, b"")


@pytest.mark.parametrize(
    "path",
    [
        *("/async-admin", "/admin-class", "/subclass-of-admin", "/admin-dispatch", "/async-admin-class"),
        *("/async-admin-method", "/demanding"),
    ],
)
def test_role_is_required(call: Call, path: str) -> None:
    answer = call(path, bearer())
    refused(answer, 403, "requirement_not_met")
    assert answer.json()["missing"] == ["role admin"]
    assert call(path, bearer(roles=["admin"])).content == b"alice"


def test_requirement_of_one_method_binds_that_method(call: Call) -> None:
    refused(call("/admin-method", bearer(), "POST"), 403, "requirement_not_met")
    assert call("/admin-method", bearer()).status_code == 200


def test_missing_scope_is_named_in_the_challenge(call: Call) -> None:
    answer = call("/clerk", TOO_LITTLE)
    refused(answer, 403, "requirement_not_met")
    assert 'error="insufficient_scope"' in answer["WWW-Authenticate"]
    assert 'scope="orders:read"' in answer["WWW-Authenticate"]


@pytest.mark.parametrize("path", ["/tenants/acme", "/shop/acme/tenant"])
def test_path_parameter_is_compared(call: Call, path: str) -> None:
    assert call(path, bearer(tenant="acme")).status_code == 200
    urls.ran.clear()
    refused(call(path, bearer(tenant="other")), 403, "requirement_not_met")


@pytest.mark.parametrize(
    "path", ["/forbidding", "/async-forbidding", "/forbidding-class", "/forbidding-decorator", "/shop/forbidding"]
)
def test_auth_error_of_a_view_becomes_the_challenge(call: Call, path: str) -> None:
    answer = call(path, bearer())
    refused(answer, 403, "requirement_not_met")
    assert answer.json()["missing"] == ["a good reason"]


def test_auth_error_while_an_answer_is_rendered_becomes_the_challenge(call: Call) -> None:
    refused(call("/rendering", bearer()), 403, "requirement_not_met")
    assert call("/rendering", bearer(roles=["admin"])).content == b"rendered"


def test_the_applications_own_exception_stays_a_500(call: Call) -> None:
    assert call("/broken", bearer()).status_code == 500


def test_token_in_the_header_needs_no_csrf_token(call: Call) -> None:
    for _ in range(2):  # cold, and remembered
        assert call("/private", TOO_LITTLE, "POST").status_code == 200


def test_require_keeps_csrf_exempt() -> None:
    assert urls.exempt.csrf_exempt is True  # type: ignore[attr-defined]  # Django's own attribute


COOKIE_GUARD = override_settings(JWT_MIDDLEWARE={"GUARD": "tests.django_guard.cookie_guard"})
CSRF = "a" * 32


@COOKIE_GUARD
def test_cookie_names_its_caller(call: Call) -> None:
    assert call("/private", cookies={"session_token": tokens.mint()}).content == b"alice"


@COOKIE_GUARD
@pytest.mark.parametrize("path", ["/private", "/exempt", "/public", "/nowhere"])
@pytest.mark.parametrize("listed", [True, False])
def test_cookie_needs_a_csrf_token_for_unsafe_methods(call: Call, path: str, listed: bool, settings: Any) -> None:
    if not listed:
        settings.MIDDLEWARE = ["jwt_middleware.django.JWTMiddleware"]
    refused(call(path, method="POST", cookies={"session_token": tokens.mint()}), 403, "csrf_failed")


@COOKIE_GUARD
def test_cookie_with_a_csrf_token_passes(call: Call) -> None:
    cookies = {"session_token": tokens.mint(), "csrftoken": CSRF}
    assert call("/private", {"X-CSRFToken": CSRF}, "POST", cookies=cookies).content == b"alice"


@COOKIE_GUARD
def test_unguarded_view_takes_a_cookie_without_proof_as_anonymous(call: Call, settings: Any) -> None:
    settings.MIDDLEWARE = ["jwt_middleware.django.JWTMiddleware"]
    assert call("/login", method="POST", cookies={"session_token": tokens.mint()}).content == b"anonymous"


GUARD = {"GUARD": "tests.django_guard.guard"}


def test_public_paths_open_a_view_and_refuse_bad_tokens(call: Call, settings: Any) -> None:
    settings.JWT_MIDDLEWARE = {**GUARD, "PUBLIC_PATHS": ["/private", "/login"]}
    assert call("/private").content == b"anonymous"
    assert call("/login", bearer(exp=1)).content == b"anonymous"  # unguarded by its own mark
    urls.ran.clear()
    refused(call("/private", bearer(exp=1)), 401, "token_expired")


def test_unguarded_paths_never_refuse(call: Call, settings: Any) -> None:
    settings.JWT_MIDDLEWARE = {**GUARD, "UNGUARDED_PATHS": ["/private"]}
    assert call("/private", bearer(exp=1)).content == b"anonymous"


@pytest.mark.django_db
def test_guarded_paths_leave_the_rest_of_a_site_alone(call: Call, settings: Any) -> None:
    settings.JWT_MIDDLEWARE = {**GUARD, "GUARDED_PATHS": ["/shop/*"], "UNGUARDED_PATHS": ["/whoami"]}
    refused(call("/shop/private"), 401, "token_missing")
    assert call("/admin/login/").status_code == 200
    assert call("/whoami", bearer()).json() == {"name": "", "kind": "SimpleLazyObject"}  # Django's own


def test_override_settings_reaches_a_client_that_was_there_before() -> None:
    client = Client()
    assert client.get("/private").status_code == 401
    with override_settings(JWT_MIDDLEWARE={**GUARD, "PUBLIC_PATHS": ["/private"]}):
        assert client.get("/private").status_code == 200
    assert client.get("/private").status_code == 401


@override_settings(**behind("Answering"))
@pytest.mark.parametrize("status", ["200", "302", "404", "499"])
def test_what_an_inner_middleware_answers_is_sealed(call: Call, status: str) -> None:
    refused(call("/public", {"X-Status": status}), 401, "token_missing")
    assert call("/public", {"X-Status": status, **bearer()}).content == b"secret"


@override_settings(**behind("Answering"))
def test_an_inner_middlewares_failure_is_not_sealed(call: Call) -> None:
    assert call("/public", {"X-Status": "503"}).content == b"secret"


class Asking(Inside):
    """A middleware of the user's that demands something, and answers with ``refusal_response``."""

    def __call__(self, request: HttpRequest) -> Any:
        try:
            demand(role("admin"))
        except AuthError as refusal:
            answer = refusal_response(request, refusal)
            return awaited(answer) if asgiref.sync.iscoroutinefunction(self) else answer
        return self.get_response(request)


async def awaited(answer: HttpResponse) -> HttpResponse:
    return answer


@override_settings(MIDDLEWARE=["jwt_middleware.django.JWTMiddleware", "tests.django.test_django_door.Asking"])
def test_middleware_demands_and_answers_with_the_challenge(call: Call) -> None:
    answer = call("/private", bearer())
    refused(answer, 403, "requirement_not_met")
    assert answer.json()["missing"] == ["role admin"]
    refused(call("/public"), 401, "token_missing")
    refused(call("/public", bearer(exp=1)), 401, "token_expired")
    refused(call("/nowhere"), 401, "token_missing")
    assert call("/private", bearer(roles=["admin"])).content == b"alice"


class CatchAll(Inside):
    """Turns every exception of a view into an answer of its own."""

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse:
        return HttpResponse("caught", status=418)


CATCHING = "tests.django.test_django_door.CatchAll"


@override_settings(MIDDLEWARE=[CATCHING, "jwt_middleware.django.JWTMiddleware"])
def test_middleware_that_answers_exceptions_stands_above_the_door(call: Call) -> None:
    refused(call("/forbidding", bearer()), 403, "requirement_not_met")
    refused(call("/clerk", TOO_LITTLE), 403, "requirement_not_met")
    assert call("/broken", bearer()).status_code == 418


@override_settings(MIDDLEWARE=["jwt_middleware.django.JWTMiddleware", CATCHING])
def test_middleware_that_answers_exceptions_below_the_door_opens_nothing(call: Call) -> None:
    refused(call("/clerk"), 401, "token_missing")
    answer = call("/clerk", TOO_LITTLE)
    assert (answer.status_code, urls.ran) == (418, [])


@override_settings(MIDDLEWARE=[])
def test_require_without_the_middleware_explains_itself() -> None:
    with pytest.raises(ConfigurationError, match="no JWTMiddleware stands in front"):
        Client().get("/clerk", headers=bearer())


def test_public_with_require_is_a_mistake() -> None:
    with pytest.raises(ConfigurationError, match="keep one of the two"):
        public(require(role("clerk"))(lambda request: HttpResponse()))


def test_require_takes_no_class_without_dispatch() -> None:
    with pytest.raises(ConfigurationError, match="no dispatch"):
        require(role("clerk"))(type("NoView", (), {}))


@pytest.mark.parametrize("path", ["/permitted", "/permitted-class", "/tested-class"])
def test_djangos_own_permission_checks_work(call: Call, path: str) -> None:
    assert call(path, bearer(permissions=["orders.close"])).content == b"alice"
    assert call(path, bearer()).status_code == 403


def test_login_required_works(call: Call) -> None:
    assert call("/logged-in", bearer()).content == b"alice"


@override_settings(
    MIDDLEWARE=["jwt_middleware.django.JWTMiddleware", "django.contrib.auth.middleware.LoginRequiredMiddleware"]
)
def test_login_required_middleware_works(call: Call) -> None:
    assert call("/private", bearer()).content == b"alice"
    refused_before = call("/private")
    assert refused_before.status_code == 401
    assert call("/public").status_code == 302  # its own redirect to the login page


@pytest.mark.django_db  # Django closes old connections when a response ends
def test_streams_see_their_caller_to_the_last_byte() -> None:
    answer: Any = Client().get("/stream", headers=bearer())
    assert b"".join(answer.streaming_content) == b"alice;alice;alice;"
    answer.close()
    assert current_passage() is None


def test_async_streams_see_their_caller_to_the_last_byte() -> None:
    async def read() -> bytes:
        answer: Any = await AsyncClient().get("/async-stream", headers=bearer())
        return b"".join([chunk async for chunk in answer.streaming_content])

    assert asyncio.run(read()) == b"alice;alice;alice;"


def test_a_thread_that_serves_somebody_else_forgets_the_caller_before() -> None:
    client = Client()
    client.get("/stream", headers=bearer())  # its body is never read, so nothing tells that it ended
    assert client.get("/public").content == b"anonymous"
    assert current_passage() is None


@override_settings(JWT_MIDDLEWARE={**GUARD, "GUARDED_PATHS": ["/stream"]})
@pytest.mark.django_db
def test_a_caller_left_behind_is_not_seen_outside_of_guarded_paths() -> None:
    client = Client()
    unread = client.get("/stream", headers=bearer())
    with pytest.raises(ConfigurationError, match="no JWTMiddleware stands in front"):
        client.get("/clerk")
    unread.close()


def test_no_request_hops_to_a_thread_because_of_the_door(monkeypatch: pytest.MonkeyPatch) -> None:
    hops: list[str] = []
    hop = asgiref.sync.SyncToAsync.__call__

    async def counting(self: Any, *args: Any, **kwargs: Any) -> Any:
        hops.append(getattr(self.func, "__qualname__", repr(self.func)))
        return await hop(self, *args, **kwargs)

    monkeypatch.setattr(asgiref.sync.SyncToAsync, "__call__", counting)

    def count(middleware: list[str], headers: dict[str, str]) -> list[str]:
        hops.clear()
        with override_settings(MIDDLEWARE=middleware, ROOT_URLCONF="tests.django.bare_urls"):
            assert asyncio.run(AsyncClient().get("/", headers=headers)).status_code == 200
        return sorted(hops)

    headers = bearer()
    without = count([], headers)
    door = ["jwt_middleware.django.JWTMiddleware"]
    assert count(door, headers) == without, "cold"
    assert count(door, headers) == without, "warm"
    assert count(door, {}) == without, "public"


def test_sync_and_async_are_chosen_by_what_stands_inside() -> None:
    async def inside(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    assert asgiref.sync.iscoroutinefunction(JWTMiddleware(inside))
    assert asgiref.sync.iscoroutinefunction(JWTMiddleware(inside).process_view)
    assert not asgiref.sync.iscoroutinefunction(JWTMiddleware(lambda request: HttpResponse()))


@pytest.mark.django_db  # Django closes old connections when a response ends
def test_principal_hangs_where_django_people_look() -> None:
    def view(request: Any) -> HttpResponse:
        assert request.user is request.principal
        assert asyncio.run(request.auser()) is request.principal
        return HttpResponse(request.user.get_username())

    request = RequestFactory().get("/", headers=bearer())
    answer: Any = JWTMiddleware(view)(request)
    assert answer.content == b"alice"
    answer.close()


def test_anonymous_is_no_user() -> None:
    assert not ANONYMOUS.is_authenticated
    assert ANONYMOUS.is_anonymous
