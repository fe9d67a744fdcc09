"""Which way does a request go through a Starlette application: past which doors, and to which route?"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.routing import Host, Mount, Router

from . import asgi
from .access.marks import Mark
from .asgi import route_path
from .route_map.route import WEBSOCKET
from .starlette_places import Leaf, Routing, answers_the_rest, rest_of
from .starlette_routes import along, chosen


@dataclass(slots=True)
class Way:
    """What stands on the way of one request: the marks of its doors, and the route it leads to; None: to none."""

    marks: list[Mark | None] = field(default_factory=list)
    route: Any = None
    method_allowed: bool = True
    doors: list[asgi.JWTMiddleware] = field(default_factory=list)


def way_to(app: Any, leaf: Leaf, method: str, routing: Routing) -> Way:
    """The way of a request for the example of ``leaf``. What is no router is a route as a whole."""
    way = Way()
    _follow(app, _scope(app, leaf, method), way, routing)
    return way


def _scope(app: Any, leaf: Leaf, method: str) -> dict[str, Any]:
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
        "app": app,
    }


def _follow(app: Any, scope: dict[str, Any], way: Way, routing: Routing) -> None:
    routed = False
    for each in along(app):
        _pass_door(each, scope, way)
        root_path: object = getattr(each, "root_path", None)
        if isinstance(each, Starlette) and root_path:  # FastAPI writes its own
            scope = {**scope, "root_path": root_path}
        if isinstance(each, Router):
            routed = True
            route, child, way.method_allowed = chosen(routing.flat(each.routes), scope)
            if route is None:
                late, _, way.method_allowed = chosen(routing.late(each), scope)
                if late is not None:
                    way.route = late
                    return
                way.route, way.method_allowed = (rest_of(each), True) if answers_the_rest(each) else (None, False)
                return
            declared = getattr(route, "original_route", route)
            if isinstance(declared, Mount | Host):
                _follow(declared.app, {**scope, **child}, way, routing)
            else:
                way.route = route
                for layer in along(getattr(declared, "app", None)):  # a middleware of the route
                    _pass_door(layer, {**scope, **child}, way)
    if not routed:
        way.route, way.method_allowed = Mount("", app=app), True


def _pass_door(layer: object, scope: Mapping[str, Any], way: Way) -> None:
    if isinstance(layer, asgi.JWTMiddleware):
        layer.get_ready({"app": scope["app"]})  # it may put a gate behind itself
        way.doors.append(layer)
        way.marks.append(_mark_before(layer, scope))


def _mark_before(door: asgi.JWTMiddleware, scope: Mapping[str, Any]) -> Mark | None:
    """What a door allows before it has seen a token."""
    asked = scope.get("method", "GET"), route_path(dict(scope))
    if not door.is_guarded_path(*asked) or door.is_unguarded_path(*asked):
        return Mark.UNGUARDED
    return door.marks(dict(scope)).ask()
