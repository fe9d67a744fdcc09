"""The route map of each service says what the service does."""

import importlib
import itertools
from typing import Any

import jwt
import pytest
from httpx2 import ASGITransport, AsyncClient

from jwt_middleware import Principal
from jwt_middleware.route_map.route import Access, Route
from jwt_middleware.routes_of import routes_of
from jwt_middleware.testing.routes import assert_routes

SESSIONS = ("/login", "/refresh", "/logout", "/logout-everywhere", "/verify")
OPEN = {
    "accounts": [
        *("/health", "/ready", "/sessions", "/sessions/*", "/jwks", "/.well-known/*", "/oauth/*"),
        *(f"POST {path}{slash}" for path in SESSIONS for slash in ("", "/")),
    ],
    "orders": ["/health", "/ready", "/available/*"],
    "inventory": ["/health", "/ready"],
    "shipping": ["/health", "/ready", "/jwks", "/.well-known/*", "/oauth/*"],
}
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
NOBODY, BAD = "nobody", "somebody with a bad token"


def app_of(name: str) -> Any:
    module = importlib.import_module(name)
    return getattr(module, "site", module.app)  # Django's own, within the tracing


def admits(name: str, route: Route, headers: dict[str, str]) -> bool:
    """Whether the map says that this caller passes."""
    said = jwt.decode(headers["Authorization"].removeprefix("Bearer "), options={"verify_signature": False})
    if name not in said["aud"]:
        return False
    module = importlib.import_module(name)
    taken = {module.ISSUER, getattr(module, "PARTNER_ISSUER", "")} if name != "accounts" else {module.ISSUER}
    if said["iss"] not in taken:
        return False
    caller = Principal(
        subject=said["sub"],
        issuer=said["iss"],
        roles=tuple(said["roles"]),
        permissions=tuple(said["permissions"]),
        scopes=tuple(said["scope"].split()),
        actor=said.get("act"),
        client_id=said["client_id"],
        kind="machine" if said["sub"] == said["client_id"] else "user",
        claims=said,
    )
    return route.requirement is None or route.requirement.judge(caller, {"tenant": "7919"}).holds is True


async def status(app: Any, method: str, path: str, headers: dict[str, str]) -> int:
    async with AsyncClient(
        transport=ASGITransport(app, raise_app_exceptions=False), base_url="http://localhost"
    ) as client:
        return (await client.request(method, path, headers=headers)).status_code


@pytest.mark.parametrize("name", OPEN)
def test_nothing_is_open_but_what_is_meant_to_be(accounts: Any, name: str) -> None:
    assert_routes(app_of(name), allowed=OPEN[name])


@pytest.mark.parametrize("name", OPEN)
def test_every_caller_gets_where_the_map_says_and_nowhere_else(callers: Any, name: str) -> None:
    import asyncio

    app = app_of(name)
    sent = {NOBODY: {}, BAD: {"Authorization": "Bearer x.y.z"}, **callers}
    own_judges = ("/login", "/refresh", "/logout", "/sessions", "/verify", "/oauth")  # each looks at its request itself
    routes = [each for each in routes_of(app).routes if not each.path.startswith(own_judges)]
    for example, method in itertools.product({each.example for each in routes}, METHODS):
        meant = [each for each in routes if each.example == example and {method, "*"} & set(each.methods)]
        for caller, headers in sent.items():
            # numbers are wanted where the map shows words, and validation comes before the requirement
            got = asyncio.run(status(app, method, example.replace("some-value", "7919"), headers))
            if not meant:  # nothing of the service runs
                assert got in (401, 405), (method, example, caller, got)
                continue
            open_to_all = meant[0].access is Access.UNGUARDED
            opened = open_to_all or (caller == NOBODY and meant[0].access is Access.PUBLIC)
            if opened or (caller not in (NOBODY, BAD) and admits(name, meant[0], headers)):
                assert got not in (401, 403), (method, example, caller, got)
            else:
                assert got in (401, 403, 405), (method, example, caller, got)
