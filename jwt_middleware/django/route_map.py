"""The route map of a Django site, REST framework's views included: read with what the middleware decides with."""

import re
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import product
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest
from django.urls import Resolver404, URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RoutePattern
from django.utils.regex_helper import normalize

from ..access.marks import Mark
from ..route_map.by_path import METHODS, opened
from ..route_map.declared_at import declared_at, name_of
from ..route_map.examples import VALUES, fitting
from ..route_map.route import ANY_METHOD, UNSEEN, Access, Route, RouteMap, access_of, grouped, together
from ..route_map.unmapped import unmapped
from .conf import NAME, Configured, configured, imported
from .marks import mark_before
from .middleware import JWTMiddleware
from .route_views import asks_guard, demanded, methods_of, runs_for

_WORDS: Final = re.compile(r"\((?:\?P<\w+>)?([\w|-]+)\)")
_MOST_TRIES: Final = 2_000


def route_map(urlconf: str | None = None) -> RouteMap:
    """Every route of ``ROOT_URLCONF``, or of another: of included urlconfs, of the admin, of view sets.

    Raises ConfigurationError where ``settings.JWT_MIDDLEWARE`` is mistaken.
    """
    conf = configured() if hasattr(settings, NAME) else None
    reader = _Reader(get_resolver(urlconf), conf, guarded=_stands_in_middleware())
    routes = [route for found in reader.leaves() for route in reader.routes(*found)]
    given = getattr(settings, NAME, {})
    if reader.guarded and conf is not None:
        routes += opened(given.get("PUBLIC_PATHS") or (), Access.PUBLIC, "PUBLIC_PATHS", routes, reader.at)
        routes += opened(given.get("UNGUARDED_PATHS") or (), Access.UNGUARDED, "UNGUARDED_PATHS", routes, reader.at)
    known = conf is not None and not conf.guard.resolves
    return RouteMap(routes=tuple(routes), unmapped=unmapped(conf.guard.trusted) if conf is not None and known else ())


def _stands_in_middleware() -> bool:
    found = [imported(each) for each in settings.MIDDLEWARE]
    return any(isinstance(each, type) and issubclass(each, JWTMiddleware) for each in found)


class _Reader:
    def __init__(self, resolver: URLResolver, conf: Configured | None, *, guarded: bool) -> None:
        self._resolver = resolver
        self._conf = conf
        self.guarded = guarded

    def leaves(self) -> Iterator[tuple[URLPattern, str, str | None]]:
        """Each pattern with its whole path, as it is written and as an example."""
        return self._below(self._resolver.url_patterns, "/", "/")

    def _below(
        self, patterns: Sequence[Any], path: str, example: str | None
    ) -> Iterator[tuple[URLPattern, str, str | None]]:
        for each in patterns:
            piece = None if example is None else example_of(each.pattern)
            whole = path + _written(each.pattern), None if piece is None or example is None else example + piece
            if isinstance(each, URLResolver):
                yield from self._below(each.url_patterns, *whole)
            else:
                yield each, whole[0] + ("" if _ends(each.pattern) else "*"), whole[1]

    def routes(self, pattern: URLPattern, path: str, example: str | None) -> Iterator[Route]:
        named = methods_of(pattern.callback)
        every = list(grouped([(each, self._route(pattern.callback, path, example, each)) for each in named or METHODS]))
        if named is None and len(every) == 1:
            every = list(grouped([(ANY_METHOD[0], self._route(pattern.callback, path, example, "GET"))]))
        yield from every

    def at(self, method: str, path: str) -> Route | None:
        """The route that runs for a method and a path, as a row of the map."""
        view = self._view_at(path)
        named = None if view is None else methods_of(view)
        taken = view is not None and (named is None or method in named)
        return self._row(view, path, path, method, ()) if taken else None

    def _route(self, view: Any, path: str, example: str | None, method: str) -> Route:
        notes = []
        found = None if example is None else self._view_at(example)
        if found is None:
            notes.append(UNSEEN)
        elif found is not view and runs_for(found, method)[0] is not runs_for(view, method)[0]:
            notes.append(f"answered by {name_of(runs_for(found, method)[0])}, which stands before it")
        return self._row(found or view, path, "" if found is None else example or "", method, notes)

    def _view_at(self, path: str) -> Any:
        try:
            return self._resolver.resolve(path).func
        except Resolver404:
            return None

    def _row(self, view: Any, path: str, example: str, method: str, notes: Sequence[str]) -> Route:
        parts, said = demanded(view, method)
        requirement = together(parts)
        shown, runs = runs_for(view, method)
        return Route(
            path=path,
            methods=(),
            access=access_of(self._marks(view, example, method), requirement),
            requirement=requirement,
            endpoint=name_of(shown),
            declared_at=declared_at(runs),
            notes=(*notes, *said),
            example=example,
        )

    def _marks(self, view: Any, example: str, method: str) -> list[Mark | None]:
        if self._conf is None or not (self.guarded or asks_guard(view)):
            return []
        request = HttpRequest()
        request.method, request.path_info = method, example
        mark = mark_before(request, self._conf, view)
        # a view that authenticates by itself lets in whoever sends no token, and its permissions decide
        return [mark if self.guarded or mark is Mark.UNGUARDED else Mark.PUBLIC]


def _written(pattern: Any) -> str:
    if hasattr(pattern, "language_prefix"):
        return "<language>/" if pattern.prefix_default_language else "[<language>/]"
    text = str(pattern)
    return text if isinstance(pattern, RoutePattern) else text.removeprefix("^").removesuffix("$").removesuffix("\\Z")


def _ends(pattern: Any) -> bool:
    """Whether a path ends where its pattern does; a regular expression without an end takes whatever follows."""
    return isinstance(pattern, RoutePattern) or str(pattern).endswith(("$", "\\Z"))


def example_of(pattern: Any) -> str | None:
    """A piece of a path that fits a pattern, or None where none was found."""
    if not hasattr(pattern, "regex"):
        return None
    text = str(pattern)
    if isinstance(pattern, RoutePattern):
        for name, converter in pattern.converters.items():
            found = fitting(partial(re.fullmatch, converter.regex))
            if found is None:
                return None
            text = re.sub(rf"<(?:[^>:]+:)?{name}>", found, text)
        return text if pattern.match(text) else None
    if hasattr(pattern, "language_prefix"):
        return str(pattern.language_prefix)
    spelt = [word for group in _WORDS.findall(text) for word in group.split("|")]  # (?P<app>auth|shop)
    try:
        shapes = normalize(pattern.regex.pattern)
    except ValueError:  # Django could not make an address of it, either
        return None
    for shape, names in shapes:
        for number, values in enumerate(product((*spelt, *VALUES), repeat=len(names))):
            tried = shape % dict(zip(names, values, strict=True))
            if pattern.match(tried):
                return tried
            if number > _MOST_TRIES:
                break
    return None
