"""The map of a FastAPI application says what its door does."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Security, WebSocket
from starlette.applications import Starlette
from starlette.routing import Route

from jwt_middleware import claim, group, path, permission, role, scope
from jwt_middleware.fastapi import JWTMiddleware, public, require, unguarded
from jwt_middleware.fastapi_map import route_map
from jwt_middleware.route_map.table import to_table

from ..route_map.proof import differences, remembered, unnoticed
from ..starlette.callers import guard_for
from ..starlette.nasty import calling, ran_here, view

HERE = Path(__file__).parent


def named(name: str, *decorators: Callable[[Any], Any]) -> Any:
    async def endpoint() -> str:
        ran_here(name)
        return name

    endpoint.__qualname__ = endpoint.__name__ = name
    for each in decorators:
        endpoint = each(endpoint)
    return endpoint


def test_a_front_end_is_a_row_with_what_its_router_demands() -> None:
    app = application()
    found = {row.path: (row.access.value, row.words) for row in route_map(app).routes if row.path.endswith("pages/*")}
    rows = {"/pages/*": ("default", ""), "/desk/pages/*": ("declared", "role('r')")}
    assert found == (rows if hasattr(app, "frontend") else {})


def application() -> FastAPI:
    app = FastAPI()
    app.get("/health")(named("health", public))
    app.post("/login")(named("login", unguarded))
    app.get("/orders")(named("list_orders", require(scope("a"))))
    app.post("/orders", dependencies=[Depends(require(role("r")))])(named("place_order", require(scope("a"))))
    app.api_route("/many", methods=["GET", "HEAD", "OPTIONS"], include_in_schema=False)(
        named("many", require(permission("p") | group("g")))
    )
    app.get("/scoped", dependencies=[Security(require(role("r")), scopes=["a", "b"])])(named("scoped"))

    def inherits(principal: Annotated[Any, Depends(require(group("g")))]) -> None: ...

    app.get("/inherits", dependencies=[Security(inherits, scopes=["a"])])(named("inherits"))

    inner = APIRouter(prefix="/inner", dependencies=[Depends(require(scope("b")))])
    inner.get("/plain")(named("inner_plain"))
    inner.put("/tenants/{tenant}")(named("inner_tenant", require(claim("tenant", path("tenant")))))
    outer = APIRouter(prefix="/outer")
    outer.include_router(inner, prefix="/deep")
    outer.get("/open")(named("outer_open", public))
    outer.mount("/mounted", Starlette(routes=[Route("/open", view("outer_mounted", public))]))
    outer.add_route("/plain", view("outer_plain", public))
    app.include_router(outer)
    app.include_router(inner, prefix="/again", dependencies=[Depends(require(role("r")))])
    app.get("/outer/{rest:path}")(named("outer_rest"))
    app.get("/outer/late")(named("outer_late", public))

    async def talk(websocket: WebSocket) -> None:
        ran_here("talk")
        await websocket.accept()

    talk.__qualname__ = "talk"
    app.websocket("/ws", dependencies=[Depends(require(scope("a")))])(talk)

    def yields(principal: Annotated[Any, Depends(require(group("g")))]) -> Iterator[int]:
        yield 1

    app.get("/yields", dependencies=[Depends(yields)])(named("yields"))
    app.api_route("/unusual", methods=["QUERY", "purge"], include_in_schema=False)(
        named("unusual", require(scope("a")))
    )
    app.trace("/traced")(named("traced"))

    wide = FastAPI(dependencies=[Depends(require(scope("a")))], docs_url=None, redoc_url=None)
    wide.get("/plain")(named("wide_plain"))
    wide.include_router(inner, prefix="/{part}")
    app.host("wide.example.org", wide)
    astray = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    astray.root_path = "/elsewhere"  # which leads astray where it is mounted
    astray.get("/open")(named("astray_open", public))
    app.mount("/astray", astray)

    if hasattr(app, "frontend"):  # the oldest versions have none
        app.frontend("/pages", directory=HERE)
        desk = APIRouter(prefix="/desk", dependencies=[Depends(require(role("r")))])
        desk.frontend("/pages", directory=HERE)
        app.include_router(desk)

    below = FastAPI()
    below.get("/open")(named("below_open", public))
    below.delete("/needs")(named("below_needs", require(scope("a"))))
    below.include_router(outer)
    app.mount("/below", below)
    app.mount("/bare", Starlette(routes=[Route("/open", view("bare_open", public)), Route("/shut", view("bare_shut"))]))
    app.add_middleware(JWTMiddleware, guard=guard_for(), public_paths=["/openapi.json", "/below/docs"])
    return app


def test_the_map_of_a_nasty_application_is_its_behaviour() -> None:
    app = application()
    found = route_map(app)
    print(to_table(found))
    with calling(app) as made:
        call = remembered(made)
        assert "\n".join(differences(found, call)) == ""
        assert unnoticed(found, call) == []
