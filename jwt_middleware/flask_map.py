"""The route map of a Flask application: read with what its door decides with."""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from flask import Flask, request
from flask.views import MethodView
from werkzeug.routing import RequestRedirect, Rule

from .access.marks import Mark, requirement_of
from .access.paths import patterns_of
from .access.requirements import Requirement
from .flask import JWTMiddleware
from .flask_views import mark_of_view
from .route_map.by_path import METHODS, opened
from .route_map.declared_at import declared_at, layers, name_of
from .route_map.examples import fitting
from .route_map.route import ANY_METHOD, UNSEEN, WEBSOCKET, Access, Route, RouteMap, access_of, grouped, together
from .route_map.unmapped import unmapped


def route_map(app: Flask) -> RouteMap:
    """Every route of ``app``, those of its blueprints and its static files included.

    Asks for the route of an example path in a request context of its own, whose teardown functions run.
    """
    door = app.extensions.get("jwt_middleware")
    reader = _Reader(app, door if isinstance(door, JWTMiddleware) else None)
    routes = [route for rule in app.url_map.iter_rules() if not rule.build_only for route in reader.routes(rule)]
    if reader.door is None:
        return RouteMap(routes=tuple(routes))
    public, unguarded = (patterns_of(each) for each in (reader.door.is_public_path, reader.door.is_unguarded_path))
    routes += opened(public, Access.PUBLIC, "public_paths", routes, reader.at)
    routes += opened(unguarded, Access.UNGUARDED, "unguarded_paths", routes, reader.at)
    guard = reader.door.guard
    return RouteMap(routes=tuple(routes), unmapped=() if guard.resolves else unmapped(guard.trusted))


class _Reader:
    def __init__(self, app: Flask, door: JWTMiddleware | None) -> None:
        self._app = app
        self.door = door

    def routes(self, rule: Rule) -> Iterator[Route]:
        if rule.websocket:
            yield from grouped([(WEBSOCKET[0], self._route(rule, "GET"))])
            return
        methods = sorted(rule.methods or METHODS)
        if getattr(rule, "provide_automatic_options", False):  # Flask answers by itself, and runs no view
            methods.remove("OPTIONS")
        every = list(grouped([(method, self._route(rule, method)) for method in methods]))
        if rule.methods is None and len(every) == 1:
            every = list(grouped([(ANY_METHOD[0], self._route(rule, "GET"))]))
        yield from every

    def at(self, method: str, path: str) -> Route | None:
        """The route that runs for a method and a path, as a row of the map."""
        with self._app.test_request_context(path, method=method):
            rule = request.url_rule
            mark = None if self.door is None else self.door.mark_before()
        automatic = method == "OPTIONS" and getattr(rule, "provide_automatic_options", False)
        return None if rule is None or automatic else self._row(rule, path, "", path, method, mark, ())

    def _route(self, rule: Rule, method: str) -> Route:
        example, host = example_of(rule), rule.host or rule.subdomain or ""
        redirects = rule.redirect_to is not None
        runs, notes = rule, list[str]()
        mark = mark_of_view(self._app.view_functions.get(rule.endpoint), method)
        if example is None:
            notes.append(UNSEEN)
        else:
            where = {"base_url": f"http://{host}"} if rule.host else {"subdomain": host} if host else {}
            with self._app.test_request_context(example, method=method, **where):
                runs, redirects = request.url_rule or rule, isinstance(request.routing_exception, RequestRedirect)
                mark = None if self.door is None else self.door.mark_before()
            if runs is not rule:
                notes.append(f"answered by {runs.rule}, which comes before it")
        if redirects:
            notes.append("it redirects, and runs no view")
        found = self._row(runs, rule.rule, host, example or "", method, mark, notes)
        return replace(found, access=access_of(self._marks(mark), None), requirement=None) if redirects else found

    def _marks(self, mark: Mark | None) -> list[Mark | None]:
        return [] if self.door is None else [mark]

    def _row(self, rule: Rule, path: str, host: str, example: str, method: str, mark: Mark | None, notes: Any) -> Route:
        view = self._app.view_functions.get(rule.endpoint)
        requirement = together(_demanded(view, method))
        cls = getattr(view, "view_class", None)
        own = getattr(cls, _name_of_method(cls, method), None) if isinstance(cls, type) else None
        return Route(
            path=path,
            methods=(),
            access=access_of(self._marks(mark), requirement),
            requirement=requirement,
            endpoint=name_of(cls or view) if view is not None else rule.endpoint,
            declared_at=declared_at(own or cls or view),
            host=host,
            notes=tuple(notes),
            example=example,
        )


def _demanded(view: object, method: str) -> Iterator[Requirement | None]:
    """What ``require`` demands on a view: the function, the class, the method of it that will run."""
    yield from (requirement_of(each) for each in layers(view))
    cls = getattr(view, "view_class", None)
    if isinstance(cls, type):
        yield requirement_of(getattr(cls, "dispatch_request", None))
        if issubclass(cls, MethodView):
            yield requirement_of(getattr(cls, _name_of_method(cls, method), None))


def _name_of_method(cls: object, method: str) -> str:
    return "get" if method == "HEAD" and not hasattr(cls, "head") else method.lower()


def example_of(rule: Rule) -> str | None:
    """A path that fits a rule, or None where none was found."""
    values = {}
    for name, converter in rule._converters.items():  # noqa: SLF001  # Werkzeug tells of them in no other way
        bounds = [str(each) for each in (getattr(converter, "min", None), getattr(converter, "max", None)) if each]
        own = (each for each in (*getattr(converter, "items", ()), *bounds) if _fits(converter, each))
        found = next(own, None) or fitting(partial(_fits, converter))
        if found is None:
            return None
        values[name] = converter.to_python(found)
    built = rule.build(values)
    return None if built is None else built[1]


def _fits(converter: Any, value: str) -> bool:
    try:
        converter.to_python(value)
    except Exception:  # noqa: BLE001  # a converter of the user's, asked for something that it may not expect
        return False
    return re.fullmatch(converter.regex, value) is not None
