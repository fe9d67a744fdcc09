"""Where do the routes of a Starlette application stand, as they are written and as an example?"""

import functools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from starlette.endpoints import HTTPEndpoint
from starlette.routing import Host, Mount, Router, WebSocketRoute, compile_path

from . import asgi
from .route_map.by_path import METHODS
from .route_map.examples import fitting
from .route_map.route import WEBSOCKET
from .starlette_routes import Flatten, along, is_plain_kind


@dataclass(frozen=True, slots=True)
class Place:
    """How far down the mounts: as it is written, and an example of it; None where none was found."""

    path: str = ""
    example: str | None = ""
    host: str = ""
    example_host: str = "testserver"

    def below(self, path: str) -> "Place":
        found = None if self.example is None else example_of(path)
        return Place(
            self.path + path, None if found is None else f"{self.example}{found}", self.host, self.example_host
        )

    def on(self, host: str) -> "Place":
        return Place(self.path, self.example, host, example_of(host) or "testserver")

    def exactly(self, path: str) -> "Place":
        """A path that stands for itself, whatever braces it holds."""
        example = None if self.example is None else f"{self.example}{path}"
        return Place(f"{self.path}{path}", example, self.host, self.example_host)

    def beyond(self) -> "Place":
        example = None if self.example is None else f"{self.example}/some-value"
        return Place(f"{self.path}/*", example, self.host, self.example_host)


def _none(router: Router) -> Sequence[Any]:  # noqa: ARG001  # asked like its siblings
    return ()


@dataclass(frozen=True, slots=True)
class Routing:
    """How a framework keeps its routes: ``flat`` gives them one by one, ``late`` those that are asked after all others.

    What is asked late takes everything below its path.
    """

    flat: Flatten = iter
    late: Callable[[Router], Sequence[Any]] = _none


STARLETTES: Final = Routing()


@dataclass(frozen=True, slots=True)
class Leaf:
    """A route that leads to something which is no router."""

    route: Any
    place: Place
    methods: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlacedDoor:
    """A door, where it stands, and whether a router stands behind it: then its routes say what it guards."""

    door: asgi.JWTMiddleware
    place: Place
    routed: bool


def leaves(app: object, place: Place, routing: Routing) -> Iterator[Leaf | PlacedDoor]:
    """Every route at or below ``app`` in the order of its routers, and every door that stands before one."""
    way = list(along(app))
    router = way[-1] if isinstance(way[-1], Router) else None
    for each in way:
        if isinstance(each, asgi.JWTMiddleware):
            yield PlacedDoor(each, place, router is not None)
    if router is None:
        yield Leaf(Mount(place.path, app=app), place.beyond(), METHODS)  # type: ignore[arg-type]  # asked as a whole
        return
    for route in routing.flat(router.routes):
        declared = getattr(route, "original_route", route)
        if isinstance(declared, Mount):
            yield from leaves(declared.app, place.below(getattr(route, "path", None) or declared.path), routing)
        elif isinstance(declared, Host):
            yield from leaves(declared.app, place.on(declared.host), routing)
        else:
            path = getattr(route, "path", None)
            yield Leaf(route, place.beyond() if path is None else place.below(path), _methods(route, declared))
    for route in routing.late(router):
        yield Leaf(route, place.below(route.path.rstrip("/")).beyond(), _methods(route, route))
    if answers_the_rest(router):
        yield Leaf(rest_of(router), place.beyond(), METHODS)


def answers_the_rest(router: Router) -> bool:
    """Whether something of the user's, and not the framework's 404, answers where no route does."""
    return router.default != router.not_found or not is_plain_kind(type(router), "not_found")


def rest_of(router: Router) -> Mount:
    return Mount("", app=router.default)


def end_of(app: object) -> object:
    """What answers in the end, behind whatever doors and middlewares can be seen through."""
    *_, last = along(app)
    return last


def name_of_method(endpoint: object, method: str) -> str:
    return "get" if method == "HEAD" and not hasattr(endpoint, "head") else method.lower()


def _methods(route: Any, declared: object) -> tuple[str, ...]:
    if isinstance(declared, WebSocketRoute):
        return WEBSOCKET
    methods, endpoint = getattr(route, "methods", None), getattr(route, "endpoint", None)
    if isinstance(endpoint, type) and issubclass(endpoint, HTTPEndpoint):
        own = {method for method in METHODS if hasattr(endpoint, name_of_method(endpoint, method))}
        return tuple(sorted(own if methods is None else own & set(methods)))
    return METHODS if methods is None else tuple(sorted(methods))


@functools.cache
def example_of(path: str) -> str | None:
    """A path, or a host, that fits the one that is written, or None where none was found."""
    _, shape, converters = compile_path(path)
    values = {name: _value_for(converter) for name, converter in converters.items()}
    if None in values.values():
        return None
    return shape.format(**values)


def _value_for(converter: Any) -> str | None:
    return fitting(lambda value: _fits(converter, value))


def _fits(converter: Any, value: str) -> bool:
    if not re.fullmatch(converter.regex, value):
        return False
    try:
        converter.convert(value)
    except ValueError:
        return False
    return True
