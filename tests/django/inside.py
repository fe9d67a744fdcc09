"""Middlewares that stand behind the door and change what is asked, or answer by themselves."""

from collections.abc import Callable
from copy import copy
from types import ModuleType
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.core.handlers.asgi import ASGIRequest
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse

from tests.django import urls

DOOR = "jwt_middleware.django.JWTMiddleware"


def behind(name: str) -> dict[str, list[str]]:
    """The settings of a site with one of these behind the door."""
    return {"MIDDLEWARE": [DOOR, f"{__name__}.{name}"]}


class Inside:
    """Hands on, in both worlds."""

    sync_capable = async_capable = True

    def __init__(self, get_response: Callable[[Any], Any]) -> None:
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: Any) -> Any:
        return self.get_response(request)


class Path(Inside):
    """Leads a request elsewhere."""

    def __call__(self, request: Any) -> Any:
        request.path_info = request.headers.get("X-Path", request.path_info)
        return self.get_response(request)


class Copy(Inside):
    """Leads a copy of the request elsewhere."""

    def __call__(self, request: Any) -> Any:
        copied = copy(request)
        copied.path_info = request.headers.get("X-Path", request.path_info)
        return self.get_response(copied)


class Anew(Inside):
    """Makes a request of its own, which knows nothing of the first one."""

    def __call__(self, request: Any) -> Any:
        path = request.headers.get("X-Path", request.path_info)
        if isinstance(request, WSGIRequest):
            made: HttpRequest = WSGIRequest({**request.environ, "PATH_INFO": path})
        else:
            made = ASGIRequest({**request.scope, "path": path}, request._stream)
        return self.get_response(made)


class Method(Inside):
    """Overrides the method before the view is chosen."""

    def __call__(self, request: Any) -> Any:
        request.method = request.headers.get("X-HTTP-Method-Override", request.method)
        return self.get_response(request)


class LateMethod(Inside):
    """Overrides the method when the view is known, as one does that has to look at the body."""

    def process_view(self, request: Any, view: Any, args: Any, kwargs: Any) -> None:
        request.method = request.headers.get("X-HTTP-Method-Override", request.method)


class Urlconf(Inside):
    """Switches the urlconf, as sites with several hosts do."""

    def __call__(self, request: Any) -> Any:
        if "X-Private" in request.headers:
            switched = ModuleType("switched")
            switched.urlpatterns = [urls.path("public", urls.private)]  # type: ignore[attr-defined]  # Django's name
            request.urlconf = switched
        return self.get_response(request)


class Answering(Inside):
    """Answers by itself, as LocaleMiddleware may."""

    def __call__(self, request: Any) -> Any:
        names = ("Access-Control-Allow-Origin", "X-Theirs")
        headers = {name: request.headers[name] for name in names if name in request.headers}
        answer = HttpResponse("secret", status=int(request.headers.get("X-Status", "200")), headers=headers)

        async def awaited() -> HttpResponse:
            return answer

        return awaited() if iscoroutinefunction(self) else answer
