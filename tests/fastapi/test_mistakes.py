"""What would demand nothing is found when it is declared, or when the application starts."""

import functools
from collections.abc import Callable
from typing import Annotated, Any

import pytest
from fastapi import APIRouter, Depends, FastAPI, Security
from fastapi.security import HTTPBearer, SecurityScopes

from jwt_middleware import (
    ConfigurationError,
    Principal,
    authenticated,
    role,
    scope,
)
from jwt_middleware.fastapi import CurrentPrincipal, current_principal, demand, public, require, unguarded
from tests.fastapi.callers import CLERK, answer, assert_only_clerks, bearer, guarded, with_route


def in_signature(caller: Annotated[Principal, Depends(require(role("clerk")))]) -> str:
    return caller.subject


def deeper(name: Annotated[str, Depends(in_signature)]) -> str:
    return name


def by_scopes(caller: Annotated[Principal, Security(require(authenticated), scopes=["orders:read"])]) -> str:
    return caller.subject


def test_require_above_the_route_decorator_fails_when_it_is_declared() -> None:
    app, router = FastAPI(), APIRouter()
    for add in (app.get("/"), router.get("/"), app.websocket("/ws"), router.websocket("/ws"), router.api_route("/x")):
        with pytest.raises(ConfigurationError, match="below the route decorator"):

            @require(role("clerk"))
            @add
            async def endpoint() -> None: ...


class Lazy:
    """What must not be looked at before it is wanted: settings, a proxy of a request."""

    def __getattribute__(self, name: str) -> Any:
        raise RuntimeError(f"{name} was looked at")


def test_the_search_for_routers_in_sight_wakes_nothing_else() -> None:
    lazy = Lazy()
    assert_only_clerks(with_route(require(role("clerk"))(lambda: "alice")))
    assert type(lazy) is Lazy


def out_of_sight() -> FastAPI:
    """An application whose router was not in sight where its endpoint was decorated."""

    def declared(add: Callable[..., Any]) -> None:
        require(role("clerk"))(add(lambda: "private"))

    app, sub = FastAPI(), FastAPI()

    class Holder:
        router = APIRouter()

    declared(Holder.router.get("/"))
    sub.include_router(Holder.router)
    app.mount("/app", sub)
    return app


def marked_and_closed(mark: Callable[..., Any], place: str) -> FastAPI:
    clerks = [Depends(require(role("clerk")))]
    app, router = FastAPI(), APIRouter(dependencies=clerks if place == "router" else [])
    endpoint = in_signature if place == "signature" else deeper if place == "deeper" else answer
    router.get("/", dependencies=clerks if place == "route" else [])(mark(functools.partial(endpoint)))
    app.include_router(router, dependencies=clerks if place == "include" else [])
    return app


def with_default() -> FastAPI:
    app = FastAPI()

    @app.get("/")
    def endpoint(caller=require(role("clerk"))) -> str:  # type: ignore[no-untyped-def]  # noqa: B008  # the mistake
        return "ran"

    return app


def with_metadata() -> FastAPI:
    app = FastAPI()

    @app.get("/")
    def endpoint(caller: Annotated[str, require(role("clerk"))] = "") -> str:
        return "ran"

    return app


def with_bare_requirement() -> FastAPI:
    app = FastAPI()

    def dependency(caller: Annotated[str, role("clerk")] = "") -> None: ...

    @app.get("/", dependencies=[Depends(dependency)])
    def endpoint() -> str:
        return "ran"

    return app


def with_unread_scopes(dependency: Callable[..., Any]) -> FastAPI:
    app, router = FastAPI(), APIRouter(dependencies=[Security(dependency, scopes=["orders:write"])])
    router.get("/")(answer)
    app.include_router(router)
    return app


async def current(caller: CurrentPrincipal) -> Principal:
    return caller


MISTAKES: dict[str, tuple[Callable[[], FastAPI], str]] = {
    "require out of sight, above": (out_of_sight, "below the route decorator"),
    **{
        f"{mark.__name__} and a dependency of the {place}": (
            functools.partial(marked_and_closed, mark, place),
            f"marked {mark.__name__}, and its route or router requires role\\('clerk'\\)",
        )
        for mark in (public, unguarded)
        for place in ("route", "router", "include", "signature", "deeper")
    },
    "require as a default": (with_default, "takes require\\(role\\('clerk'\\)\\) for a parameter"),
    "require as metadata": (with_metadata, "write Depends"),
    "a requirement as metadata": (with_bare_requirement, "write Depends"),
    "scopes for current_principal": (
        functools.partial(with_unread_scopes, current_principal),
        "orders:write.*nobody asks",
    ),
    "scopes for what nobody reads": (
        functools.partial(with_unread_scopes, current),
        "use Security\\(require",
    ),
}


@pytest.mark.parametrize("mounted", [False, True])
@pytest.mark.parametrize("kind", sorted(MISTAKES))
def test_what_would_demand_nothing_stops_the_start(kind: str, mounted: bool) -> None:
    build, text = MISTAKES[kind]
    app = build()
    if mounted:
        outer = FastAPI()
        outer.mount("/outer", app)
        app = outer
    client = guarded(app)
    with pytest.raises(ConfigurationError, match=text), client:
        pass
    for _ in range(2):
        with pytest.raises(ConfigurationError, match=text):
            client.get("/", headers=bearer())


def test_scopes_that_a_dependency_of_the_users_own_reads_are_no_mistake() -> None:
    def own(scopes: SecurityScopes, caller: CurrentPrincipal) -> Principal:
        demand(*map(scope, scopes.scopes))
        return caller

    client = guarded(with_unread_scopes(own))
    assert client.get("/", headers=bearer()).status_code == 403
    assert client.get("/", headers=bearer(scope="orders:write")).json() == "alice"


def test_scopes_of_fastapis_own_schemes_are_no_mistake_for_they_are_shown() -> None:
    client = guarded(with_unread_scopes(HTTPBearer()))
    assert client.get("/", headers=bearer()).json() == "alice"


def test_what_require_cannot_be_is_found_when_it_is_declared() -> None:
    with pytest.raises(TypeError, match="decorates an endpoint"):
        Depends(require(role("clerk"))())  # type: ignore[call-overload]  # the mistake
    with pytest.raises(ConfigurationError):
        require()
    with pytest.raises(ConfigurationError):
        require(lambda: None)  # type: ignore[arg-type]  # the mistake
    with pytest.raises(ConfigurationError, match="class-based endpoints"):
        require(role("clerk"))(dict)
    app = FastAPI()
    requirement: Any = role("clerk")
    for wrong in (Depends(require), Depends(requirement)):
        with pytest.raises(Exception, match=r"Requirement|callable"):
            app.get("/", dependencies=[wrong])(answer)


def test_without_the_door_every_form_refuses_and_explains() -> None:
    from fastapi.testclient import TestClient

    app = FastAPI()
    app.get("/decorator")(require(role("clerk"))(lambda: "ran"))
    app.get("/dependency")(in_signature)
    app.get("/scopes")(by_scopes)
    client = TestClient(app)
    for path_of in ("/decorator", "/dependency", "/scopes"):
        with pytest.raises(ConfigurationError, match="JWTMiddleware"):
            client.get(path_of, headers=bearer(**CLERK))
