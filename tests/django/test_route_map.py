"""The map of a Django site says what its middleware does."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import override_settings

from jwt_middleware.django.route_map import route_map
from jwt_middleware.route_map.route import Access, RouteMap
from jwt_middleware.route_map.table import to_table

from ..route_map.proof import Answer, Caller, differences
from . import nasty_urls
from .callers import bearer, send

GUARD = {"GUARD": "tests.django_guard.guard"}
PATHS: tuple[dict[str, Any], ...] = (
    {"PUBLIC_PATHS": ["/by-path"], "UNGUARDED_PATHS": ["/by-path-shut"]},
    {"GUARDED_PATHS": ["/api/*", "/items/*", ("POST", "/things")]},
)


def caller_in(world: str) -> Callable[[str, str, str, Caller], Answer]:
    def call(host: str, method: str, path: str, caller: Caller) -> Answer:
        headers = {"Authorization": "Bearer x.y.z"} if caller.kind == "bad" else {}
        if caller.kind == "genuine":
            headers = bearer(tenant="some-value", **caller.claims)
        nasty_urls.ran.clear()
        answer = send(path, headers, method, world=world, csrf=False)
        return Answer(answer.status_code, list(nasty_urls.ran))

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
        assert "\n".join(differences(without_admin(found), caller_in(world))) == ""
        assert len(found.routes) > len(without_admin(found).routes)


@override_settings(ROOT_URLCONF="tests.django.nasty_urls", JWT_MIDDLEWARE=GUARD, MIDDLEWARE=[])
def test_without_the_middleware_everything_is_unguarded_and_what_requires_something_is_for_nobody() -> None:
    found = without_admin(route_map())
    assert {each.access for each in found.routes} == {Access.UNGUARDED, Access.NOBODY}
    assert "\n".join(differences(found, caller_in("sync"))) == ""
