"""Which route will Starlette choose, and was it that one? The two locks on marks.

A door stands before routing. For a request that it would refuse it predicts the route with the framework's own
``matches``, and hands on a scope that judges the router's choice at the moment it is written, before any code of the
user runs: what was not predicted is refused. What cannot be resolved for certain is guarded.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from starlette.applications import Starlette
from starlette.endpoints import HTTPEndpoint
from starlette.routing import BaseRoute, Host, Match, Mount, Route, Router, WebSocketRoute

from .access.marks import Mark, mark_of
from .errors import AuthError

Flatten = Callable[[Sequence[Any]], Iterable[Any]]


@dataclass(frozen=True, slots=True)
class Choice:
    """The endpoint that was predicted, and the applications mounted on the way to it."""

    endpoint: object
    passed: tuple[object, ...] = ()

    def mark(self, method: str) -> Mark | None:
        """The mark on the endpoint itself, or on the method of a class-based one that will run."""
        mark = mark_of(self.endpoint)
        if mark is not None or not (isinstance(self.endpoint, type) and issubclass(self.endpoint, HTTPEndpoint)):
            return mark
        own = vars(self.endpoint)
        name = "get" if method == "HEAD" and not hasattr(self.endpoint, "head") else method.lower()
        return mark_of(own.get(name))


def predict(router: Router, scope: Mapping[str, Any], flat: Flatten = iter) -> Choice | None:
    """The choice of ``router`` for a request, or None where there is none or it cannot be told for certain.

    ``flat`` gives the routes one by one where a framework keeps them in bundles.
    """
    if router.middleware_stack != router.app:
        return None  # the router's own middleware may answer, or change what is asked
    route, child = _chosen(flat(router.routes), scope)
    declared = getattr(route, "original_route", route)
    endpoint = child.get("endpoint")
    if endpoint is None:
        return None
    if isinstance(declared, Mount | Host):
        inner = _bare_router(declared.app)
        if inner is None or endpoint is not declared.app:
            return None
        below = predict(inner, {**scope, **child}, flat)
        return None if below is None else Choice(below.endpoint, (endpoint, *below.passed))
    # a subclass of a route may run something else than its endpoint; the frameworks' own are known not to
    known = type(declared).__module__ in ("starlette.routing", "fastapi.routing")
    return Choice(endpoint) if known and isinstance(declared, Route | WebSocketRoute) else None


def _chosen(routes: Iterable[Any], scope: Mapping[str, Any]) -> tuple[object, Mapping[str, Any]]:
    """The first route that matches in full, else the first that matches but for the method."""
    partial: tuple[object, Mapping[str, Any]] = (None, {})
    for route in routes:
        match, child = route.matches(dict(scope))
        if match is Match.FULL:
            return route, child
        if match is Match.PARTIAL and partial[0] is None:
            partial = (route, child)
    return partial


def _bare_router(app: object) -> Router | None:
    """The router of a mounted application that stands bare: no middleware of its own can answer before it."""
    if isinstance(app, Router):
        return app
    if isinstance(app, Starlette) and not app.user_middleware and app.max_body_size is None:
        return app.router
    return None


class JudgingScope(dict[str, Any]):
    """A scope that refuses the moment a router writes an endpoint into it that was not predicted."""

    def __init__(self, scope: Mapping[str, Any], choice: Choice, refusal: AuthError) -> None:
        super().__init__(scope)
        self._choice = choice
        self._refusal = refusal

    def update(self, *others: Any, **members: Any) -> None:
        written = dict(*others, **members)
        self._judge(written)
        super().update(written)

    def __setitem__(self, name: str, value: Any) -> None:
        self._judge({name: value})
        super().__setitem__(name, value)

    def __ior__(self, other: Any) -> Self:  # type: ignore[override, misc]  # dict allows other kinds of pairs
        self.update(other)
        return self

    def setdefault(self, name: str, default: Any = None) -> Any:
        if name not in self:
            self[name] = default
        return self[name]

    def _judge(self, written: Mapping[str, Any]) -> None:
        if "endpoint" not in written:
            return
        endpoint = written["endpoint"]
        if endpoint is not self._choice.endpoint and not any(endpoint is each for each in self._choice.passed):
            raise self._refusal


def endpoints(routes: Sequence[BaseRoute], flat: Flatten = iter) -> Iterator[object]:
    """Every endpoint below ``routes``, mounted applications included."""
    for route in flat(routes):
        below = getattr(getattr(route, "original_route", route), "routes", None)
        if below:
            yield from endpoints(below, flat)
        yield getattr(route, "endpoint", None)


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
