"""``require`` on everything that FastAPI calls an endpoint, and nothing added to it."""

import functools
from collections.abc import Callable
from typing import Annotated, Any

import pytest
from fastapi import APIRouter, Depends, FastAPI, Header, Request, Security
from pydantic import BaseModel
from starlette.endpoints import HTTPEndpoint
from starlette.responses import PlainTextResponse, Response

from jwt_middleware import (
    Forbidden,
    authenticated,
    claim,
    path,
    role,
    scope,
)
from jwt_middleware.fastapi import demand, public, require
from tests.fastapi.callers import CLERK, READER, answer, assert_only_clerks, bearer, guarded, whoami, with_route


class Order(BaseModel):
    number: int


class Awaited:
    async def __call__(self) -> str:
        return whoami()


class Called:
    def __call__(self) -> str:
        return whoami()


class Shop:
    def __init__(self) -> None:
        self.router = APIRouter()
        self.router.add_api_route("/awaited", require(role("clerk"))(self.awaited))
        self.router.add_api_route("/called", require(role("clerk"))(self.called))
        self.router.add_api_route("/decorated", self.decorated)
        self.router.add_api_route("/open", self.open)

    async def awaited(self) -> str:
        return whoami()

    def called(self) -> str:
        return whoami()

    @require(role("clerk"))
    async def decorated(self) -> str:
        return whoami()

    @public
    async def open(self) -> str:
        return whoami()


def endpoints() -> dict[str, Callable[..., Any]]:
    """Everything that is an endpoint, new each time: a function remembers that it was decorated."""

    async def coroutine() -> str:
        return whoami()

    def function() -> str:
        return whoami()

    async def with_word(word: str) -> str:
        return whoami() if word == "x" else word

    return {
        "coroutine function": coroutine,
        "function": function,
        "instance that is awaited": Awaited(),
        "instance that is called": Called(),
        "bound coroutine method": Shop().awaited,
        "bound method": Shop().called,
        "partial": functools.partial(with_word, word="x"),
    }


@pytest.mark.parametrize("included", [False, True])
@pytest.mark.parametrize("kind", sorted(endpoints()))
def test_everything_that_is_an_endpoint_asks_before_it_runs(kind: str, included: bool) -> None:
    endpoint = require(role("clerk"))(endpoints()[kind])
    app, router = FastAPI(), APIRouter()
    (router if included else app).get("/")(endpoint)
    app.include_router(router, prefix="/included")
    assert_only_clerks(guarded(app), "/included/" if included else "/")


def test_a_function_keeps_its_name_and_its_parameters() -> None:
    def listed(app: FastAPI) -> list[object]:
        return [
            (getattr(each, "name", ""), operation["operationId"], operation["summary"], operation.get("parameters"))
            for each in app.router.routes[4:]
            for operation in app.openapi()["paths"]["/"].values()
        ]

    for endpoint, same in zip(endpoints().values(), endpoints().values(), strict=True):
        plain, guarded_one = FastAPI(), FastAPI()
        plain.get("/")(endpoint)
        guarded_one.get("/")(require(authenticated)(same))
        assert listed(plain) == listed(guarded_one)


def test_methods_of_a_class_of_routes_ask_and_are_marked() -> None:
    app = FastAPI()
    app.include_router(Shop().router)
    client = guarded(app)
    for path_of in ("/awaited", "/called", "/decorated"):
        assert_only_clerks(client, path_of)
    assert client.get("/open").json() == "anonymous"


def test_class_based_endpoints_ask_before_any_method() -> None:
    class Guarded(HTTPEndpoint):
        async def get(self, request: Request) -> Response:
            return PlainTextResponse(whoami())

    Orders: Any = require(role("clerk"))(Guarded)
    app, router = FastAPI(), APIRouter()
    router.add_route("/orders", Orders)
    app.add_route("/orders", Orders)
    app.include_router(router, prefix="/included")
    client = guarded(app)
    assert_only_clerks(client, "/orders")
    assert_only_clerks(client, "/included/orders")
    assert client.post("/orders", headers=bearer()).status_code == 403


def test_several_requirements_are_all_demanded_also_one_above_the_other() -> None:
    @require(scope("orders:read"))
    @require(role("clerk"), ~role("banned"))
    def endpoint() -> str:
        return whoami()

    client = with_route(endpoint)
    assert client.get("/", headers=bearer(**CLERK)).status_code == 403
    assert client.get("/", headers=bearer(**READER)).status_code == 403
    assert client.get("/", headers=bearer(**READER, **CLERK)).json() == "alice"


@pytest.mark.parametrize("how", ["decorator", "dependency", "demand"])
def test_a_claim_is_compared_with_the_parameter_of_the_route(how: str) -> None:
    own = claim("tenant", path("tenant_id"))
    app, router = FastAPI(), APIRouter()

    def endpoint(tenant_id: str) -> str:
        if how == "demand":
            demand(own)
        return tenant_id

    depends = [Depends(require(own))] if how == "dependency" else []
    router.get("/{tenant_id}", dependencies=depends)(require(own)(endpoint) if how == "decorator" else endpoint)
    app.include_router(router, prefix="/tenants")
    client = guarded(app)
    assert client.get("/tenants/acme", headers=bearer(tenant="acme")).json() == "acme"
    for headers in (bearer(tenant="other"), bearer()):
        assert client.get("/tenants/acme", headers=headers).status_code == 403


# Nothing is added


def test_nothing_is_added_to_parameters_and_body() -> None:
    def described(dress: Callable[[Any], Any], options: dict[str, Any]) -> Any:
        app = FastAPI()

        def endpoint(number: int, order: Order, x_trace: Annotated[str, Header()], limit: int = 3) -> list[object]:
            return [number, order.number, x_trace, limit]

        app.post("/{number}", **options)(dress(endpoint))
        client = guarded(app)
        answer = client.post(
            "/7?limit=4&connection=evil&scopes=evil&endpoint=evil",
            json={"number": 8},
            headers={**bearer(**CLERK), "X-Trace": "t"},
        )
        operation = app.openapi()["paths"]["/{number}"]["post"]
        return answer.json(), operation["parameters"], operation["requestBody"]

    plain = described(lambda endpoint: endpoint, {})
    assert plain[0] == [7, 8, "t", 4]
    assert described(require(role("clerk")), {}) == plain
    assert described(lambda endpoint: endpoint, {"dependencies": [Depends(require(role("clerk")))]}) == plain
    security = Security(require(role("clerk")), scopes=[])
    assert described(lambda endpoint: endpoint, {"dependencies": [security]}) == plain


def test_a_refusal_in_an_endpoint_and_in_a_dependency_becomes_the_challenge() -> None:
    def refusing() -> None:
        raise Forbidden(missing=("a good reason",))

    async def demanding() -> None:
        demand(role("clerk"))

    app = FastAPI()
    app.get("/endpoint")(refusing)
    app.get("/demand")(demanding)
    app.get("/dependency", dependencies=[Depends(refusing)])(answer)
    client = guarded(app)
    for path_of, missing in (
        ("/endpoint", "a good reason"),
        ("/demand", "role clerk"),
        ("/dependency", "a good reason"),
    ):
        refused = client.get(path_of, headers=bearer())
        assert (refused.status_code, refused.json()["missing"]) == (403, [missing])
