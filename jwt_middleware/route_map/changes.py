"""What changed between two route maps: who gained access, and who lost it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Final

from ..access.requirements import AllOf, AnyOf, Not, Requirement, authenticated
from .route import ANY_METHOD, Access, Route, RouteMap, leaves

Answer = bool | None
Answers = Mapping[str, Answer]  # what is known of a caller, by the words of a requirement's parts

Sort = tuple[tuple[Answer, ...], ...]  # of caller: for each part the answers that it may have

_ANY: Final = (True, False, None)
_YES, _NO, _NOT_YES, _NOT_NO, _UNKNOWN = (True,), (False,), (False, None), (True, None), (None,)
_EITHER: Final = (_ANY, _YES, _NOT_YES, _NO, _NOT_NO, _UNKNOWN)
_MOST_PARTS: Final = 5  # six sorts of each: 7,776
_NO_TOKEN: Final = "callers without a token"
_BAD_TOKEN: Final = "callers with a token that does not pass"
_ANY_CALLER: Final = "any genuine caller"


@dataclass(frozen=True, slots=True)
class Change:
    """One route and method, and who may call it now or no longer, in words."""

    method: str
    place: str
    gained: tuple[str, ...]
    lost: tuple[str, ...]
    was: str  # as the old map has it; empty for what is new
    becomes: str  # as the new one has it; empty for what is gone

    def __str__(self) -> str:
        lines = [f"{self.method} {self.place}: {self.was or '(no route)'} -> {self.becomes or '(no route)'}"]
        lines += [f"  gained: {each}" for each in self.gained]
        lines += [f"  lost: {each}" for each in self.lost]
        return "\n".join(lines)


def changes(old: RouteMap, new: RouteMap) -> tuple[Change, ...]:
    """Every route and method that lets in other callers than before. Of two routes with one path the first counts."""
    before, after = _by_method(old), _by_method(new)
    found = []
    for key in dict.fromkeys([*before, *after]):
        was, becomes = (_find(each, key) for each in (before, after))
        gained = tuple(_only(becomes, was))
        lost = tuple(_only(was, becomes))
        if gained or lost:
            found.append(Change(key[1], key[0], gained, lost, _said(was), _said(becomes)))
    return tuple(found)


def _by_method(routes: RouteMap) -> dict[tuple[str, str], Route]:
    found: dict[tuple[str, str], Route] = {}
    for route in routes.routes:
        for method in route.methods:
            found.setdefault((route.place, method), route)
    return found


def _find(routes: Mapping[tuple[str, str], Route], key: tuple[str, str]) -> Route | None:
    """A route for every method stands in for one that is named alone."""
    return routes.get(key) or routes.get((key[0], ANY_METHOD[0]))


def _said(route: Route | None) -> str:
    return "" if route is None else f"{route.access.value} {route.words}".strip()


def _only(here: Route | None, there: Route | None) -> Iterator[str]:
    """Who reaches ``here`` and not ``there``."""
    for who, reached in ((_BAD_TOKEN, (Access.UNGUARDED,)), (_NO_TOKEN, (Access.UNGUARDED, Access.PUBLIC))):
        if here is not None and here.access in reached and (there is None or there.access not in reached):
            yield who
    wanted, instead = _demanded(here), _demanded(there)
    if wanted is not None and instead != wanted:
        yield from _callers(wanted, instead)


def _demanded(route: Route | None) -> Requirement | None:
    """What a genuine caller must meet; None where there is no way in."""
    if route is None or route.access is Access.NOBODY:
        return None
    return authenticated if route.requirement is None else route.requirement


def _callers(wanted: Requirement, instead: Requirement | None) -> Iterator[str]:
    """The plainest genuine callers who meet ``wanted`` and not ``instead``; None: nobody met that."""
    names = list(dict.fromkeys(str(leaf) for each in (wanted, instead) if each is not None for leaf in leaves(each)))
    names = [name for name in names if name != str(authenticated)]
    if len(names) > _MOST_PARTS:
        if str(wanted) != str(instead):
            yield f"perhaps: who meets {wanted}" + ("" if instead is None else f" and not {instead}")
        return
    met = {
        each
        for each in product((True, False, None), repeat=len(names))
        if _holds(wanted, dict(zip(names, each, strict=True)))
        and not (instead is not None and _holds(instead, dict(zip(names, each, strict=True))))
    }
    plainest: list[Sort] = []
    for sort in sorted(product(_EITHER, repeat=len(names)), key=_words_needed):
        if all(each in met for each in product(*sort)) and not any(_covers(other, sort) for other in plainest):
            plainest.append(sort)
            yield _described(dict(zip(names, sort, strict=True)))


def _holds(requirement: Requirement, answers: Answers) -> bool:
    return _answer(requirement, answers) is True


def _answer(requirement: Requirement, answers: Answers) -> Answer:
    if isinstance(requirement, AllOf | AnyOf):
        below = [_answer(part, answers) for part in requirement.parts]
        settles = isinstance(requirement, AnyOf)  # one True settles an "or", one False an "and"
        return settles if settles in below else None if None in below else not settles
    if isinstance(requirement, Not):
        found = _answer(requirement.part, answers)
        return None if found is None else not found
    return answers.get(str(requirement), True)  # authenticated: whoever gets this far is


def _words_needed(sort: Sort) -> tuple[int, int]:
    """And of as many words first who may answer in more ways."""
    return sum(each is not _ANY for each in sort), -sum(map(len, sort))


def _covers(wider: Sort, narrower: Sort) -> bool:
    return all(set(narrow) <= set(wide) for wide, narrow in zip(wider, narrower, strict=True))


def _described(sort: Mapping[str, tuple[Answer, ...]]) -> str:
    has = [name if each is _YES else f"~{name}" for name, each in sort.items() if each in (_YES, _NO)]
    lacks = [name for name, each in sort.items() if each in (_NOT_YES, _UNKNOWN)]
    lacks += [f"~{name}" for name, each in sort.items() if each in (_NOT_NO, _UNKNOWN)]
    said = [f"with {' & '.join(has)}"] if has else []
    said += [f"without {' | '.join(lacks)}"] if lacks else []
    return f"callers {', '.join(said)}" if said else _ANY_CALLER
