"""The route map of a FastAPI application: read with what its doors decide with."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi.routing import RouteContext, iter_route_contexts
from starlette.routing import Match, Router

from . import starlette_map
from .access.requirements import Requirement
from .asgi import App
from .fastapi_routes import requirements, scopes_wanted
from .route_map.route import RouteMap
from .starlette_places import Routing


@dataclass(frozen=True, slots=True)
class FrontEnd:
    """What ``app.frontend`` serves below a path, asked after all other routes."""

    path: str
    route: Any
    dependant: Any
    endpoint: None = None

    @property
    def app(self) -> Any:
        return self.route.app

    @property
    def methods(self) -> Any:
        return self.route.methods

    def matches(self, scope: Mapping[str, Any]) -> tuple[Match, Mapping[str, Any]]:
        found: tuple[Match, Mapping[str, Any]] = self.route.matches_with_path(scope, self.path)
        return found


def route_map(app: App) -> RouteMap:
    """Every route of ``app``: of included routers, of mounted applications of every kind, of WebSockets.

    Builds its middlewares, as its first request would. Raises ConfigurationError where the application is mistaken.
    """
    return starlette_map.route_map(app, routing=Routing(_flat, _front_ends), demanded=_demanded)


def _flat(routes: Sequence[Any]) -> Iterator[Any]:
    """Routes one by one. Of Starlette's own that were included, the oldest FastAPI says nothing but what they are."""
    for each in iter_route_contexts(routes):
        own = None if each.endpoint is not None else getattr(each, "starlette_route", None)
        yield each if getattr(own, "endpoint", None) is None else own


def _demanded(route: Any, method: str) -> Iterator[Requirement | None]:
    yield from starlette_map.of_endpoint(route, method)
    if isinstance(route, RouteContext | FrontEnd):
        asked: Any = route
        yield from requirements(asked)
        yield from scopes_wanted(asked)


def _front_ends(router: Router) -> Sequence[FrontEnd]:
    """The front ends of a router and of those that are included in it, the longest path first, as FastAPI asks them."""
    asked = getattr(router, "_iter_low_priority_routes", None)  # FastAPI tells of them in no other way
    found = []
    for each in () if asked is None else asked():
        group, prefix = getattr(each, "original_route", each), getattr(each, "frontend_prefix", "")
        for route in getattr(group, "routes", ()):
            path = f"{prefix}{route.path}".rstrip("/") or "/"
            found.append(FrontEnd(path, route, each.dependant))
    return sorted(found, key=lambda each: -len(each.path))
