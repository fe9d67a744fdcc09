"""Route and RouteMap: who may call what, whatever framework it was read from."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

from ..access.marks import Mark
from ..access.requirements import AllOf, AnyOf, Not, Requirement

UNSEEN: Final = "no example of its path was found: what its path opens is not seen"  # a note
UNREACHED: Final = "nothing reaches it: what stands before it takes its path"  # a note
ANY_METHOD: Final = ("*",)  # the route runs for every method, or decides by itself
WEBSOCKET: Final = ("WEBSOCKET",)


class Access(Enum):
    """Who reaches a route."""

    UNGUARDED = "unguarded"  # everyone, whatever the request holds
    PUBLIC = "public"  # callers without a token, too
    DEFAULT = "default"  # any genuine caller: nothing was declared
    DECLARED = "declared"  # whoever meets its requirement
    NOBODY = "nobody"  # it requires something where no token is looked at, or what stands before it takes its path


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One route, for those of its methods that the same callers may use.

    ``path`` is as the framework writes it, mounts included. ``declared_at`` is file and line of what runs. ``notes``
    say what a reader should know besides. ``example`` is a path that leads to the route, if one could be found.
    """

    path: str
    methods: tuple[str, ...]
    access: Access
    requirement: Requirement | None = None
    endpoint: str = ""
    declared_at: str = ""
    host: str = ""
    notes: tuple[str, ...] = ()
    example: str = ""

    @property
    def words(self) -> str:
        """The requirement in words."""
        return "" if self.requirement is None else str(self.requirement)

    @property
    def place(self) -> str:
        """Host and path."""
        return self.host + self.path


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteMap:
    """Every route of an application. ``unmapped`` names what no trusted issuer says of its callers (``roles``)."""

    routes: tuple[Route, ...]
    unmapped: tuple[str, ...] = ()


def access_of(marks: Sequence[Mark | None], requirement: Requirement | None) -> Access:
    """Who reaches a route behind doors whose ``marks`` stand from the outermost to the innermost; none: no guard.

    The strictest door decides who gets there. A requirement is asked of whom the innermost has let in: where that looks
    at no token, it is never met.
    """
    if requirement is not None and (not marks or marks[-1] is Mark.UNGUARDED):
        return Access.NOBODY
    if requirement is not None:
        return Access.DECLARED
    if None in marks:
        return Access.DEFAULT
    return Access.PUBLIC if Mark.PUBLIC in marks else Access.UNGUARDED


def together(requirements: Iterable[Requirement | None]) -> Requirement | None:
    """The one requirement that several make, each named once."""
    parts: list[Requirement] = []
    for each in requirements:
        if each is not None and each not in parts:  # one of the user's own may not be hashable
            parts.append(each)
    return AllOf(tuple(parts)) if len(parts) > 1 else parts[0] if parts else None


def grouped(routes: Iterable[tuple[str, Route]]) -> Iterator[Route]:
    """One route for all methods that differ in nothing else; each comes with its method."""
    found: list[Route] = []
    for method, route in routes:
        place = next(
            (n for n, each in enumerate(found) if replace(each, methods=()) == replace(route, methods=())), None
        )
        if place is None:
            found.append(replace(route, methods=(method,)))
        else:
            found[place] = replace(found[place], methods=(*found[place].methods, method))
    yield from found


def leaves(requirement: Requirement) -> Iterator[Requirement]:
    """The parts that are not combined of others."""
    if isinstance(requirement, AllOf | AnyOf):
        for part in requirement.parts:
            yield from leaves(part)
    elif isinstance(requirement, Not):
        yield from leaves(requirement.part)
    else:
        yield requirement
