"""Who is current: in threads and tasks, while a body streams, in requests within requests, and for nobody afterwards."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType
from typing import Any
from wsgiref.util import setup_testing_defaults

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import AsyncClient, Client, override_settings
from django.urls import include, path

from jwt_middleware import carry_principal, role
from jwt_middleware.access.current import current_passage
from jwt_middleware.django import current_principal, demand, public
from jwt_middleware.django.visit import visit_of
from tests.django.callers import Call, bearer
from tests.django.inside import DOOR
from tests.django_guard import guard


def who() -> str:
    return current_principal().subject or "anonymous"


async def awho() -> str:
    return who()


def seen_in_thread(ask: Callable[[], str]) -> str:
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(ask).result(20)


def in_threads(request: HttpRequest) -> HttpResponse:
    return HttpResponse(" ".join([seen_in_thread(carry_principal(who)), seen_in_thread(who), async_to_sync(awho)()]))


async def in_tasks(request: HttpRequest) -> HttpResponse:
    loop = asyncio.get_running_loop()
    seen = [
        await asyncio.create_task(awho()),
        await asyncio.to_thread(who),
        await sync_to_async(who)(),
        await loop.run_in_executor(None, carry_principal(who)),
        await loop.run_in_executor(None, who),
    ]
    return HttpResponse(" ".join(seen))


def client_of(address: str) -> str:
    return str(Client().get(address, headers=bearer(sub="bob")).content.decode())


def around(request: HttpRequest) -> HttpResponse:
    """Asks its own site, as somebody else and as nobody, and goes on for its own caller."""
    seen = [client_of("/who"), str(Client().get("/who").status_code), str(Client().get("/open").content.decode())]
    demand(role("clerk"))
    return HttpResponse(" ".join([*seen, who()]))


async def awaited_around(request: HttpRequest) -> HttpResponse:
    answer = await AsyncClient().get("/who", headers=bearer(sub="bob"))
    demand(role("clerk"))
    return HttpResponse(f"{answer.content.decode()} {who()}")


def closing(request: HttpRequest) -> HttpResponse:
    """Closes another response, which Django announces as the end of a request."""
    HttpResponse().close()
    return HttpResponse(who())


def stream(request: HttpRequest) -> StreamingHttpResponse:
    def chunks() -> Iterator[str]:
        for _ in range(2):
            yield f"{who()};"
            barrier.wait()

    barrier = BARRIERS[0]
    return StreamingHttpResponse(chunks())


async def awaited_stream(request: HttpRequest) -> StreamingHttpResponse:
    async def chunks() -> AsyncIterator[str]:
        for _ in range(2):
            yield f"{who()};{await asyncio.create_task(awho())};{await sync_to_async(who)()};"

    return StreamingHttpResponse(chunks())


BARRIERS: list[threading.Barrier] = []
SITE = ModuleType("site_of_callers")
SITE.urlpatterns = [  # type: ignore[attr-defined]  # Django's name
    path("who", lambda request: HttpResponse(who())),
    path("open", public(lambda request: HttpResponse(who()))),
    path("threads", in_threads),
    path("tasks", in_tasks),
    path("around", around),
    path("awaited-around", awaited_around),
    path("closing", closing),
    path("stream", stream),
    path("awaited-stream", awaited_stream),
    path("", include("tests.django.urls")),
]


@pytest.fixture(autouse=True)
def site() -> Iterator[None]:
    with override_settings(ROOT_URLCONF=SITE, MIDDLEWARE=[DOOR]):
        yield


def test_threads_see_the_caller_when_they_carry_the_context(call: Call) -> None:
    assert call("/threads", bearer()).content == b"alice anonymous alice"


def test_tasks_see_the_caller_and_raw_executors_do_not(call: Call) -> None:
    assert call("/tasks", bearer()).content == b"alice alice alice alice anonymous"


@pytest.mark.django_db  # Django closes old connections when a response ends
def test_view_that_asks_its_own_site_goes_on_for_its_own_caller() -> None:
    assert Client().get("/around", headers=bearer()).content == b"bob 401 anonymous alice"
    assert asyncio.run(AsyncClient().get("/awaited-around", headers=bearer())).content == b"bob alice"
    assert current_passage() is None


@override_settings(JWT_MIDDLEWARE={"GUARD": guard, "GUARDED_PATHS": ["/around"]})
@pytest.mark.django_db
def test_request_that_nothing_guards_takes_nobody_over_and_nobody_away() -> None:
    assert Client().get("/around", headers=bearer()).content == b"anonymous 200 anonymous alice"


@pytest.mark.django_db
def test_response_that_is_closed_in_between_ends_no_request(call: Call) -> None:
    assert call("/closing", bearer()).content == b"alice"


def test_failed_request_leaves_nobody_behind() -> None:
    with override_settings(DEBUG_PROPAGATE_EXCEPTIONS=True), pytest.raises(ZeroDivisionError):
        Client().get("/broken", headers=bearer())
    assert current_passage() is None


def environ_of(address: str, subject: str) -> dict[str, Any]:
    environ: dict[str, Any] = {"PATH_INFO": address, "HTTP_HOST": "testserver"}
    setup_testing_defaults(environ)
    return {**environ, "HTTP_AUTHORIZATION": bearer(sub=subject)["Authorization"]}


def started(status: str, headers: list[tuple[str, str]], exc_info: Any = None, /) -> Callable[[bytes], object]:
    return lambda data: None


def served(address: str, subject: str) -> str:
    body: Any = WSGIHandler()(environ_of(address, subject), started)
    try:
        return b"".join(body).decode()
    finally:
        body.close()
        assert current_passage() is None


@pytest.mark.django_db(transaction=True)
def test_streams_of_several_threads_never_mix(django_db_blocker: Any) -> None:
    BARRIERS[:] = [threading.Barrier(4, timeout=20)]
    with django_db_blocker.unblock(), ThreadPoolExecutor(4) as pool:
        found = list(pool.map(served, ["/stream"] * 4, ["a", "b", "c", "d"]))
    assert found == [f"{name};{name};" for name in ("a", "b", "c", "d")]


def test_stream_of_an_async_view_sees_its_caller_to_the_last_byte() -> None:
    async def read(subject: str) -> str:
        answer: Any = await AsyncClient().get("/awaited-stream", headers=bearer(sub=subject))
        return b"".join([chunk async for chunk in answer.streaming_content]).decode()

    async def both() -> tuple[str, str]:
        return await asyncio.gather(read("alice"), read("bob"))

    assert [*asyncio.run(both())] == ["alice;" * 6, "bob;" * 6]


@pytest.mark.django_db
def test_requests_whose_bodies_nobody_closes_do_not_keep_one_another() -> None:
    BARRIERS[:] = [threading.Barrier(1)]
    answers: list[Any] = [Client().get("/stream", headers=bearer()) for _ in range(2)]
    left = current_passage()
    assert left is not None
    assert isinstance(left.request, HttpRequest)
    visit = visit_of(left.request)
    assert visit is not None
    assert visit.before is None
    for answer in answers:
        answer.close()
    assert current_passage() is None
