"""Django and REST framework: a middleware by hand, an authentication package, and ours."""

import logging
from collections.abc import Awaitable, Callable, Iterable
from datetime import timedelta
from io import BytesIO
from types import ModuleType
from typing import Any

import django
import jwt
from asgiref.sync import markcoroutinefunction
from django.conf import settings
from django.core.handlers.asgi import ASGIRequest
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from django.urls import path

from .. import ours
from ..samples import AUDIENCE, ISSUER, verifying_pem
from .by_hand import ALGORITHM, decoded
from .driven import http_scope

App = Callable[..., Iterable[bytes]]
urls = ModuleType("benchmarked_urls")


def ready() -> None:
    """Set Django up; once in a process."""
    if settings.configured:
        return
    settings.configure(
        SECRET_KEY="not a secret",
        ALLOWED_HOSTS=["testserver"],
        ROOT_URLCONF=urls,
        INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "rest_framework"],
        MIDDLEWARE=[],
        USE_TZ=True,
        LOGGING_CONFIG=None,
        JWT_MIDDLEWARE={"GUARD": ours.guard(ours.trusted(ALGORITHM))},
        REST_FRAMEWORK={
            "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
            "UNAUTHENTICATED_USER": None,
        },
        SIMPLE_JWT={
            "ALGORITHM": ALGORITHM,
            "VERIFYING_KEY": verifying_pem(ALGORITHM),
            "AUDIENCE": AUDIENCE,
            "ISSUER": ISSUER,
            "TOKEN_TYPE_CLAIM": None,
            "USER_ID_CLAIM": "sub",
            "ACCESS_TOKEN_LIFETIME": timedelta(days=1),
        },
    )
    django.setup()
    logging.getLogger("django.request").setLevel(logging.ERROR)  # refusals are asked for, and not measured
    urls.urlpatterns = [path("orders", orders)]  # type: ignore[attr-defined]  # a module made here


def orders(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok")


def handler(*middleware: str) -> App:
    ready()
    with override_settings(MIDDLEWARE=list(middleware)):
        return WSGIHandler()


def bare() -> App:
    return handler()


def by_hand() -> App:
    return handler(f"{__name__}.ByHand")


def ours_in_front() -> App:
    return handler("jwt_middleware.django.JWTMiddleware")


class ByHand:
    """A middleware for both worlds, with PyJWT."""

    sync_capable = async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        markcoroutinefunction(self) if _is_async(get_response) else None

    def __call__(self, request: HttpRequest) -> Any:
        try:
            claims = decoded(request.META.get("HTTP_AUTHORIZATION", "").removeprefix("Bearer "))
        except jwt.PyJWTError:
            refusal = HttpResponse(status=401)
            return _given(refusal) if _is_async(self.get_response) else refusal
        request.claims = claims  # type: ignore[attr-defined]  # where a user would put it
        return self.get_response(request)


def alone(make: Callable[[Callable[[HttpRequest], Awaitable[HttpResponse]]], Any] | None) -> Callable[[bytes], Any]:
    """One async middleware in front of a view that does nothing, without the rest of Django."""
    ready()

    async def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse("ok")

    answer: Any = view if make is None else make(view)

    async def status(token: bytes) -> int:
        response = await answer(ASGIRequest(http_scope(token), BytesIO()))
        return int(response.status_code)

    return status


def ours_alone() -> Callable[[bytes], Any]:
    ready()
    from jwt_middleware.django import JWTMiddleware

    return alone(JWTMiddleware)


def _is_async(get_response: object) -> bool:
    from asgiref.sync import iscoroutinefunction

    return iscoroutinefunction(get_response)


async def _given(response: HttpResponse) -> HttpResponse:
    return response
