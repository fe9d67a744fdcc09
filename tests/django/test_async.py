"""The asynchronous middleware neither hops to a thread nor blocks the event loop."""

import asyncio
import functools
import inspect
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType
from typing import Any

import pytest
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from django.urls import path

from jwt_middleware import Claims, Guard, Principal, TrustedIssuer, scope
from jwt_middleware.django import current_principal, public, require
from jwt_middleware.keys.key_set import KeySet, key_set_from_jwks
from tests import tokens
from tests.django.inside import DOOR
from tests.django_guard import cookie_guard, guard, trusted

THREADS: list[int] = []


async def who(request: HttpRequest) -> HttpResponse:
    THREADS.append(threading.get_ident())
    return HttpResponse(current_principal().subject or "anonymous")


def in_thread(request: HttpRequest) -> HttpResponse:
    return HttpResponse(current_principal().subject or "anonymous")


def copy_of(view: Any) -> Any:
    async def awaited(request: HttpRequest) -> Any:
        return await view(request)

    def plain(request: HttpRequest) -> Any:
        return view(request)

    return awaited if inspect.iscoroutinefunction(view) else plain


def site_of(view: Any, *, guarded: bool = True) -> ModuleType:
    marked, demanding = copy_of(view), copy_of(view)
    site = ModuleType("site_of_one_view")
    site.urlpatterns = [  # type: ignore[attr-defined]  # Django's name
        path("who", copy_of(view)),
        path("public", public(marked) if guarded else marked),
        path("orders", require(scope("orders:read"))(demanding) if guarded else demanding),
    ]
    return site


@pytest.fixture(autouse=True)
def site() -> Iterator[None]:
    with override_settings(ROOT_URLCONF=site_of(who), MIDDLEWARE=[DOOR], JWT_MIDDLEWARE={"GUARD": guard}):
        yield


async def ask(
    app: Any, address: str = "/who", token: str = "", method: str = "GET", *, cookie: bool = False
) -> tuple[int, bytes]:
    """One request as a server makes it of what came over the wire: status and body."""
    header = (
        (b"cookie", f"session_token={token}".encode()) if cookie else (b"authorization", f"Bearer {token}".encode())
    )
    environment = {
        "type": "http",
        "method": method,
        "path": address,
        "raw_path": address.encode(),
        "root_path": "",
        "scheme": "http",
        "query_string": b"",
        "headers": [(b"host", b"testserver"), *([header] if token else [])],
        "server": ("testserver", 80),
    }
    answered = asyncio.Event()
    incoming = [{"type": "http.request", "body": b"", "more_body": False}]
    sent: list[Any] = []

    async def receive() -> Any:
        if incoming:
            return incoming.pop()
        await answered.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)
        if message["type"] == "http.response.body" and not message.get("more_body"):
            answered.set()

    await app(environment, receive, send)
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:])


@pytest.fixture
def given_to_threads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was given to a thread pool, by whomever."""
    given: list[str] = []
    submit = ThreadPoolExecutor.submit

    def noting(pool: ThreadPoolExecutor, function: Any, /, *args: Any, **kwargs: Any) -> Any:
        given.append(repr(function))
        return submit(pool, function, *args, **kwargs)

    monkeypatch.setattr(ThreadPoolExecutor, "submit", noting)
    return given


TOKEN = tokens.mint()


@pytest.mark.parametrize("view", [who, in_thread], ids=["async view", "sync view"])
@pytest.mark.parametrize(
    "request_of",
    [
        {"token": TOKEN},
        {"token": TOKEN, "cookie": True},
        {"token": TOKEN, "address": "/orders"},
        {"address": "/public"},
        {"address": "/public", "method": "HEAD"},
    ],
    ids=["by header", "by cookie", "with a scope", "public", "public, by HEAD"],
)
@pytest.mark.django_db  # Django closes old connections when a response ends
def test_door_gives_nothing_to_a_thread_for_whoever_it_lets_in(
    given_to_threads: list[str], request_of: dict[str, Any], view: Any
) -> None:
    def used(*middleware: str) -> int:
        given_to_threads.clear()
        assert asyncio.run(ask(ASGIHandler(), **request_of))[0] == 200
        return len(given_to_threads)

    with override_settings(ROOT_URLCONF=site_of(view, guarded=False), MIDDLEWARE=[]):
        without = used()
    with override_settings(ROOT_URLCONF=site_of(view), JWT_MIDDLEWARE={"GUARD": cookie_guard}):
        for time in ("cold", "remembered"):
            assert used() == without, f"{time}: {given_to_threads}"


class Gated:
    """A key source that keeps waiting until it is told to answer, and must not be asked in a way that blocks."""

    symmetric = False

    def __init__(self) -> None:
        self.asked, self.answers = asyncio.Event(), asyncio.Event()

    def fetch(self) -> KeySet:
        raise AssertionError("the event loop would be blocked")

    async def afetch(self) -> KeySet:
        self.asked.set()
        await self.answers.wait()
        return key_set_from_jwks(tokens.jwks())


def test_others_are_served_while_keys_are_fetched() -> None:
    async def both() -> list[tuple[int, bytes]]:
        keys = Gated()
        slow = Guard(TrustedIssuer(tokens.ISSUER, audience=tokens.AUDIENCE, keys=keys))
        with override_settings(JWT_MIDDLEWARE={"GUARD": slow}):
            app = ASGIHandler()
            waiting = asyncio.create_task(ask(app, "/who", TOKEN))
            await asyncio.wait_for(keys.asked.wait(), 20)
            meanwhile = await ask(app, "/public")
            assert not waiting.done()
            keys.answers.set()
            return [meanwhile, await waiting]

    assert asyncio.run(both()) == [(200, b"anonymous"), (200, b"alice")]


class Store:
    """A revocation store that must not be asked in a way that blocks."""

    def is_revoked(self, claims: Claims) -> bool:
        raise AssertionError("the event loop would be blocked")

    async def ais_revoked(self, claims: Claims) -> bool:
        return claims.subject == "mallory"


def test_revocations_are_awaited() -> None:
    with override_settings(JWT_MIDDLEWARE={"GUARD": Guard(trusted, revocations=Store())}):
        assert asyncio.run(ask(ASGIHandler(), "/who", TOKEN)) == (200, b"alice")
        assert asyncio.run(ask(ASGIHandler(), "/who", tokens.mint(sub="mallory")))[0] == 401


def load(principal: Principal) -> Principal:
    THREADS.append(threading.get_ident())
    return principal


async def aload(principal: Principal) -> Principal:
    return load(principal)


class Loader:
    async def __call__(self, principal: Principal) -> Principal:
        return load(principal)


@pytest.mark.parametrize(
    ("loader", "on_the_loop"),
    [(load, False), (aload, True), (Loader(), True), (functools.partial(aload), True), (lambda who: aload(who), True)],
    ids=["function", "coroutine function", "object", "partial", "function that gives a coroutine"],
)
def test_loader_of_users_waits_where_it_may(loader: Any, on_the_loop: bool) -> None:
    THREADS.clear()
    with override_settings(JWT_MIDDLEWARE={"GUARD": guard, "USER": loader}):
        assert asyncio.run(ask(ASGIHandler(), "/who", TOKEN)) == (200, b"alice")
    loaded, served = THREADS
    assert (loaded == served) is on_the_loop
