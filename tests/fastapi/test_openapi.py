"""What the OpenAPI document says of tokens, and where it says nothing."""

from collections.abc import Callable
from typing import Annotated, Any

import pytest
from fastapi import APIRouter, Depends, FastAPI, Security
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.openapi.utils import get_openapi
from fastapi.security import APIKeyHeader
from fastapi.testclient import TestClient

from jwt_middleware import Principal, authenticated, role, scope
from jwt_middleware.fastapi import CurrentPrincipal, JWTMiddleware, openapi_document, public, require, unguarded
from tests.fastapi.callers import bearer, guard_for, guarded

BEARER = {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


def document_of(app: FastAPI, path: str = "/openapi.json", **options: Any) -> Any:
    return guarded(app, **options).get(path, headers=bearer()).json()


def operation_of(app: FastAPI, **options: Any) -> Any:
    return document_of(app, **options)["paths"]["/"]["get"]


def scopes_of(operation: Any) -> list[list[str]]:
    return [each["JWT"] for each in operation["security"]]


async def endpoint() -> str:
    return "answer"


def test_a_guarded_route_shows_the_scheme_its_401_and_its_403() -> None:
    app = FastAPI()
    app.get("/")(endpoint)
    document = document_of(app)
    assert document["components"]["securitySchemes"]["JWT"] == BEARER
    operation = document["paths"]["/"]["get"]
    assert operation["security"] == [{"JWT": []}]
    for status in ("401", "403"):
        schema = operation["responses"][status]["content"]["application/problem+json"]["schema"]
        assert set(schema["properties"]) == {"type", "title", "status", "detail", "code", "missing"}
    assert set(operation["responses"]) == {"200", "401", "403"}


def test_the_document_can_be_written_to_a_file_without_a_request() -> None:
    app = FastAPI()
    app.add_middleware(JWTMiddleware, guard=guard_for())
    app.get("/")(require(scope("orders:read"))(lambda: "orders"))
    written = openapi_document(app)
    assert written["paths"]["/"]["get"]["security"] == [{"JWT": ["orders:read"]}]
    assert written == openapi_document(app) == TestClient(app).get("/openapi.json", headers=bearer()).json()
    assert openapi_document(FastAPI())["paths"] == {}  # nothing stands in front, nothing is demanded


def test_routes_that_take_callers_without_a_token_show_nothing() -> None:
    app = FastAPI()
    app.get("/public")(public(lambda: "public"))
    app.get("/unguarded")(unguarded(lambda: "unguarded"))
    app.get("/public-path")(endpoint)
    app.get("/files/{name}")(endpoint)
    app.get("/unguarded-path")(endpoint)
    app.get("/by-method")(endpoint)
    app.post("/by-method")(endpoint)
    document = document_of(
        app, public_paths=["/public-path", "/files/*", ("GET", "/by-method")], unguarded_paths=["/unguarded-path"]
    )
    for path in ("/public", "/unguarded", "/public-path", "/files/{name}", "/unguarded-path", "/by-method"):
        operation = document["paths"][path]["get"]
        assert "security" not in operation, path
        assert "401" not in operation["responses"], path
    assert document["paths"]["/by-method"]["post"]["security"] == [{"JWT": []}]


def test_routes_outside_of_guarded_paths_show_nothing() -> None:
    app = FastAPI()
    app.get("/open")(endpoint)
    app.get("/api/orders")(endpoint)
    document = document_of(app, guarded_paths=["/api/*"])
    assert "security" not in document["paths"]["/open"]["get"]
    assert document["paths"]["/api/orders"]["get"]["security"] == [{"JWT": []}]


def as_signature(caller: Annotated[Principal, Depends(require(scope("a"), scope("b") | role("c")))]) -> str:
    return caller.subject


def as_security(caller: Annotated[Principal, Security(require(scope("a")), scopes=["b"])]) -> str:
    return caller.subject


def deeper(name: Annotated[str, Depends(as_signature)]) -> str:
    return name


@require(scope("a"), scope("b") & ~scope("c"), role("d"))
def decorated() -> str:
    return "answer"


@require(scope("a"))
def both(caller: Annotated[Principal, Security(require(authenticated), scopes=["b"])]) -> str:
    return caller.subject


@pytest.mark.parametrize("view", [as_signature, as_security, deeper, decorated, both])
def test_the_scopes_that_are_demanded_are_shown_however_they_are_demanded(view: Callable[..., Any]) -> None:
    app, router = FastAPI(), APIRouter()
    app.get("/")(view)
    router.get("/")(view)
    app.include_router(router, prefix="/included")
    document = document_of(app)
    for path in ("/", "/included/"):
        (scopes,) = scopes_of(document["paths"][path]["get"])
        assert sorted(scopes) == ["a", "b"]
        assert {"401", "403"} < set(document["paths"][path]["get"]["responses"])
    assert list(document["components"]["securitySchemes"]) == ["JWT"]


def test_the_scopes_of_routers_are_shown_on_each_of_their_routes() -> None:
    inner = APIRouter(dependencies=[Depends(require(scope("a")))])
    inner.get("/")(endpoint)
    outer = APIRouter()
    outer.include_router(inner, prefix="/inner", dependencies=[Security(require(authenticated), scopes=["b"])])
    app = FastAPI(dependencies=[Depends(require(scope("c")))])
    app.include_router(outer, prefix="/outer")
    app.get("/")(endpoint)
    document = document_of(app)
    (scopes,) = scopes_of(document["paths"]["/outer/inner/"]["get"])
    assert sorted(scopes) == ["a", "b", "c"]
    assert scopes_of(document["paths"]["/"]["get"]) == [["c"]]


def test_a_mounted_application_says_it_of_itself() -> None:
    def shop() -> FastAPI:
        app, router = FastAPI(), APIRouter()
        router.get("/orders")(decorated)
        app.include_router(router, prefix="/included")
        app.get("/health")(public(lambda: "health"))
        app.get("/open")(endpoint)
        return app

    app, mounting = FastAPI(), APIRouter()
    app.get("/open")(endpoint)
    app.mount("/shop", shop())
    mounting.mount("/deeper", shop())
    layer = FastAPI()
    layer.mount("/below", shop())
    layer.add_middleware(GZipMiddleware)
    app.mount("/layer", layer)
    app.include_router(mounting)
    client = guarded(app, public_paths=["/shop/open"])
    for place, opened in (("/shop", True), ("/deeper", False), ("/layer/below", False)):
        paths = client.get(f"{place}/openapi.json", headers=bearer()).json()["paths"]
        assert scopes_of(paths["/included/orders"]["get"]) == [["a", "b"]], place
        assert "security" not in paths["/health"]["get"]
        assert ("security" not in paths["/open"]["get"]) is opened, place
    paths = client.get("/openapi.json", headers=bearer()).json()["paths"]
    assert list(paths) == ["/open"]
    assert paths["/open"]["get"]["security"] == [{"JWT": []}]


def test_a_door_of_a_mounted_application_knows_its_own_paths() -> None:
    sub = FastAPI()
    sub.get("/open")(endpoint)
    sub.get("/closed")(endpoint)
    guarded(sub, public_paths=["/open"])
    app = FastAPI()
    app.mount("/shop", sub)
    client = guarded(app, guarded_paths=["/elsewhere"])
    paths = client.get("/shop/openapi.json", headers=bearer()).json()["paths"]
    assert "security" not in paths["/open"]["get"]
    assert paths["/closed"]["get"]["security"] == [{"JWT": []}]


def test_what_a_route_says_of_its_own_answers_and_schemes_stays() -> None:
    key = APIKeyHeader(name="X-Key")
    app = FastAPI()
    responses: dict[int | str, dict[str, Any]] = {401: {"description": "their own"}}
    app.get("/", responses=responses, dependencies=[Depends(key)])(decorated)
    operation = operation_of(app)
    assert operation["responses"]["401"]["description"] == "their own"
    assert operation["security"] == [{"APIKeyHeader": [], "JWT": ["a", "b"]}]


def test_a_function_of_the_users_own_is_completed_whatever_it_answers() -> None:
    app = FastAPI()
    app.get("/")(decorated)

    def fresh() -> dict[str, Any]:
        return {**get_openapi(title="theirs", version="7", routes=app.routes), "x-own": "yes"}

    app.openapi = fresh  # type: ignore[method-assign]  # as FastAPI documents it
    client = guarded(app)
    for _ in range(2):
        document = client.get("/openapi.json", headers=bearer()).json()
        assert (document["info"]["title"], document["x-own"]) == ("theirs", "yes")
        assert scopes_of(document["paths"]["/"]["get"]) == [["a", "b"]]
    app.openapi = lambda: {"openapi": "3.1.0", "info": {}}  # type: ignore[method-assign]  # a document without paths
    assert client.get("/openapi.json", headers=bearer()).status_code == 200


def test_a_method_of_a_subclass_is_completed_too() -> None:
    class Own(FastAPI):
        def openapi(self) -> dict[str, Any]:
            return {**super().openapi(), "x-own": "yes"}

    app = Own()
    app.get("/")(decorated)
    document = document_of(app)
    assert document["x-own"] == "yes"
    assert scopes_of(document["paths"]["/"]["get"]) == [["a", "b"]]


def test_a_document_that_was_made_before_the_first_request_is_completed_at_it() -> None:
    app = FastAPI()
    app.get("/")(decorated)
    early = app.openapi()
    assert "security" not in early["paths"]["/"]["get"]
    assert scopes_of(operation_of(app)) == [["a", "b"]]


def test_routes_that_are_added_later_are_shown() -> None:
    app = FastAPI()
    app.get("/")(decorated)
    client = guarded(app)
    client.get("/openapi.json", headers=bearer())
    app.get("/late")(decorated)
    app.openapi_schema = None  # some versions of FastAPI keep their document whatever is added
    document = client.get("/openapi.json", headers=bearer()).json()
    assert scopes_of(document["paths"]["/late"]["get"]) == [["a", "b"]]
    assert scopes_of(document["paths"]["/"]["get"]) == [["a", "b"]]


def test_nothing_but_security_and_answers_is_changed() -> None:
    def built() -> FastAPI:
        app, router = FastAPI(), APIRouter()

        def view(number: int, caller: CurrentPrincipal, limit: int = 3) -> int:
            return number

        router.get("/{number}")(require(scope("a"))(view))
        app.include_router(router)
        app.get("/hidden", include_in_schema=False)(endpoint)
        app.webhooks.post("new-order")(endpoint)
        return app

    plain = built().openapi()
    document = document_of(built())
    operation = document["paths"]["/{number}"]["get"]
    del operation["security"], operation["responses"]["401"], operation["responses"]["403"]
    del document["components"]["securitySchemes"]
    assert document == plain


def test_of_two_doors_before_one_application_each_says_what_it_wants() -> None:
    app = FastAPI()
    app.get("/")(decorated)
    app.get("/inner")(endpoint)
    app.get("/open")(endpoint)
    app.add_middleware(JWTMiddleware, guard=guard_for(), public_paths=["/open"])
    document = document_of(app, guarded_paths=["/", "/openapi.json"])
    assert scopes_of(document["paths"]["/"]["get"]) == [["a", "b"]]
    assert scopes_of(document["paths"]["/inner"]["get"]) == [[]]
    assert "security" not in document["paths"]["/open"]["get"]


def test_a_door_that_is_asked_later_changes_a_document_that_was_shown() -> None:
    app = FastAPI()
    app.get("/")(endpoint)
    assert "security" not in operation_of(app, public_paths=["/"])
    TestClient(JWTMiddleware(app, guard=guard_for())).get("/", headers=bearer())
    assert app.openapi()["paths"]["/"]["get"]["security"] == [{"JWT": []}]


def test_an_application_that_is_mounted_twice_shows_what_it_wants_anywhere() -> None:
    app, sub = FastAPI(), FastAPI()
    sub.get("/")(endpoint)
    app.mount("/open", sub)
    app.mount("/closed", sub)
    document = document_of(app, "/closed/openapi.json", public_paths=["/open/*"])
    assert document["paths"]["/"]["get"]["security"] == [{"JWT": []}]


def test_swagger_has_its_button_and_the_document_is_guarded_itself() -> None:
    app = FastAPI()
    app.get("/")(decorated)
    client = guarded(app, public_paths=["/docs"])
    assert "SwaggerUIBundle" in client.get("/docs").text
    assert client.get("/openapi.json").status_code == 401
