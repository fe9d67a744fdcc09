"""Which route will Starlette choose? What cannot be told for certain is guarded.

A door stands before routing. For a request that it would refuse it predicts the route with the framework's own
``matches``, and only through parts of the framework that are known to choose by nothing else.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from starlette.applications import Starlette
from starlette.endpoints import HTTPEndpoint
from starlette.routing import BaseRoute, Host, Match, Mount, Route, Router, WebSocketRoute

from .access.marks import Mark, mark_of

Flatten = Callable[[Sequence[BaseRoute]], Iterable[Any]]

# what the frameworks put between a door and a route themselves: none of it changes method, path or host
_HARMLESS: Final = frozenset(
    {
        *("starlette.applications", "starlette.routing", "starlette.middleware.body_limit"),
        *("starlette.middleware.errors", "starlette.middleware.exceptions"),
        *("fastapi.applications", "fastapi.routing", "fastapi.middleware.asyncexitstack"),
        *("fastapi._body_limit", "fastapi.telemetry._asgi"),
    }
)


@dataclass(frozen=True, slots=True)
class Choice:
    """The endpoint that was predicted, and the applications mounted on the way to it.

    ``method_allowed`` is False where the framework will answer 405 instead of running the endpoint.
    """

    endpoint: object
    method_allowed: bool
    passed: tuple[object, ...] = ()

    def mark(self, method: str) -> Mark | None:
        """The mark on the endpoint itself, or on the method of a class-based one that will run."""
        mark = mark_of(self.endpoint)
        if mark is not None or not (isinstance(self.endpoint, type) and issubclass(self.endpoint, HTTPEndpoint)):
            return mark
        name = "get" if method == "HEAD" and not hasattr(self.endpoint, "head") else method.lower()
        return mark_of(vars(self.endpoint).get(name))

    def includes(self, endpoint: object) -> bool:
        return endpoint is self.endpoint or any(endpoint is each for each in self.passed)


def predict(router: Router, scope: Mapping[str, Any], flat: Flatten = iter) -> Choice | None:
    """The choice of ``router`` for a request, or None where there is none or it cannot be told for certain.

    ``flat`` gives the routes one by one where a framework keeps them in bundles.
    """
    if not is_plain(router, "__call__", "app") or not _is_bare(router):
        return None  # a subclass, or the router's own middleware, may answer or change what is asked
    route, child, method_allowed = chosen(flat(router.routes), scope)
    declared = getattr(route, "original_route", route)
    endpoint = child.get("endpoint")
    if endpoint is None or not is_plain(declared, "matches", "handle"):
        return None
    if isinstance(declared, Mount | Host):
        inner = _bare_router(declared.app)
        if inner is None or endpoint is not declared.app:
            return None
        below = predict(inner, {**scope, **child}, flat)
        return None if below is None else Choice(below.endpoint, below.method_allowed, (endpoint, *below.passed))
    return Choice(endpoint, method_allowed) if isinstance(declared, Route | WebSocketRoute) else None


def chosen(routes: Iterable[Any], scope: Mapping[str, Any]) -> tuple[object, Mapping[str, Any], bool]:
    """The first route that matches in full, else the first that matches but for the method."""
    partial: tuple[object, Mapping[str, Any]] | None = None
    for route in routes:
        match, child = route.matches(dict(scope))
        if match is Match.FULL:
            return route, child, True
        if match is Match.PARTIAL and partial is None:
            partial = (route, child)
    return (None, {}, False) if partial is None else (*partial, False)


def _is_bare(router: Router) -> bool:
    """Whether nothing of the router's own can answer before it, or change what is asked: a limit of bodies cannot."""
    layer: object = router.middleware_stack
    while layer != router.app:
        if layer is None or is_foreign(layer):
            return False
        layer = getattr(layer, "app", None)
    return True


def _bare_router(app: object) -> Router | None:
    """The router of a mounted application that stands bare: nothing of its own can answer before it."""
    *before, last = along(app)
    return last if isinstance(last, Router) and not any(is_foreign(each) for each in before) else None


def is_foreign(app: object) -> bool:
    """Whether something between door and router may answer by itself, or change what is asked."""
    return not is_plain(app, "__call__") or bool(getattr(app, "root_path", ""))


def is_plain(value: object, *methods: str) -> bool:
    """Whether ``methods`` are the framework's own, neither overridden nor replaced."""
    own = getattr(value, "__dict__", {})
    return is_plain_kind(type(value), *methods) and not any(name in own for name in methods)


def is_plain_kind(kind: type, *methods: str) -> bool:
    """Whether a class has not overridden ``methods`` of the framework's."""
    return all(getattr(getattr(kind, name, None), "__module__", "") in _HARMLESS for name in methods)


def endpoints(routes: Sequence[BaseRoute], flat: Flatten = iter) -> Iterator[object]:
    """Every endpoint below ``routes``, mounted applications included."""
    for route in flat(routes):
        declared = getattr(route, "original_route", route)
        below = getattr(declared, "routes", None)
        if below:
            yield from endpoints(below, flat)
        yield getattr(declared, "endpoint", None)


def mounted(routes: Sequence[BaseRoute], flat: Flatten = iter) -> Iterator[Starlette]:
    """Every Starlette application mounted below ``routes``."""
    for route in flat(routes):
        declared = getattr(route, "original_route", route)
        if isinstance(declared, Mount | Host):
            for app in along(declared.app):
                if isinstance(app, Starlette):
                    yield app
            yield from mounted(declared.routes or (), flat)


def along(app: object) -> Iterator[object]:
    """``app`` and what stands behind it, by ``.app``, down to the router."""
    seen: set[int] = set()
    while app is not None and id(app) not in seen:
        seen.add(id(app))
        yield app
        if isinstance(app, Router):
            return
        if isinstance(app, Starlette):
            app.middleware_stack = app.middleware_stack or app.build_middleware_stack()
            app = app.middleware_stack
        else:
            app = getattr(app, "app", None)
