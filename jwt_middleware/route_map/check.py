"""Is a route forgotten, or open, or closed by mistake? What fails a build, each with its mend."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from ..access.requirements import Has
from ..errors import ConfigurationError
from .route import ANY_METHOD, UNREACHED, UNSEEN, Access, Route, RouteMap, leaves


@dataclass(frozen=True, slots=True)
class Hole:
    """One finding. ``code`` is stable: ``undeclared``, ``open``, ``unmapped``, ``nobody`` or ``unseen``."""

    code: str
    where: str
    says: str

    def __str__(self) -> str:
        return f"{self.code}: {self.where}: {self.says}"


def holes(routes: RouteMap, *, allowed: Iterable[str] = (), declared_only: bool = False) -> tuple[Hole, ...]:
    """What is wrong with the routes of an application; empty if nothing is.

    ``allowed`` names the routes that may be public or unguarded, as the map writes them: ``"/health"``,
    ``"GET /health"``, or ``"/static/*"`` for all below. ``declared_only``: every other route must require something,
    and be it ``authenticated``. Raises ConfigurationError for an entry of ``allowed`` that is none.
    """
    entries = [_entry(each) for each in allowed]
    found: list[Hole] = []
    for route in routes.routes:
        found += _of_access(route, entries, declared_only)
        found += _of_words(route, routes.unmapped)
        if UNSEEN in route.notes and not all(_is_allowed(route, each, entries) for each in route.methods):
            says = "no example of its path was found, so its path may open it; look at it, and allow it by name"
            found.append(Hole("unseen", _where(route), says))
    return tuple(found)


def _of_access(route: Route, allowed: Collection[tuple[str, str]], declared_only: bool) -> Iterator[Hole]:
    if route.access in (Access.UNGUARDED, Access.PUBLIC):
        forgotten = [each for each in route.methods if not _is_allowed(route, each, allowed)]
        if forgotten:
            says = f"is {route.access.value}; require something, or allow it by name"
            yield Hole("open", _where(route, forgotten), says)
    elif route.access is Access.DEFAULT and declared_only:
        says = "requires nothing; write require(...), and be it require(authenticated)"
        yield Hole("undeclared", _where(route), says)
    elif UNREACHED in route.notes:
        yield Hole("nobody", _where(route), "is never reached, for what stands before it takes its path; move it up")
    elif route.access is Access.NOBODY:
        says = f"requires {route.words} where no token is looked at; guard its path, or require nothing"
        yield Hole("nobody", _where(route), says)


def _of_words(route: Route, unmapped: Collection[str]) -> Iterator[Hole]:
    if route.requirement is None:
        return
    for leaf in dict.fromkeys(leaves(route.requirement)):
        if isinstance(leaf, Has) and f"{leaf.kind}s" in unmapped:
            says = (
                f"requires {leaf}, and no trusted issuer says where {leaf.kind}s stand: ClaimMapping({leaf.kind}s=...)"
            )
            yield Hole("unmapped", _where(route), says)


def _where(route: Route, methods: Iterable[str] | None = None) -> str:
    named = ",".join(route.methods if methods is None else methods)
    return f"{named} {route.place}" + (f" ({route.declared_at})" if route.declared_at else "")


def _entry(text: str) -> tuple[str, str]:
    method, space, place = text.partition(" ")
    named = (method, place) if space and method == method.upper() and "/" not in method else ("", text)
    if "/" not in named[1]:
        raise ConfigurationError(f"{text!r} allows no route: write '/health', 'GET /health' or '/static/*'")
    return named


def _is_allowed(route: Route, method: str, allowed: Collection[tuple[str, str]]) -> bool:
    return any(_fits(entry, method, route.place) for entry in allowed)


def _fits(entry: tuple[str, str], method: str, place: str) -> bool:
    wanted, path = entry
    if wanted and method != wanted and wanted != ANY_METHOD[0]:
        return False
    return place == path or (path.endswith("/*") and place.startswith(path[:-1]))
