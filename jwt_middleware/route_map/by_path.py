"""Paths that a door opens by themselves, whatever route they lead to."""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from typing import Final

from ..access.paths import Pattern
from .route import ANY_METHOD, Access, Route, grouped

METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_OTHER: Final = "OTHER"  # a method that nobody names: what takes it takes them all

At = Callable[[str, str], Route | None]


def opened(
    patterns: Iterable[Pattern],
    access: Access,
    where: str,
    listed: Collection[Route],
    at: At,
    *,
    below: str = "",
    host: str = "",
) -> Iterator[Route]:
    """A row for each pattern that ends in ``*``, and for each single path that is not in the map as it is.

    ``at`` gives the route that runs for a method and a path: a catch-all may run where a path alone opens it. ``below``
    and ``host`` say where the door stands, if not before everything.
    """
    for pattern in patterns:
        method, path = pattern if isinstance(pattern, tuple) else (ANY_METHOD[0], pattern)
        place, note = f"{below}{path}", f"by {where}"
        if path.endswith("/*"):
            notes = (f"{note}: all below",)
            yield Route(path=place, host=host, methods=(method,), access=access, endpoint=where, notes=notes)
            continue
        here = {each for route in listed if (route.path, route.host) == (place, host) for each in route.methods}
        wanted = METHODS if method in ANY_METHOD else (method,)
        found = [(each, at(each, path)) for each in wanted if each not in here and ANY_METHOD[0] not in here]
        rows = list(grouped([(each, replace(route, notes=(*route.notes, note))) for each, route in found if route]))
        if len(rows) == 1 and rows[0].methods == METHODS and at(_OTHER, path) is not None:
            rows = [replace(rows[0], methods=ANY_METHOD)]
        yield from rows


def by_path_alone(
    public: Iterable[Pattern], unguarded: Iterable[Pattern], guarded: Iterable[Pattern]
) -> Iterator[Route]:
    """The rows of an application whose routes nobody knows: what its door says of paths, the narrowest first."""
    for patterns, access in ((unguarded, Access.UNGUARDED), (public, Access.PUBLIC), (guarded, Access.DEFAULT)):
        for pattern in patterns:
            method, path = pattern if isinstance(pattern, tuple) else (ANY_METHOD[0], pattern)
            yield Route(path=path, methods=(method,), access=access)
    everything = Access.UNGUARDED if tuple(guarded) else Access.DEFAULT
    yield Route(path="/*", methods=ANY_METHOD, access=everything, notes=("its routes are not known",))
