"""The map of a Django site says what its middleware does."""

import asyncio
import contextlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import AsyncClient, override_settings

from jwt_middleware.django.route_map import route_map
from jwt_middleware.route_map.route import UNSEEN, Access, RouteMap
from jwt_middleware.route_map.table import to_table

from ..route_map.proof import CALLERS, Answer, Call, Caller, differences, remembered, unnoticed
from . import nasty_urls
from .callers import bearer, send

GUARD = {"GUARD": "tests.django_guard.guard"}
PATHS: tuple[dict[str, Any], ...] = (
    {"PUBLIC_PATHS": ["/by-path"], "UNGUARDED_PATHS": ["/by-path-shut"]},
    {"GUARDED_PATHS": ["/api/*", "/items/*", ("POST", "/things")]},
)


@contextlib.contextmanager
def calling_in(world: str) -> Iterator[Call]:
    """Calls of one world; those of the asynchronous one in one event loop, which is most of what they cost."""
    with asyncio.Runner() as runner:
        client = AsyncClient(raise_request_exception=False)

        async def asend(path: str, headers: dict[str, str], method: str) -> Any:
            return await client.generic(method, path, headers=headers)

        def send_async(*asked: Any) -> Any:
            return runner.run(asend(*asked))

        yield calls_by(lambda *asked: send(*asked, csrf=False)) if world == "sync" else calls_by(send_async)


def calls_by(sending: Callable[[str, dict[str, str], str], Any]) -> Call:
    def call(host: str, method: str, path: str, caller: Caller) -> Answer:
        headers = {"Authorization": "Bearer x.y.z"} if caller.kind == "bad" else {}
        if caller.kind == "genuine":
            headers = bearer(**caller.claims)
        nasty_urls.ran.clear()
        return Answer(sending(path, headers, method).status_code, list(nasty_urls.ran))

    return call


def without_admin(routes: RouteMap) -> RouteMap:
    """The admin has an entry of its own, for its sessions want a database."""
    return RouteMap(routes=tuple(each for each in routes.routes if not each.path.startswith("/admin/")))


@pytest.mark.parametrize("world", ["sync", "async"])
@pytest.mark.parametrize("paths", PATHS)
def test_the_map_of_a_nasty_site_is_its_behaviour(paths: dict[str, Any], world: str) -> None:
    with override_settings(ROOT_URLCONF="tests.django.nasty_urls", JWT_MIDDLEWARE=GUARD | paths):
        found = route_map()
        print(to_table(without_admin(found)))
        with calling_in(world) as made:
            call = remembered(made)
            assert "\n".join(differences(without_admin(found), call)) == ""
            assert unnoticed(without_admin(found), call) == []
        assert len(found.routes) > len(without_admin(found).routes)


@override_settings(ROOT_URLCONF="tests.django.nasty_urls", JWT_MIDDLEWARE=GUARD)
def test_every_view_of_the_nasty_site_is_in_its_map() -> None:
    declared = set(re.findall(r'\bnamed\("(\w+)"', Path(nasty_urls.__file__).read_text("utf-8")))
    found = {each.path: each for each in route_map().routes}
    assert declared - {each.endpoint.rpartition(".")[2] for each in found.values()} == {"secret", "same_late"}
    assert found["/[<language>/]about"].access is Access.PUBLIC
    assert found["/beginning/*"].access is Access.PUBLIC
    assert found["/(?i:any-case)/"].notes == (UNSEEN,)
    assert found["/only-post"].methods == ("POST",)
    assert found["/dispatching"].methods == ("*",)


@override_settings(
    ROOT_URLCONF="tests.django.nasty_urls",
    JWT_MIDDLEWARE=GUARD,
    LANGUAGES=[("en", "English"), ("de", "German")],
    MIDDLEWARE=["django.middleware.locale.LocaleMiddleware", "jwt_middleware.django.JWTMiddleware"],
)
def test_a_route_below_the_prefix_of_a_language_is_as_the_map_says() -> None:
    call = calls_by(lambda *asked: send(*asked, csrf=False))
    for language in ("", "/de"):
        assert [call("", "GET", f"{language}/about", each).status for each in CALLERS[:3]] == [200, 401, 200]
        assert [call("", "GET", f"{language}/about/us", each).status for each in CALLERS[:4]] == [401, 401, 403, 200]


@override_settings(ROOT_URLCONF="tests.django.nasty_urls", JWT_MIDDLEWARE=GUARD, MIDDLEWARE=[])
def test_without_the_middleware_everything_is_unguarded_and_what_requires_something_is_for_nobody() -> None:
    found = without_admin(route_map())
    assert {each.access for each in found.routes} == {Access.UNGUARDED, Access.NOBODY}
    with calling_in("sync") as call:
        assert "\n".join(differences(found, call)) == ""
