"""Who gained access between two maps, and who lost it."""

import itertools

import pytest

from jwt_middleware import Requirement, authenticated, claim, group, role, scope
from jwt_middleware.access.requirements import AllOf
from jwt_middleware.route_map.changes import changes
from jwt_middleware.route_map.recorded import from_json, to_json
from jwt_middleware.route_map.route import Access, Route, RouteMap

A, B, R, G = scope("a"), scope("b"), role("r"), group("g")
NO_TOKEN, BAD_TOKEN = "callers without a token", "callers with a token that does not pass"
ANYBODY = "any genuine caller"


def one(access: Access, requirement: Requirement | None = None, *methods: str, path: str = "/x") -> RouteMap:
    return RouteMap(routes=(Route(path=path, methods=methods or ("GET",), access=access, requirement=requirement),))


def needs(requirement: Requirement) -> RouteMap:
    return one(Access.DECLARED, requirement)


UNGUARDED, PUBLIC, DEFAULT = (one(each) for each in (Access.UNGUARDED, Access.PUBLIC, Access.DEFAULT))
NOBODY, NOTHING = one(Access.NOBODY, A), RouteMap(routes=())

CASES: dict[str, tuple[RouteMap, RouteMap, tuple[str, ...], tuple[str, ...]]] = {
    "nothing": (PUBLIC, PUBLIC, (), ()),
    "opened to all": (DEFAULT, UNGUARDED, (BAD_TOKEN, NO_TOKEN), ()),
    "opened": (DEFAULT, PUBLIC, (NO_TOKEN,), ()),
    "closed": (UNGUARDED, needs(A), (), (BAD_TOKEN, NO_TOKEN, "callers without scope('a')")),
    "bad tokens refused": (UNGUARDED, PUBLIC, (), (BAD_TOKEN,)),
    "declared": (DEFAULT, needs(A), (), ("callers without scope('a')",)),
    "declared in words": (DEFAULT, needs(authenticated), (), ()),
    "forgotten": (needs(A), DEFAULT, ("callers without scope('a')",), ()),
    "another": (
        needs(A),
        needs(B),
        ("callers with scope('b'), without scope('a')",),
        ("callers with scope('a'), without scope('b')",),
    ),
    "wider": (needs(A), needs(A | R), ("callers with role('r'), without scope('a')",), ()),
    "narrower": (needs(A), needs(A & R), (), ("callers with scope('a'), without role('r')",)),
    "written otherwise": (needs(~(A | B)), needs(~A & ~B), (), ()),
    "new": (NOTHING, needs(A | G), ("callers with group('g')", "callers with scope('a')"), ()),
    "unless": (
        needs(A),
        needs(~R),
        ("callers with ~role('r'), without scope('a')",),
        ("callers with scope('a'), without ~role('r')",),
    ),
    "new and open": (NOTHING, PUBLIC, (NO_TOKEN, ANYBODY), ()),
    "gone": (DEFAULT, NOTHING, (), (ANYBODY,)),
    "closed by mistake": (needs(A), NOBODY, (), ("callers with scope('a')",)),
    "still for nobody": (NOTHING, NOBODY, (), ()),
}


@pytest.mark.parametrize("recorded", [False, True])
@pytest.mark.parametrize("case", CASES)
def test_who_gained_and_who_lost(case: str, recorded: bool) -> None:
    old, new, gained, lost = CASES[case]
    if recorded:
        old = from_json(to_json(old))
    found = changes(old, new)
    assert [(each.gained, each.lost) for each in found] == ([(gained, lost)] if gained or lost else [])


def test_each_change_reads_as_a_sentence() -> None:
    (change,) = changes(needs(A), needs(A | R))
    assert str(change).splitlines() == [
        "GET /x: declared scope('a') -> declared scope('a') | role('r')",
        "  gained: callers with role('r'), without scope('a')",
    ]


def test_a_method_of_its_own_is_compared_with_the_route_for_every_method() -> None:
    old, new = one(Access.PUBLIC, None, "*"), one(Access.DEFAULT, None, "GET", "POST")
    assert [(each.method, each.lost) for each in changes(old, new)] == [
        ("*", (NO_TOKEN, ANYBODY)),
        ("GET", (NO_TOKEN,)),
        ("POST", (NO_TOKEN,)),
    ]


def test_too_many_parts_are_told_as_a_perhaps() -> None:
    many = AllOf(tuple(scope(f"s{number}") for number in range(9)))
    (change,) = changes(needs(A), needs(many))
    assert change.gained == (f"perhaps: who meets {many} and not scope('a')",)
    assert changes(from_json(to_json(needs(many))), needs(many)) == ()


def test_whatever_is_said_of_a_change_is_true_of_such_a_caller() -> None:
    """Every caller of three rights, before every pair of requirements of a family."""
    family = [R | ~R, A, B, A & B, A | B, ~A, A & ~B, (A | B) & R, ~(A & R), claim("t", 1) | A]
    for was, becomes in itertools.product(family, repeat=2):
        said = changes(needs(was), needs(becomes))
        told = any(each.gained for each in said), any(each.lost for each in said)
        assert told == (_somebody(becomes, was), _somebody(was, becomes)), (str(was), str(becomes))


def _somebody(here: Requirement, there: Requirement) -> bool:
    """Whether some caller meets the one and not the other, asked of the requirements themselves."""
    from jwt_middleware import Principal

    for scopes, roles, claims, known in itertools.product(
        ((), ("a",), ("b",), ("a", "b")),
        ((), ("r",)),
        ({}, {"t": 1}, {"t": 2}),
        (set(), {"scopes"}, {"roles"}, {"scopes", "roles"}),
    ):
        caller = Principal(
            subject="s", issuer="i", scopes=scopes, roles=roles, claims=claims, incomplete=frozenset(known)
        )
        if here.judge(caller, {}).holds and not there.judge(caller, {}).holds:
            return True
    return False
