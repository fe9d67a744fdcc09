"""The route map of each service says what the service does."""

import importlib
import itertools
from typing import Any

import pytest
from httpx2 import ASGITransport, AsyncClient

from jwt_middleware import Principal
from jwt_middleware.route_map.route import Access, Route
from jwt_middleware.routes_of import routes_of
from jwt_middleware.testing.routes import assert_routes

OPEN = {
    "accounts": [
        *("/ready", "POST /login", "POST /refresh", "POST /logout", "POST /logout-everywhere", "POST /verify"),
        *("/sessions", "/sessions/*", "/jwks", "/.well-known/*"),
    ],
    "orders": ["/health", "/ready"],
    "inventory": ["/health", "/ready"],
}
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
PEOPLE = ("nobody", "somebody with a bad token", "clerk", "manager", "operator")


def admits(accounts: Any, route: Route, person: str) -> bool:
    if person == "nobody":
        return route.access in (Access.PUBLIC, Access.UNGUARDED)
    if person not in ("clerk", "manager", "operator"):
        return route.access is Access.UNGUARDED
    known = accounts.people.find(person)
    caller = Principal(subject=person, issuer="i", roles=tuple(known.roles), permissions=tuple(known.permissions))
    return route.requirement is None or route.requirement.judge(caller, {}).holds is True


async def status(app: Any, method: str, path: str, headers: dict[str, str]) -> int:
    async with AsyncClient(
        transport=ASGITransport(app, raise_app_exceptions=False), base_url="http://localhost"
    ) as client:
        return (await client.request(method, path, headers=headers)).status_code


@pytest.mark.parametrize("name", OPEN)
def test_nothing_is_open_but_what_is_meant_to_be(accounts: Any, name: str) -> None:
    assert_routes(importlib.import_module(name).app, allowed=OPEN[name])


@pytest.mark.parametrize("name", OPEN)
def test_every_person_gets_where_the_map_says_and_nowhere_else(accounts: Any, headers: Any, name: str) -> None:
    import asyncio

    app = importlib.import_module(name).app
    tokens = {person: headers(person) for person in PEOPLE[2:]} | {PEOPLE[0]: {}}
    tokens[PEOPLE[1]] = {"Authorization": "Bearer x.y.z"}
    routes = [each for each in routes_of(app).routes if each.access is not Access.UNGUARDED or name != "accounts"]
    for example, method in itertools.product({each.example for each in routes}, METHODS):
        meant = [each for each in routes if each.example == example and {method, "*"} & set(each.methods)]
        for person in PEOPLE:
            # numbers are wanted where the map shows words, and validation comes before the requirement
            got = asyncio.run(status(app, method, example.replace("some-value", "7919"), tokens[person]))
            if meant and admits(accounts, meant[0], person):
                assert got not in (401, 403), (method, example, person, got)
            elif meant:
                assert got in (401, 403, 405), (method, example, person, got)
            else:  # nothing of the service runs
                assert got in (401, 405), (method, example, person, got)
