"""The route map of a FastAPI application: read with what its doors decide with."""

from collections.abc import Iterator
from typing import Any

from fastapi.routing import RouteContext, iter_route_contexts

from . import starlette_map
from .access.requirements import Requirement
from .asgi import App
from .fastapi_routes import requirements, scopes_wanted
from .route_map.route import RouteMap


def route_map(app: App) -> RouteMap:
    """Every route of ``app``: of included routers, of mounted applications of every kind, of WebSockets.

    Builds its middlewares, as its first request would. Raises ConfigurationError where the application is mistaken.
    """
    return starlette_map.route_map(app, flat=iter_route_contexts, demanded=_demanded)


def _demanded(route: Any, method: str) -> Iterator[Requirement | None]:
    yield from starlette_map.of_endpoint(route, method)
    if isinstance(route, RouteContext):
        yield from requirements(route)
        yield from scopes_wanted(route)
