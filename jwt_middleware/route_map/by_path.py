"""Paths that a door opens by themselves, whatever route they lead to."""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from typing import Final

from ..access.paths import Pattern
from .route import ANY_METHOD, Access, Route, grouped

METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

At = Callable[[str, str], Route | None]


def opened(
    patterns: Iterable[Pattern], access: Access, where: str, listed: Collection[Route], at: At
) -> Iterator[Route]:
    """A row for each pattern that ends in ``*``, and for each single path that is not in the map as it is.

    ``at`` gives the route that runs for a method and a path: a catch-all may run where a path alone opens it.
    """
    for pattern in patterns:
        method, path = pattern if isinstance(pattern, tuple) else (ANY_METHOD[0], pattern)
        note = f"by {where}"
        if path.endswith("/*"):
            yield Route(path=path, methods=(method,), access=access, endpoint=where, notes=(f"{note}: all below",))
            continue
        here = {each for route in listed if (route.path, route.host) == (path, "") for each in route.methods}
        wanted = METHODS if method in ANY_METHOD else (method,)
        found = [(each, at(each, path)) for each in wanted if each not in here and ANY_METHOD[0] not in here]
        yield from grouped([(each, replace(route, notes=(*route.notes, note))) for each, route in found if route])


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
