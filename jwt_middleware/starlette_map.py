"""The route map of a Starlette application, or of any ASGI application: read with what its doors decide with."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from starlette.endpoints import HTTPEndpoint

from . import asgi
from .access.marks import mark_of, requirement_of
from .access.paths import patterns_of
from .access.requirements import Requirement
from .route_map.by_path import METHODS, opened
from .route_map.declared_at import declared_at, layers, name_of
from .route_map.route import (
    ANY_METHOD,
    UNREACHED,
    UNSEEN,
    Access,
    Route,
    RouteMap,
    access_of,
    grouped,
    together,
)
from .route_map.unmapped import unmapped
from .starlette_places import STARLETTES, Leaf, Place, PlacedDoor, Routing, end_of, leaves, name_of_method
from .starlette_routes import Choice
from .starlette_way import Way, way_to

Demanded = Callable[[Any, str], Iterable[Requirement | None]]


def of_endpoint(route: Any, method: str) -> Iterator[Requirement | None]:
    """What ``require`` demands on an endpoint: the function, the class, the method of it that will run."""
    endpoint = getattr(route, "endpoint", None)
    yield from (requirement_of(each) for each in layers(endpoint))
    if isinstance(endpoint, type) and issubclass(endpoint, HTTPEndpoint):
        yield requirement_of(getattr(endpoint, name_of_method(endpoint, method), None))


def route_map(app: asgi.App, *, routing: Routing = STARLETTES, demanded: Demanded = of_endpoint) -> RouteMap:
    """Every route of ``app``, mounted applications included. Builds its middlewares, as its first request would.

    ``routing``: how the framework keeps its routes; ``demanded`` says what a route requires. Raises ConfigurationError
    where the application is mistaken.
    """
    found = list(leaves(app, Place(), routing))
    doors = [each for each in found if isinstance(each, PlacedDoor)]
    reader = _Reader(app, routing, demanded, sum(not each.place.path and not each.place.host for each in doors))
    routes = [row for each in found if isinstance(each, Leaf) for row in reader.routes(each)]
    for door in doors:
        routes += [row for row in reader.opened(door, routes) if row not in routes]
    guards = [each.door.guard for each in doors] + [each.guard for each in reader.doors_of_routes]
    known = not any(guard.resolves for guard in guards)
    trusted = [each for guard in guards for each in guard.trusted]
    return RouteMap(routes=tuple(routes), unmapped=unmapped(trusted) if known else ())


class _Reader:
    def __init__(self, app: asgi.App, routing: Routing, demanded: Demanded, before_everything: int) -> None:
        self._app = app
        self._routing = routing
        self._demanded = demanded
        self._before_everything = before_everything  # doors
        self.doors_of_routes: list[asgi.JWTMiddleware] = []

    def routes(self, leaf: Leaf) -> Iterator[Route]:
        found = [(method, self._route(leaf, method)) for method in leaf.methods]
        every = list(grouped(found))
        if leaf.methods == METHODS and len(every) == 1 and not _is_named(leaf.route):
            every = list(grouped([(ANY_METHOD[0], found[0][1])]))
        yield from every

    def opened(self, placed: PlacedDoor, listed: Sequence[Route]) -> Iterator[Route]:
        """What the paths of a door open, as far as the doors before and behind it let it."""
        door, place = placed.door, placed.place
        kinds = [
            (patterns_of(door.is_public_path), Access.PUBLIC, "public_paths"),
            (patterns_of(door.is_unguarded_path), Access.UNGUARDED, "unguarded_paths"),
        ]
        if not placed.routed:
            kinds.append((patterns_of(door.is_guarded_path), Access.DEFAULT, "guarded_paths"))

        def at(method: str, path: str) -> Route | None:
            leaf = Leaf(None, place.exactly(path), (method,))
            way = way_to(self._app, leaf, method, self._routing)
            return None if way.route is None or not way.method_allowed else self._row(leaf, method, way, ())

        for patterns, access, where in kinds:
            for row in opened(patterns, access, where, listed, at, below=place.path, host=place.host):
                if not row.path.endswith("/*"):
                    reached = row.access
                else:
                    inside = Leaf(None, place.exactly(f"{row.path.removeprefix(place.path)[:-1]}some-value"), ())
                    way = way_to(
                        self._app, inside, "GET" if row.methods == ANY_METHOD else row.methods[0], self._routing
                    )
                    reached = access_of(way.marks, None)
                if reached is not Access.DEFAULT or access is Access.DEFAULT:
                    yield row

    def _route(self, leaf: Leaf, method: str) -> Route:
        if leaf.place.example is None:
            own = Choice(_endpoint(leaf.route), method_allowed=True).mark(method)  # as if nothing stood in its way
            return self._row(leaf, method, Way([own] * self._before_everything, leaf.route), [UNSEEN])
        way = way_to(self._app, leaf, method, self._routing)
        self.doors_of_routes += [each for each in way.doors if each not in self.doors_of_routes]
        if way.route is None:
            return self._row(leaf, method, Way(way.marks, leaf.route), [UNREACHED])
        if _endpoint(way.route) is _endpoint(leaf.route):
            return self._row(leaf, method, way, [])
        return self._row(leaf, method, way, [f"answered by {name_of(_endpoint(way.route))}, which stands before it"])

    def _row(self, leaf: Leaf, method: str, way: Way, said: Iterable[str]) -> Route:
        notes = list(said)
        endpoint = _endpoint(way.route)
        requirement = together(self._demanded(way.route, method))
        mark = mark_of(endpoint)
        if mark is not None and None in way.marks and UNREACHED not in notes:
            notes.append(f"it is marked {mark.value}, and marks do not count here")
        runs = getattr(endpoint, name_of_method(endpoint, method), endpoint)
        return Route(
            path=leaf.place.path or "/",
            methods=(),
            access=Access.NOBODY if UNREACHED in notes else access_of(way.marks, requirement),
            requirement=requirement,
            endpoint=name_of(endpoint),
            declared_at=declared_at(runs if isinstance(endpoint, type) else endpoint),
            host=leaf.place.host,
            notes=tuple(notes),
            example=leaf.place.example or "",
        )


def _is_named(route: Any) -> bool:
    """Whether a route names its methods; else it takes them all."""
    endpoint = getattr(route, "endpoint", None)
    own = isinstance(endpoint, type) and issubclass(endpoint, HTTPEndpoint)
    return own or getattr(route, "methods", None) is not None


def _endpoint(route: Any) -> object:
    return getattr(route, "endpoint", None) or end_of(getattr(route, "app", route))
