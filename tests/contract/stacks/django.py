"""Django's own handlers: sync views under WSGI, async views under ASGI, and sync views under ASGI."""

import functools
import os
import sys
import warnings
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from copy import copy
from types import ModuleType
from typing import Any

import django
from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import got_request_exception, request_finished, request_started
from django.db import close_old_connections
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import override_settings
from django.urls import include, path
from django.views import View
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods
from django.views.static import serve

import jwt_middleware.django as door
from jwt_middleware import Forbidden, role

from ..exchange import Answer, Exchange, send_asgi, send_wsgi
from ..routes import OWN_401, PUBLIC_PATHS, ROUTES, UNGUARDED_PATHS, Route, Variant
from ..table import Stack
from . import starlette

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.django_settings")
django.setup()  # REST framework, which another stack imports, reads settings while it is imported

Act = Callable[[Any], Any]
OUTSIDE = (
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
)


class Inside:
    """A middleware that hands on, in both worlds."""

    sync_capable = async_capable = True

    def __init__(self, get_response: Callable[[Any], Any]) -> None:
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: Any) -> Any:
        return self.get_response(request)


class Rewriting(Inside):
    """Changes what is asked, in place or in a copy."""

    def __call__(self, request: Any) -> Any:
        if "X-Rewrite-Copy" in request.headers:
            request = copy(request)
        rewritten = request.headers.get("X-Rewrite") or request.headers.get("X-Rewrite-Copy")
        request.path_info = rewritten or request.path_info
        request.method = request.headers.get("X-Method", request.method)
        return self.get_response(request)


class Hosts(Inside):
    """Switches the urlconf, as sites with several hosts do."""

    def __call__(self, request: Any) -> Any:
        if request.get_host() == "open.example":
            request.urlconf = settings.URLCONF_OF_OPEN_EXAMPLE
        return self.get_response(request)


class CatchAll(Inside):
    """Turns every exception that a view lets out into an answer of its own."""

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse:
        return HttpResponse("caught", status=418)


def urlconf(*patterns: Any) -> ModuleType:
    module = ModuleType("contract_urls")
    module.urlpatterns = list(patterns)  # type: ignore[attr-defined]  # what Django looks for
    return module


def view_of(act: Act, *, awaited: bool, methods: tuple[str, ...] = ("GET",)) -> Callable[..., Any]:
    def view(request: HttpRequest, **_: Any) -> Any:
        return act(request)

    async def awaited_view(request: HttpRequest, **_: Any) -> Any:
        return act(request)

    allowed = [*methods, *(["HEAD"] if "GET" in methods else [])]
    return require_http_methods(allowed)(awaited_view if awaited else view)


def acting(route: Route, variant: Variant, *, asgi: bool) -> Act:
    def act(request: HttpRequest) -> Any:
        native = getattr(request, "principal", None)
        assert native is None or native is request.user
        seen = variant.act(route, native, door.demand)
        if route.does == "own-401":
            return HttpResponse("own", status=401, headers=dict(OWN_401))
        if route.does == "stream":
            return StreamingHttpResponse(awaited_chunks(variant) if asgi else variant.chunks())
        return HttpResponse(request.body if route.does == "echo" else seen)

    return act


async def awaited_chunks(variant: Variant) -> AsyncIterator[bytes]:
    for chunk in variant.chunks():
        yield chunk


def patterns_of(variant: Variant, *, awaited: bool, asgi: bool) -> list[Any]:
    patterns = []
    for route in ROUTES:
        view = view_of(acting(route, variant, asgi=asgi), awaited=awaited, methods=route.methods)
        view = door.require(*route.requires)(view) if route.requires else view
        view = getattr(door, route.mark)(csrf_exempt(view)) if route.mark else view
        patterns.append(path(route.path[1:].replace("{", "<str:").replace("}", ">"), view))
    return patterns


def noting(variant: Variant, name: str, *, awaited: bool) -> Any:
    return view_of(lambda request: HttpResponse(variant.note(name, request.principal)), awaited=awaited)


def special_patterns(variant: Variant, *, awaited: bool) -> list[Any]:
    def note(name: str) -> Any:
        return noting(variant, name, awaited=awaited)

    def forbids(request: Any) -> Any:
        variant.note("/mounted/forbids", request.principal)
        raise Forbidden(missing=("a good reason",))

    def lost(request: HttpRequest) -> Any:
        return door.public(noting(variant, "/lost-mark", awaited=False))(request)

    mounted = [
        path("public", door.public(note("/mounted/public"))),
        path("private", note("/mounted/private")),
        path("clerk", door.require(role("clerk"))(note("/mounted/clerk"))),
        path("forbids", view_of(forbids, awaited=awaited)),
    ]
    return [
        path("item/<int:number>", door.public(note("/item number"))),
        path("item/<str:text>", note("/item text")),
        path("by-host", note("/by-host")),
        path("lost-mark", lost),
        path("slash/", door.public(note("/slash/"))),
        path("static/<path:path>", serve, {"document_root": starlette.static_folder()}),
        path("mounted/", include((mounted, "mounted"))),
    ]


def class_patterns(variant: Variant, *, awaited: bool) -> list[Any]:
    def method(name: str) -> Any:
        def run(self: View, request: Any) -> Any:
            return HttpResponse(variant.note(name, request.principal))

        async def run_awaited(self: View, request: Any) -> Any:
            return run(self, request)

        return run_awaited if awaited else run

    public_class = door.public(type("PublicClass", (View,), {"get": method("/public-class")}))
    views: dict[str, Any] = {
        "public-class": public_class,
        "subclass": type("Subclass", (public_class,), {}),
        "required-class": door.require(role("clerk"))(
            type("RequiredClass", (View,), {"get": method("/required-class")})
        ),
    }
    for name in ("by-method", "method-class"):
        methods = {"get": door.public(method(f"/{name} GET")), "post": method(f"/{name} POST")}
        views[name] = type("MethodClass", (View,), methods)
    return [path(name, cls.as_view()) for name, cls in views.items()]


def settings_of(variant: Variant, patterns: list[Any], open_patterns: list[Any]) -> dict[str, Any]:
    here = f"{__name__}."
    ours = {
        "GUARD": variant.guard,
        "PUBLIC_PATHS": PUBLIC_PATHS,
        "UNGUARDED_PATHS": UNGUARDED_PATHS,
        "GUARDED_PATHS": variant.guarded_paths,
    }
    return {
        "ALLOWED_HOSTS": ["testserver", "open.example"],
        "ROOT_URLCONF": urlconf(*patterns),
        "URLCONF_OF_OPEN_EXAMPLE": urlconf(*open_patterns),
        "MIDDLEWARE": [
            *OUTSIDE,
            *([f"{here}CatchAll"] if variant.catch_all else []),
            *(["jwt_middleware.django.JWTMiddleware"] if variant.guard is not None else []),
            f"{here}Rewriting",
            f"{here}Hosts",
        ],
        "JWT_MIDDLEWARE": ours if variant.guard is not None else {},
    }


def build(variant: Variant, *, awaited: bool, asgi: bool) -> Callable[[Exchange], Answer]:
    patterns = [
        *patterns_of(variant, awaited=awaited, asgi=asgi),
        *special_patterns(variant, awaited=awaited),
        *class_patterns(variant, awaited=awaited),
    ]
    elsewhere = [path("by-host", door.public(noting(variant, "/by-host open", awaited=awaited)))]
    return handled(settings_of(variant, patterns, elsewhere), asgi=asgi)


def handled(site: dict[str, Any], *, asgi: bool) -> Callable[[Exchange], Answer]:
    """Send through Django's handler. What its 500 stands for becomes the error of the answer."""
    with override_settings(**site):
        handler: Any = ASGIHandler() if asgi else WSGIHandler()

    def send(exchange: Exchange) -> Answer:
        raised: list[BaseException | None] = []

        def note(**_: Any) -> None:
            raised.append(sys.exc_info()[1])

        got_request_exception.connect(note)
        try:
            with override_settings(**site):
                answer = send_asgi(handler, exchange) if asgi else send_wsgi(handler, exchange)
        finally:
            got_request_exception.disconnect(note)
        answer.error = next(iter(raised), answer.error)
        return answer

    return send


@contextmanager
def around() -> Iterator[None]:
    """Let no request close the connections of other tests in this process, as Django's own test client does."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "StreamingHttpResponse must consume")  # static files under ASGI
            yield
    finally:
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)


NO_CHANNELS = "Django's ASGI handler takes HTTP alone"
LACKS = {
    "docs": "it has no documentation routes",
    "generators": "a view answers with a response; what streams is its body",
    "own CSRF check": "Django's own is asked instead, in the row of the framework's",
    "route decorators": "views are named in urlpatterns, not by a decorator",
    "foreign mount": "include() takes URLs, not applications",
    "layered mount": "include() takes URLs, not applications",
    "websocket": NO_CHANNELS,
    "websocket marks": NO_CHANNELS,
    "lifespan": NO_CHANNELS,
}
STACKS = tuple(
    Stack(name, door.__name__, functools.partial(build, awaited=awaited, asgi=asgi), LACKS, around=around)
    for name, awaited, asgi in (
        ("Django, sync views", False, False),
        ("Django, async views", True, True),
        ("Django, sync views under ASGI", False, True),
    )
)
