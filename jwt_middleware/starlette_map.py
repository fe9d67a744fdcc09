"""The route map of a Starlette application, or of any ASGI application: read with what its doors decide with."""

import functools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from starlette.endpoints import HTTPEndpoint
from starlette.routing import Host, Mount, Router, WebSocketRoute, compile_path

from . import asgi
from .access.marks import Mark, mark_of, requirement_of
from .access.paths import patterns_of
from .access.requirements import Requirement
from .asgi import route_path
from .route_map.by_path import METHODS, opened
from .route_map.declared_at import declared_at, layers, name_of
from .route_map.route import ANY_METHOD, UNSEEN, WEBSOCKET, Access, Route, RouteMap, access_of, grouped, together
from .route_map.unmapped import unmapped
from .starlette_routes import Choice, Flatten, along, chosen

Demanded = Callable[[Any, str], Iterable[Requirement | None]]

_VALUES: Final = (
    "some-value",
    "7919",
    "7919.5",
    str(UUID(int=7919)),
    "some/value",
    "2026-01-02",
    "2026-01-02T03:04:05",
)


def of_endpoint(route: Any, method: str) -> Iterator[Requirement | None]:
    """What ``require`` demands on an endpoint: the function, the class, the method of it that will run."""
    endpoint = getattr(route, "endpoint", None)
    yield from (requirement_of(each) for each in layers(endpoint))
    if isinstance(endpoint, type) and issubclass(endpoint, HTTPEndpoint):
        yield requirement_of(getattr(endpoint, _name_of_method(endpoint, method), None))


def route_map(app: asgi.App, *, flat: Flatten = iter, demanded: Demanded = of_endpoint) -> RouteMap:
    """Every route of ``app``, mounted applications included. Builds its middlewares, as its first request would.

    ``flat`` gives the routes one by one where a framework keeps them in bundles; ``demanded`` says what a route
    requires. Raises ConfigurationError where the application is mistaken.
    """
    reader = _Reader(app, flat, demanded)
    routes = [each for leaf in reader.leaves(app, _Place()) for each in reader.routes(leaf)]
    for door in reader.outermost:
        public, unguarded = patterns_of(door.is_public_path), patterns_of(door.is_unguarded_path)
        routes += opened(public, Access.PUBLIC, "public_paths", routes, reader.at)
        routes += opened(unguarded, Access.UNGUARDED, "unguarded_paths", routes, reader.at)
    guards = [door.guard for door in reader.doors.values()]
    known = not any(guard.resolves for guard in guards)
    trusted = [each for guard in guards for each in guard.trusted]
    return RouteMap(routes=tuple(routes), unmapped=unmapped(trusted) if known else ())


@dataclass(frozen=True, slots=True)
class _Place:
    """How far down the mounts: as it is written, and an example of it; None where none was found."""

    path: str = ""
    example: str | None = ""
    host: str = ""
    example_host: str = "testserver"

    def below(self, path: str) -> "_Place":
        found = None if self.example is None else example_of(path)
        return _Place(
            self.path + path, None if found is None else f"{self.example}{found}", self.host, self.example_host
        )

    def on(self, host: str) -> "_Place":
        return _Place(self.path, self.example, host, example_of(host) or "testserver")


@dataclass(frozen=True, slots=True)
class _Leaf:
    """A route that leads to something which is no router."""

    route: Any
    place: _Place
    methods: tuple[str, ...]


@dataclass(slots=True)
class _Way:
    """What stands on the way of one request: the marks of its doors, and the route it leads to."""

    marks: list[Mark | None] = field(default_factory=list)
    route: Any = None
    method_allowed: bool = True


class _Reader:
    def __init__(self, app: asgi.App, flat: Flatten, demanded: Demanded) -> None:
        self._app = app
        self._flat = flat
        self._demanded = demanded
        self.doors: dict[int, asgi.JWTMiddleware] = {}
        self.outermost: list[asgi.JWTMiddleware] = []

    def leaves(self, app: object, place: _Place) -> Iterator[_Leaf]:
        router = None
        for each in self._along(app):
            if isinstance(each, asgi.JWTMiddleware):
                self.doors[id(each)] = each
                if not place.path and not place.host and each not in self.outermost:
                    self.outermost.append(each)
            router = each if isinstance(each, Router) else router
        if router is None:
            route = Mount(place.path, app=app)  # type: ignore[arg-type]  # whatever it is, it is asked as a whole
            yield _Leaf(route, _beyond(place), METHODS)
            return
        for route in self._flat(router.routes):
            declared = getattr(route, "original_route", route)
            if isinstance(declared, Mount):
                yield from self.leaves(declared.app, place.below(getattr(route, "path", None) or declared.path))
            elif isinstance(declared, Host):
                yield from self.leaves(declared.app, place.on(declared.host))
            else:
                path = getattr(route, "path", None)
                yield _Leaf(route, _beyond(place) if path is None else place.below(path), _methods(route, declared))

    def routes(self, leaf: _Leaf) -> Iterator[Route]:
        found = [(method, self._route(leaf, method)) for method in leaf.methods]
        every = list(grouped(found))
        if leaf.methods == METHODS and len(every) == 1 and not _is_named(leaf.route):
            every = list(grouped([(ANY_METHOD[0], found[0][1])]))
        yield from every

    def at(self, method: str, path: str) -> Route | None:
        """The route that runs for a method and a path, as a row of the map."""
        leaf = _Leaf(None, _Place(path, path), (method,))
        way = _Way()
        self._follow(self._app, self._scope(leaf, method), way)
        return None if way.route is None or not way.method_allowed else self._row(leaf, method, way, ())

    def _route(self, leaf: _Leaf, method: str) -> Route:
        way = _Way(route=leaf.route)
        notes: list[str] = []
        if leaf.place.example is None:
            notes.append(UNSEEN)
            own = Choice(_endpoint(leaf.route), method_allowed=True).mark(method)  # as if nothing stood in its way
            way.marks = [own for _ in self.outermost]
        else:
            self._follow(self._app, self._scope(leaf, method), way)
            if _endpoint(way.route) is not _endpoint(leaf.route):
                notes.append(f"answered by {name_of(_endpoint(way.route))}, which stands before it")
        return self._row(leaf, method, way, notes)

    def _row(self, leaf: _Leaf, method: str, way: _Way, said: Iterable[str]) -> Route:
        notes = list(said)
        endpoint = _endpoint(way.route)
        requirement = together(self._demanded(way.route, method))
        mark = mark_of(endpoint)
        if mark is not None and None in way.marks:
            notes.append(f"it is marked {mark.value}, and marks do not count here")
        runs = getattr(endpoint, _name_of_method(endpoint, method), endpoint)
        return Route(
            path=leaf.place.path or "/",
            methods=(),
            access=access_of(way.marks, requirement),
            requirement=requirement,
            endpoint=name_of(endpoint),
            declared_at=declared_at(runs if isinstance(endpoint, type) else endpoint),
            host=leaf.place.host,
            notes=tuple(notes),
            example=leaf.place.example or "",
        )

    def _scope(self, leaf: _Leaf, method: str) -> dict[str, Any]:
        path = leaf.place.example or "/"
        kind = "websocket" if method == WEBSOCKET[0] else "http"
        return {
            "type": kind,
            **({"method": method} if kind == "http" else {}),
            "path": path,
            "raw_path": path.encode(),
            "root_path": "",
            "scheme": "http" if kind == "http" else "ws",
            "query_string": b"",
            "headers": [(b"host", leaf.place.example_host.encode())],
            "app": self._app,
        }

    def _follow(self, app: Any, scope: dict[str, Any], way: _Way) -> None:
        """Go where a request would go; what is no router is a route as a whole."""
        routed = False
        for each in self._along(app):
            self._pass_door(each, scope, way)
            if isinstance(each, Router):
                routed = True
                route, child, way.method_allowed = chosen(self._flat(each.routes), scope)
                if route is None:
                    return
                declared = getattr(route, "original_route", route)
                if isinstance(declared, Mount | Host):
                    self._follow(declared.app, {**scope, **child}, way)
                else:
                    way.route = route
                    for layer in self._along(getattr(declared, "app", None)):  # a middleware of the route
                        self._pass_door(layer, {**scope, **child}, way)
        if not routed:
            way.route, way.method_allowed = Mount("", app=app), True

    def _pass_door(self, layer: object, scope: Mapping[str, Any], way: _Way) -> None:
        if isinstance(layer, asgi.JWTMiddleware):
            self.doors[id(layer)] = layer
            way.marks.append(_mark_before(layer, scope))

    def _along(self, app: object) -> Iterator[object]:
        for each in along(app):
            if isinstance(each, asgi.JWTMiddleware):
                each.get_ready({"app": self._app})  # it may put a gate behind itself
            yield each


def _mark_before(door: asgi.JWTMiddleware, scope: Mapping[str, Any]) -> Mark | None:
    """What a door allows before it has seen a token."""
    asked = scope.get("method", "GET"), route_path(dict(scope))
    if not door.is_guarded_path(*asked) or door.is_unguarded_path(*asked):
        return Mark.UNGUARDED
    return door.marks(dict(scope)).ask()


def _methods(route: Any, declared: object) -> tuple[str, ...]:
    if isinstance(declared, WebSocketRoute):
        return WEBSOCKET
    methods, endpoint = getattr(route, "methods", None), getattr(route, "endpoint", None)
    if isinstance(endpoint, type) and issubclass(endpoint, HTTPEndpoint):
        own = {method for method in METHODS if hasattr(endpoint, _name_of_method(endpoint, method))}
        return tuple(sorted(own if methods is None else own & set(methods)))
    return METHODS if methods is None else tuple(sorted(methods))


def _is_named(route: Any) -> bool:
    """Whether a route names its methods; else it takes them all."""
    endpoint = getattr(route, "endpoint", None)
    own = isinstance(endpoint, type) and issubclass(endpoint, HTTPEndpoint)
    return own or getattr(route, "methods", None) is not None


def _name_of_method(endpoint: object, method: str) -> str:
    return "get" if method == "HEAD" and not hasattr(endpoint, "head") else method.lower()


def _endpoint(route: Any) -> object:
    return getattr(route, "endpoint", None) or getattr(route, "app", route)


def _beyond(place: _Place) -> _Place:
    return _Place(
        f"{place.path}/*",
        None if place.example is None else f"{place.example}/some-value",
        place.host,
        place.example_host,
    )


@functools.cache
def example_of(path: str) -> str | None:
    """A path, or a host, that fits the one that is written, or None where none was found."""
    _, shape, converters = compile_path(path)
    values = {name: _value_for(converter) for name, converter in converters.items()}
    if None in values.values():
        return None
    return shape.format(**values)


def _value_for(converter: Any) -> str | None:
    for value in _VALUES:
        if re.fullmatch(converter.regex, value):
            try:
                converter.convert(value)
            except ValueError:
                continue
            return value
    return None
