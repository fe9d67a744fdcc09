"""``require`` in Depends and Security, with scopes and overrides; the caller as a parameter."""

from collections.abc import Callable
from typing import Annotated, Any

import pytest
from fastapi import APIRouter, Depends, FastAPI, Request, Security
from pydantic import BaseModel

from jwt_middleware import (
    ANONYMOUS,
    ConfigurationError,
    Principal,
    authenticated,
    role,
    scope,
)
from jwt_middleware.fastapi import CurrentPrincipal, current_principal, public, require
from tests.fastapi.callers import CLERK, READER, answer, assert_only_clerks, bearer, guarded, with_route


class Order(BaseModel):
    number: int


def in_signature(caller: Annotated[Principal, Depends(require(role("clerk")))]) -> str:
    assert caller is current_principal()
    return caller.subject


async def as_default(caller: Principal = Depends(require(role("clerk")))) -> str:  # noqa: B008  # FastAPI's older way
    return caller.subject


def clerk(caller: Annotated[Principal, Depends(require(role("clerk")))]) -> str:
    return caller.subject


async def deeper(name: Annotated[str, Depends(clerk)]) -> str:
    return name


@require(role("clerk"))
def decorated_dependency(caller: CurrentPrincipal) -> str:
    return caller.subject


async def by_decorated_dependency(name: Annotated[str, Depends(decorated_dependency)]) -> str:
    return name


def by_scopes(caller: Annotated[Principal, Security(require(role("clerk")), scopes=[])]) -> str:
    return caller.subject


@pytest.mark.parametrize("endpoint", [in_signature, as_default, deeper, by_decorated_dependency, by_scopes])
def test_a_dependency_asks_and_answers_with_the_principal(endpoint: Callable[..., Any]) -> None:
    assert_only_clerks(with_route(endpoint))


def test_a_dependency_asks_wherever_fastapi_takes_one() -> None:
    clerks = [Depends(require(role("clerk")))]
    app, router, nested = FastAPI(), APIRouter(), APIRouter(dependencies=clerks)
    app.get("/route", dependencies=clerks)(answer)
    nested.get("/of-router")(answer)
    router.include_router(nested)
    app.include_router(router)
    other = APIRouter()
    other.get("/of-include")(answer)
    app.include_router(other, dependencies=clerks)
    sub = FastAPI(dependencies=clerks)
    sub.get("/of-app")(answer)
    app.mount("/app", sub)
    client = guarded(app)
    for path_of in ("/route", "/of-router", "/of-include", "/app/of-app"):
        assert_only_clerks(client, path_of)
    assert client.get("/nowhere", headers=bearer()).status_code == 404


if hasattr(FastAPI, "frontend"):  # newer than the lowest version

    def test_a_frontend_of_a_router_asks_its_dependencies(tmp_path: Any) -> None:
        (tmp_path / "app.js").write_text("code")
        app, router = FastAPI(), APIRouter(dependencies=[Depends(require(role("clerk")))])
        router.frontend("/ui", directory=tmp_path)
        app.include_router(router)
        assert_only_clerks(guarded(app), "/ui/app.js", expected="code")


def test_security_demands_its_scopes_beside_the_requirement() -> None:
    def endpoint(caller: Annotated[Principal, Security(require(role("clerk")), scopes=["a", "b"])]) -> str:
        return caller.subject

    client = with_route(endpoint)
    for lacking in ({}, CLERK, {"scope": "a b"}, {**CLERK, "scope": "a"}, {**CLERK, "scope": "ab"}):
        assert client.get("/", headers=bearer(**lacking)).status_code == 403, lacking
    assert client.get("/", headers=bearer(**CLERK, scope="b a")).json() == "alice"
    refused = client.get("/", headers=bearer(**CLERK, scope="a"))
    assert 'error="insufficient_scope"' in refused.headers["www-authenticate"]
    assert 'scope="a b"' in refused.headers["www-authenticate"]


def test_scopes_of_an_outer_dependency_are_demanded_of_the_inner_one() -> None:
    def customer(caller: Annotated[Principal, Depends(require(authenticated))]) -> str:
        return caller.subject

    def endpoint(name: Annotated[str, Security(customer, scopes=["a"])]) -> str:
        return name

    client = with_route(endpoint)
    assert client.get("/", headers=bearer()).status_code == 403
    assert client.get("/", headers=bearer(scope="a")).json() == "alice"


def test_what_was_asked_without_scopes_does_not_answer_for_what_asks_with_them() -> None:
    same = require(authenticated)

    def endpoint(
        first: Annotated[Principal, Depends(same)],
        second: Annotated[Principal, Security(same, scopes=["a"])],
        third: Annotated[Principal, Security(require(authenticated), scopes=["b"])],
    ) -> str:
        return first.subject

    client = with_route(endpoint)
    for lacking in ("", "a", "b"):
        assert client.get("/", headers=bearer(scope=lacking)).status_code == 403
    assert client.get("/", headers=bearer(scope="a b")).json() == "alice"


def test_a_dependency_that_is_called_but_not_awaited_asks_all_the_same() -> None:
    seen: list[str] = []

    def careless(request: Request) -> None:
        require(role("clerk"))(connection=request).close()  # type: ignore[attr-defined]  # it is never awaited
        seen.append("through")

    client = with_route(answer, dependencies=[Depends(careless)])
    assert client.get("/", headers=bearer()).status_code == 403
    assert seen == []
    assert client.get("/", headers=bearer(**CLERK)).status_code == 200


def test_a_dependency_is_asked_before_parameters_are_validated_and_a_decorator_after() -> None:
    app = FastAPI()

    @app.post("/dependency/{number}", dependencies=[Depends(require(role("clerk")))])
    def first(number: int, order: Order) -> str:
        return "ran"

    @app.post("/decorator/{number}")
    @require(role("clerk"))
    def last(number: int, order: Order) -> str:
        return "ran"

    client = guarded(app)
    for body in ({"number": "x"}, {"number": 7}):
        assert client.post("/dependency/x", json=body, headers=bearer()).status_code == 403
        assert client.post("/decorator/x", json=body, headers=bearer()).status_code == 422
        assert client.post("/decorator/x", json=body).status_code == 401
        assert client.post("/decorator/7", json={"number": 7}, headers=bearer()).status_code == 403
    assert client.post("/decorator/7", json={"number": 7}, headers=bearer(**CLERK)).json() == "ran"


def test_equal_requirements_are_equal_dependencies() -> None:
    assert require(scope("a"), role("b")) == require(scope("a"), role("b"))
    assert hash(require(scope("a"))) == hash(require(scope("a")))
    assert require(scope("a")) != require(scope("b"))
    assert require(scope("a")) != scope("a")
    assert repr(require(scope("a"))) == "require(scope('a'))"


def test_a_dependency_can_be_overridden_in_a_test_as_all_others() -> None:
    app = FastAPI()

    @app.get("/clerk")
    def endpoint(caller: Annotated[Principal, Depends(require(role("clerk")))]) -> str:
        return caller.subject

    @app.get("/other")
    def other(caller: Annotated[Principal, Depends(require(role("other")))]) -> str:
        return caller.subject

    @app.get("/current")
    def current(caller: CurrentPrincipal) -> str:
        return caller.subject

    client = guarded(app)
    app.dependency_overrides[require(role("clerk"))] = lambda: Principal(subject="tester", issuer="test")
    assert client.get("/clerk", headers=bearer()).json() == "tester"
    assert client.get("/clerk").status_code == 401  # the door is no dependency
    assert client.get("/other", headers=bearer()).status_code == 403
    assert client.get("/current", headers=bearer()).json() == "alice"
    app.dependency_overrides.clear()
    assert client.get("/clerk", headers=bearer()).status_code == 403


def test_an_override_may_be_another_requirement() -> None:
    app = FastAPI(dependencies=[Depends(require(role("clerk")))])
    app.get("/")(answer)
    client = guarded(app)
    app.dependency_overrides[require(role("clerk"))] = require(scope("orders:read"))
    assert client.get("/", headers=bearer(**CLERK)).status_code == 403
    assert client.get("/", headers=bearer(**READER)).json() == "alice"


# Who is calling


def test_current_principal_is_a_parameter_and_anonymous_on_public_routes() -> None:
    @public
    def endpoint(caller: CurrentPrincipal) -> list[bool]:
        return [caller is current_principal(), caller is ANONYMOUS]

    client = with_route(endpoint)
    assert client.get("/").json() == [True, True]
    assert client.get("/", headers=bearer()).json() == [True, False]


def test_a_principal_is_never_read_from_the_request_or_written_into_an_answer() -> None:
    def forged(caller: Principal) -> str:
        return caller.subject

    def nested(caller: Annotated[Principal, require(role("clerk"))]) -> str:
        return caller.subject

    def answered() -> Principal:
        return current_principal()

    for endpoint in (forged, nested, answered):
        with pytest.raises(ConfigurationError, match="CurrentPrincipal"):
            FastAPI().post("/")(endpoint)
