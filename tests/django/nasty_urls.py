"""A Django site with everything that makes a route map lie."""

import functools
from collections.abc import Callable
from typing import Any

from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import include, path, re_path, register_converter
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_safe
from django.views.generic import RedirectView

from jwt_middleware import authenticated, claim, group, permission, role, scope
from jwt_middleware import path as parameter
from jwt_middleware.django import public, require, unguarded

ran: list[str] = []


def named(name: str, *decorators: Callable[[Any], Any], wait: bool = False) -> Any:
    def view(request: HttpRequest, **values: Any) -> HttpResponse:
        ran.append(name)
        return HttpResponse(name)

    async def aview(request: HttpRequest, **values: Any) -> HttpResponse:
        return view(request)

    chosen: Any = aview if wait else view
    chosen.__qualname__ = chosen.__name__ = name
    for each in decorators:
        chosen = each(chosen)
    return chosen


class Things(View):
    @public
    def get(self, request: HttpRequest) -> HttpResponse:
        ran.append("Things")
        return HttpResponse("things")

    @require(scope("a"))
    def post(self, request: HttpRequest) -> HttpResponse:
        return self.get(request)

    def delete(self, request: HttpRequest) -> HttpResponse:
        return self.get(request)


class Heir(Things):
    """Inherits methods, and no mark."""

    def get(self, request: HttpRequest) -> HttpResponse:
        ran.append("Heir")
        return HttpResponse("heir")


@require(role("r") | scope("b"))
class Guarded(View):
    http_method_names = ["get", "put", "options"]

    def get(self, request: HttpRequest) -> HttpResponse:
        ran.append("Guarded")
        return HttpResponse("guarded")

    @require(~group("g"))
    def put(self, request: HttpRequest) -> HttpResponse:
        return self.get(request)

    def options(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.get(request)


@method_decorator(require(permission("p")), name="dispatch")
class Dispatched(View):
    def get(self, request: HttpRequest) -> HttpResponse:
        ran.append("Dispatched")
        return HttpResponse("dispatched")


class Unusual(View):
    http_method_names = ["get", "head", "trace", "purge"]

    def get(self, request: HttpRequest) -> HttpResponse:
        ran.append("Unusual")
        return HttpResponse("unusual")

    def purge(self, request: HttpRequest) -> HttpResponse:
        return self.get(request)

    @require(scope("a"))
    def head(self, request: HttpRequest) -> HttpResponse:
        return self.get(request)

    @require(role("r"))
    def trace(self, request: HttpRequest) -> HttpResponse:
        return self.get(request)

    def post(self, request: HttpRequest) -> HttpResponse:
        return self.get(request)


class Dispatching(View):
    """Takes whatever comes."""

    def dispatch(self, request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
        ran.append("Dispatching")
        return HttpResponse("dispatching")


class Instance:
    def __call__(self, request: HttpRequest) -> HttpResponse:
        ran.append("Instance")
        return HttpResponse("instance")


class Coloured:
    regex = "red|blue|ab"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(Coloured, "colour")

inner = [
    path("needs", named("inner_needs", require(permission("p") | group("g"))), name="needs"),
    path("of/<slug:tenant>", named("inner_of", require(claim("tenant", parameter("tenant"))))),
    re_path(r"^year/(?P<year>[0-9]{4})/$", named("inner_year", public)),
]

urlpatterns = [
    path("", named("home")),
    path("health", named("health", public, require_GET)),
    path("login", named("login", csrf_exempt, unguarded)),
    path("any", named("any_genuine", require(authenticated))),
    path("only", named("only", require(scope("a")), require_http_methods(["GET", "POST"]))),
    path("awaited", named("awaited", require(scope("a"), role("r")), wait=True)),
    path("items/<slug:name>", named("item", public)),
    path("items/secret", named("secret", require(role("r")))),
    path("numbers/<int:number>", named("number", require(~role("r")))),
    path("colours/<colour:which>", named("colour", public)),
    path("things", csrf_exempt(Things.as_view())),
    path("heir", Heir.as_view()),
    path("guarded", Guarded.as_view()),
    path("dispatched", Dispatched.as_view()),
    *i18n_patterns(
        path("about", named("about", public)),
        path("about/us", named("about_us", require(scope("a")))),
        prefix_default_language=False,
    ),
    path("unusual", csrf_exempt(Unusual.as_view())),
    path("only-post", csrf_exempt(Things.as_view(http_method_names=["post"]))),
    path("dispatching", csrf_exempt(Dispatching.as_view())),
    path("instance", csrf_exempt(Instance())),
    path("partial", functools.partial(named("partial", public))),
    path("safe", named("safe", public, require_safe)),
    path("slash/", named("slash", public)),
    path("two/<int:a>-<slug:b>/<path:c>/end", named("two", public)),
    path("same/", include([path("x", named("same", require(scope("a"))))])),
    path("same/", include([path("x", named("same_late", public)), path("y", named("same_after", public))])),
    re_path(r"^optional(?:/(?P<page>[0-9]+))?/?$", named("optional", public)),
    re_path(r"^beginning/", named("beginning", public)),
    re_path(r"^either/(a|b)/(?P<x>foo|bar)$", named("either", require(scope("a")))),
    re_path(r"^look/(?!secret)(?P<x>\w+)$", named("look", public)),
    re_path(r"^(?i:any-case)/$", named("any_case", require(scope("a")))),
    re_path(
        r"^of/(?P<tenant>[a-z-]+)/", include([path("x", named("of", require(claim("tenant", parameter("tenant")))))])
    ),
    path("moved", RedirectView.as_view(url="/health")),
    path("api/", include((inner, "api"), namespace="first")),
    path("again/<str:version>/", include((inner, "api"), namespace="second")),
    path("admin/", admin.site.urls),
    path("by-path", named("by_path")),
    path("by-path-shut", named("by_path_shut", require(scope("a")))),
    re_path(r"^rest/(?P<rest>.+)$", named("rest", require(group("g")))),
]
