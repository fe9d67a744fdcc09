"""Which marks count, and what tries in vain to use one for another view, another path or another method."""

from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from django.urls import include, path, re_path
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from jwt_middleware.django import public
from tests import tokens
from tests.django import urls
from tests.django.callers import Call, bearer, refused
from tests.django.inside import DOOR, behind

GUARD = {"GUARD": "tests.django_guard.guard"}


class Items(View):
    """Anybody may add one, and nobody without a token may remove one."""

    @public
    def post(self, request: HttpRequest) -> HttpResponse:
        urls.ran.append("post")
        return HttpResponse("added")

    def delete(self, request: HttpRequest) -> HttpResponse:
        urls.ran.append("delete")
        return HttpResponse("removed")


@public
def dispatching(request: HttpRequest) -> Any:
    """Gives the request to the whole site once more, under another path."""
    request.path_info = "/private"
    return WSGIHandler().get_response(request)


@pytest.fixture(autouse=True)
def site() -> Iterator[None]:
    with override_settings(ROOT_URLCONF=SITE):
        yield


SITE = ModuleType("site_of_marks")
SITE.urlpatterns = [  # type: ignore[attr-defined]  # Django's name
    path("items", csrf_exempt(Items.as_view())),
    path("dispatching", dispatching),
    re_path(r"^guarded$", urls.private),
    path("", include("tests.django.urls")),
]


# A path that is rewritten


@pytest.mark.parametrize("name", ["Path", "Copy", "Anew"])
@pytest.mark.parametrize(
    ("settings", "asked"),
    [
        ({}, "/public"),
        ({"PUBLIC_PATHS": ["/open"]}, "/open"),
        ({"UNGUARDED_PATHS": ["/open"]}, "/open"),
        ({"GUARDED_PATHS": ["/private"]}, "/open"),
    ],
    ids=["of a public view", "public", "unguarded", "outside of guarded paths"],
)
def test_path_that_leads_elsewhere_opens_nothing_there(
    call: Call, name: str, settings: dict[str, Any], asked: str
) -> None:
    elsewhere = {"X-Path": "/private"}
    with override_settings(JWT_MIDDLEWARE={**GUARD, **settings}, **behind(name)):
        refused(call(asked, elsewhere), 401, "token_missing")
        refused(call(asked, {**elsewhere, **bearer(exp=1)}), 401, "token_expired")
        answer = call(asked, {**elsewhere, **bearer()})
    assert (answer.status_code, answer.content, urls.ran) == (200, b"alice", ["alice"])


@pytest.mark.parametrize("settings", [{"PUBLIC_PATHS": ["/private"]}, {"UNGUARDED_PATHS": ["/private"]}])
@override_settings(**behind("Path"))
def test_path_that_leads_to_an_open_one_is_open(call: Call, settings: dict[str, Any]) -> None:
    with override_settings(JWT_MIDDLEWARE={**GUARD, **settings}):
        assert call("/elsewhere", {"X-Path": "/private"}).content == b"anonymous"


@override_settings(**behind("Urlconf"))
def test_switched_urlconf_is_judged_by_the_view_that_it_leads_to(call: Call) -> None:
    refused(call("/public", {"X-Private": "yes"}), 401, "token_missing")
    assert call("/public").content == b"anonymous"


def test_public_view_that_dispatches_the_request_again_opens_no_other() -> None:
    from tests.django.callers import send

    urls.ran.clear()
    refused(send("/dispatching"), 401, "token_missing")
    assert send("/dispatching", bearer()).content == b"alice"


def test_newline_at_the_end_is_no_way_around_a_guarded_path(call: Call) -> None:
    with override_settings(JWT_MIDDLEWARE={**GUARD, "GUARDED_PATHS": ["/guarded"]}):
        refused(call("/guarded%0A"), 401, "token_missing")


# A method that is overridden


OVERRIDE = {"X-HTTP-Method-Override": "DELETE"}


def test_method_that_is_overridden_before_the_view_is_known_is_the_one_that_is_judged(call: Call) -> None:
    with override_settings(**behind("Method")):
        assert call("/items", method="POST").content == b"added"
        urls.ran.clear()
        refused(call("/items", OVERRIDE, "POST"), 401, "token_missing")
        assert call("/items", {**OVERRIDE, **bearer()}, "POST").content == b"removed"


def test_method_that_a_mark_has_opened_is_not_overridden_any_more(call: Call) -> None:
    with override_settings(**behind("LateMethod")):
        assert call("/items", OVERRIDE, "POST").content == b"added"
        assert urls.ran == ["post"]
        assert call("/items", {**OVERRIDE, **bearer()}, "POST").content == b"removed"


def test_path_that_is_public_for_one_method_is_so_for_the_one_that_runs(call: Call) -> None:
    opened = {**GUARD, "PUBLIC_PATHS": [("GET", "/private")]}
    with override_settings(JWT_MIDDLEWARE=opened, **behind("Method")):
        refused(call("/private", OVERRIDE), 401, "token_missing")
        assert call("/private").content == b"anonymous"


COOKIES = {"cookies": {"session_token": tokens.mint()}}


@pytest.mark.parametrize("name", ["Method", "LateMethod"])
def test_cookie_that_needed_no_proof_needs_it_for_the_method_that_runs(call: Call, name: str) -> None:
    with override_settings(JWT_MIDDLEWARE={"GUARD": "tests.django_guard.cookie_guard"}, **behind(name)):
        answer = call("/items", OVERRIDE, "GET", **COOKIES)
        if name == "Method":
            refused(answer, 403, "csrf_failed")
        assert urls.ran == []
        assert call("/private", **COOKIES).content == b"alice"


# A preflight


PREFLIGHT = {"Origin": "https://app.example", "Access-Control-Request-Method": "GET"}


@pytest.mark.parametrize("asked", ["/private", "/async-private", "/clerk", "/by-method", "/admin-class", "/whoami"])
def test_preflight_runs_no_view(call: Call, asked: str) -> None:
    answer = call(asked, PREFLIGHT, "OPTIONS")
    assert (answer.status_code, answer.content, urls.ran) == (204, b"", [])
    refused(call(asked, {**PREFLIGHT, **bearer(exp=1)}, "OPTIONS"), 401, "token_expired")
    refused(call(asked, {"Origin": "https://app.example"}, "OPTIONS"), 401, "token_missing")


def test_preflight_runs_a_view_that_is_marked(call: Call) -> None:
    assert call("/public", PREFLIGHT, "OPTIONS").content == b"anonymous"
    assert call("/public-class", PREFLIGHT, "OPTIONS")["Allow"] == "GET, HEAD, OPTIONS"


def test_preflight_to_an_unknown_path_is_the_frameworks(call: Call) -> None:
    assert call("/nowhere", PREFLIGHT, "OPTIONS").status_code == 404
    refused(call("/nowhere", {**PREFLIGHT, **bearer(exp=1)}, "OPTIONS"), 401, "token_expired")


@override_settings(**behind("Answering"))
def test_preflight_that_a_cors_middleware_further_in_answers_is_answered(call: Call) -> None:
    answer = call("/private", {**PREFLIGHT, "Access-Control-Allow-Origin": "*"}, "OPTIONS")
    assert (answer.status_code, answer["Access-Control-Allow-Origin"]) == (200, "*")
    assert call("/private", {**PREFLIGHT, "X-Status": "405"}, "OPTIONS").status_code == 405
    other = call("/private", {**PREFLIGHT, "X-Theirs": "yes"}, "OPTIONS")
    assert (other.status_code, other.content, other.has_header("X-Theirs")) == (204, b"", False)


# What answers before the view is asked


def test_answer_of_a_middleware_further_out_is_its_own_on_a_public_view_only(call: Call) -> None:
    answer = call("/public", method="POST")
    assert (answer.status_code, answer["Content-Type"]) == (403, "text/html; charset=utf-8")
    assert b"CSRF" in answer.content
    refused(call("/private", method="POST"), 401, "token_missing")
    refused(call("/public", bearer(exp=1), method="POST"), 401, "token_expired")


@override_settings(MIDDLEWARE=[DOOR, DOOR])
def test_door_that_is_listed_twice_guards_as_one(call: Call) -> None:
    refused(call("/private"), 401, "token_missing")
    refused(call("/nowhere"), 401, "token_missing")
    assert call("/public").content == b"anonymous"
    assert call("/private", bearer()).content == b"alice"
