"""Django REST framework: behind the middleware, under WSGI and ASGI, and by itself."""

import functools
from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from django.urls import include, path
from django.views.static import serve
from drf_spectacular.views import SpectacularAPIView, SpectacularRedocView, SpectacularSwaggerView
from rest_framework.decorators import api_view, permission_classes, renderer_classes
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import ViewSet

import jwt_middleware.drf as door
from jwt_middleware import Forbidden, authenticated, role

from ..exchange import Answer, Exchange
from ..routes import OWN_401, ROUTES, UNGUARDED_PATHS, Route, Variant
from ..table import Stack
from . import django, starlette

Act = Callable[[Request], Any]
View = Callable[..., Any]


class PlainText(BaseRenderer):
    """Answers that read like those of the other stacks."""

    media_type = "text/plain"
    format = "txt"

    def render(self, data: Any, *_: Any) -> bytes:
        return data if isinstance(data, bytes) else str(data).encode()


def caught(exception: Exception, context: Mapping[str, Any]) -> HttpResponse:
    """A handler of every exception, as projects write it."""
    return door.refusal_answer(exception, context) or Response("caught", 418)


def view_of(
    act: Act, *permissions: Any, methods: tuple[str, ...] = ("GET",), below: Callable[[View], View] = lambda view: view
) -> View:
    def view(request: Request, **_: Any) -> Any:
        return act(request)

    for wrap in (below, renderer_classes([PlainText]), permission_classes(permissions)):
        view = wrap(view)
    return api_view([*methods, *(["HEAD"] if "GET" in methods else [])])(view)


def requiring_view(act: Act, requires: tuple[Any, ...], methods: tuple[str, ...], way: int) -> View:
    """In each way in which REST framework's people may write it."""
    required = door.require(*requires)
    if way == 0:
        return view_of(act, required, methods=methods)
    return required(view_of(act, methods=methods)) if way == 1 else view_of(act, methods=methods, below=required)


def acting(route: Route, variant: Variant, *, asgi: bool = False) -> Act:
    def act(request: Request) -> Any:
        seen = variant.act(route, request.auth, door.demand)
        if route.does == "own-401":
            return Response("own", 401, headers=dict(OWN_401))
        if route.does == "stream":
            return StreamingHttpResponse(django.awaited_chunks(variant) if asgi else variant.chunks())
        return Response(request.body if route.does == "echo" else seen)

    return act


def noting(variant: Variant, name: str) -> Act:
    return lambda request: Response(variant.note(name, request.auth))


def patterns_of(variant: Variant, *default: Any, asgi: bool) -> list[Any]:
    patterns = []
    for index, route in enumerate(ROUTES):
        act = acting(route, variant, asgi=asgi)
        if route.requires:
            view = requiring_view(act, route.requires, route.methods, index % 3)
        elif route.mark:
            view = getattr(door, route.mark)(view_of(act, methods=route.methods))
        else:
            view = view_of(act, *default, methods=route.methods)
        patterns.append(path(route.path[1:].replace("{", "<str:").replace("}", ">"), view))
    return patterns


def special_patterns(variant: Variant, *default: Any) -> list[Any]:
    def private(name: str) -> View:
        return view_of(noting(variant, name), *default)

    def public(name: str) -> View:
        return door.public(view_of(noting(variant, name)))

    def forbids(request: Request) -> Any:
        variant.note("/mounted/forbids", request.auth)
        raise Forbidden(missing=("a good reason",))

    def lost(request: Any) -> Any:
        return door.public(view_of(noting(variant, "/lost-mark"), *default))(request)

    mounted = [
        path("public", public("/mounted/public")),
        path("private", private("/mounted/private")),
        path("clerk", requiring_view(noting(variant, "/mounted/clerk"), (role("clerk"),), ("GET",), 2)),
        path("forbids", view_of(forbids, *default)),
    ]
    return [
        path("item/<int:number>", public("/item number")),
        path("item/<str:text>", private("/item text")),
        path("by-host", private("/by-host")),
        path("lost-mark", lost),
        path("slash/", public("/slash/")),
        path("static/<path:path>", serve, {"document_root": starlette.static_folder()}),
        path("mounted/", include((mounted, "mounted"))),
        path("openapi.json", SpectacularAPIView.as_view(patterns=[]), name="schema"),
        path("docs", SpectacularSwaggerView.as_view()),
        path("redoc", SpectacularRedocView.as_view()),
    ]


def class_patterns(variant: Variant, *default: Any) -> list[Any]:
    class Noting(APIView):
        renderer_classes = [PlainText]
        permission_classes: Any = []
        name = ""

        def get(self, request: Request) -> Response:
            return Response(variant.note(self.name, request.auth))

    class PublicClass(Noting):
        name = "/public-class"

    class MethodClass(Noting):
        permission_classes = [door.HasRequirement]
        requirements = {"post": authenticated}
        name = "/method-class GET"
        get = door.public(lambda self, request: Noting.get(self, request))

        def post(self, request: Request) -> Response:
            return Response(variant.note("/method-class POST", request.auth))

    class ByMethod(ViewSet):
        renderer_classes = [PlainText]
        permission_classes = [door.HasRequirement]
        requirements = {"create": authenticated}

        @door.public
        def list(self, request: Request) -> Response:
            return Response(variant.note("/by-method GET", request.auth))

        def create(self, request: Request) -> Response:
            return Response(variant.note("/by-method POST", request.auth))

    class RequiredClass(Noting):
        name = "/required-class"

    subclass: Any = type("Subclass", (door.public(PublicClass),), {"permission_classes": default})
    return [
        path("public-class", PublicClass.as_view()),
        path("subclass", subclass.as_view()),
        path("method-class", MethodClass.as_view()),
        path("by-method", ByMethod.as_view({"get": "list", "post": "create"})),
        path("required-class", door.require(role("clerk"))(RequiredClass).as_view()),
    ]


def patterns_without_permissions(variant: Variant) -> list[Any]:
    """Where no middleware asks for anybody, an open path is a view that asks for nothing."""

    class GetOnly(APIView):
        renderer_classes = [PlainText]
        permission_classes = [door.HasRequirement]
        requirements = {"post": authenticated}

        @door.public
        def get(self, request: Request) -> Response:
            return Response(variant.note("/get-only-path", request.auth))

        def post(self, request: Request) -> Response:
            return Response(variant.note("/get-only-path", request.auth))

    open_paths = (*UNGUARDED_PATHS, "/public-path", "/files/one")
    return [
        *(path(route.path[1:], view_of(acting(route, variant))) for route in ROUTES if route.path in open_paths),
        path("get-only-path", GetOnly.as_view()),
    ]


def build(variant: Variant, *, asgi: bool = False, alone: bool = False) -> Callable[[Exchange], Answer]:
    default = (door.require(authenticated),) if alone else ()
    patterns = [
        *(patterns_without_permissions(variant) if alone else []),
        *patterns_of(variant, *default, asgi=asgi),
        *special_patterns(variant, *default),
        *class_patterns(variant, *default),
    ]
    elsewhere = [path("by-host", door.public(view_of(noting(variant, "/by-host open"))))]
    site = django.settings_of(variant, patterns, elsewhere)
    handler = f"{__name__}.caught" if variant.catch_all else "jwt_middleware.drf.refusal_answer" if alone else None
    if handler is not None:
        site["REST_FRAMEWORK"] = {"EXCEPTION_HANDLER": handler}
    if alone:
        site["MIDDLEWARE"] = [each for each in site["MIDDLEWARE"] if not each.startswith("jwt_middleware")]
    return django.handled(site, asgi=asgi)


LACKS = {
    **{need: reason for need, reason in django.LACKS.items() if need != "docs"},
    "guarded paths": "outside of them its views ask by themselves",
    "require": "its views may stand behind no middleware: see REST framework alone",
    "route decorators": "require stands above or below @api_view",
}
NOTHING_IN_FRONT = "nothing stands in front: only its own views ask"
LACKS_ALONE = {**LACKS, **dict.fromkeys(("in front", "redirect", "static", "docs"), NOTHING_IN_FRONT)}
STACKS = tuple(
    Stack(name, door.__name__, built, lacks, around=django.around)
    for name, built, lacks in (
        ("Django REST framework", build, LACKS),
        ("Django REST framework under ASGI", functools.partial(build, asgi=True), LACKS),
        ("Django REST framework alone", functools.partial(build, alone=True), LACKS_ALONE),
    )
)
