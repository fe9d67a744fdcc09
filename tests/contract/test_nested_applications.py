"""Two guarded applications in one process, a Django site within another one: each has its own caller."""

from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from django.urls import path
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route

import jwt_middleware.django
import jwt_middleware.starlette
import jwt_middleware.wsgi
from jwt_middleware import current_principal, role
from jwt_middleware.access.current import current_passage

from .exchange import Answer, Exchange, send_asgi, send_wsgi
from .stacks.django import around
from .tokens import guard_for, mint

BOTH = mint(aud=["orders", "billing"])
ORDERS = mint()


def who() -> str:
    return current_principal().subject or "anonymous"


@jwt_middleware.django.require(role("clerk"))
def required(request: HttpRequest) -> HttpResponse:
    return HttpResponse(who())


@pytest.fixture(autouse=True)
def site() -> Iterator[None]:
    """A Django site for billing; the applications around it are for orders."""
    urls = ModuleType("billing_urls")
    urls.urlpatterns = [  # type: ignore[attr-defined]  # Django's name
        path("who", lambda request: HttpResponse(who())),
        path("public", jwt_middleware.django.public(lambda request: HttpResponse(who()))),
        path("required", required),
    ]
    settings = {
        "ROOT_URLCONF": urls,
        "MIDDLEWARE": ["jwt_middleware.django.JWTMiddleware"],
        "JWT_MIDDLEWARE": {"GUARD": guard_for(audience="billing")},
    }
    with around(), override_settings(**settings):
        yield
    assert current_passage() is None


class Looking:
    """Looks at the caller before and after what stands further in, in both worlds."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.seen: list[str] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.seen.append(who())
        await self.app(scope, receive, send)
        self.seen.append(who())

    def wsgi(self, environ: Any, start_response: Any) -> list[bytes]:
        self.seen.append(who())
        body = self.app(environ, start_response)
        content = b"".join(body)
        body.close()
        self.seen.append(who())
        return [content]


def within_starlette() -> tuple[Callable[[Exchange], Answer], Looking]:
    looking = Looking(ASGIHandler())

    async def last(request: Request) -> PlainTextResponse:
        return PlainTextResponse(who())

    app = Starlette(routes=[Route("/last", last), Mount("/site", looking)])
    app.add_middleware(jwt_middleware.starlette.JWTMiddleware, guard=guard_for())
    return lambda exchange: send_asgi(app, exchange), looking


def within_wsgi() -> tuple[Callable[[Exchange], Answer], Looking]:
    looking = Looking(WSGIHandler())
    app = jwt_middleware.wsgi.JWTMiddleware(looking.wsgi, guard=guard_for())
    return lambda exchange: send_wsgi(app, exchange), looking


def asking(place: str, token: str = "") -> Exchange:
    return Exchange(place, headers=(("Authorization", f"Bearer {token}"),) if token else ())


@pytest.mark.parametrize(("within", "below"), [(within_starlette, "/site"), (within_wsgi, "")])
def test_site_within_a_guarded_application_asks_for_itself_and_gives_the_caller_back(within: Any, below: str) -> None:
    send, looking = within()
    assert send(asking(f"{below}/who", BOTH)).body == b"alice"
    refused = send(asking(f"{below}/who", ORDERS))
    assert (refused.status, refused.header("www-authenticate").split(",")[0]) == (401, 'Bearer realm="billing"')
    assert send(asking(f"{below}/public", BOTH)).body == b"alice"
    assert send(asking(f"{below}/nowhere", BOTH)).status == 404
    assert looking.seen == ["alice"] * 8
    refused = send(asking(f"{below}/public"))
    assert (refused.status, refused.header("www-authenticate")) == (401, 'Bearer realm="orders"')
    assert looking.seen == ["alice"] * 8


@pytest.mark.parametrize(("within", "below"), [(within_starlette, "/site"), (within_wsgi, "")])
def test_caller_of_the_application_around_it_counts_for_nothing_in_an_unguarded_site(
    within: Any, below: str, caplog: pytest.LogCaptureFixture
) -> None:
    with override_settings(MIDDLEWARE=[]), caplog.at_level("ERROR", "django.request"):
        send, _ = within()
        assert send(asking(f"{below}/required", mint(roles=["clerk"]))).status == 500
    assert "no JWTMiddleware of its own" in caplog.text
