"""Why a requirement holds or does not, and what of the caller may be told."""

import pytest

from jwt_middleware import Principal, Requirement, authenticated, claim, group, path, permission, role, scope
from jwt_middleware.access.explanation import explained, in_full, in_short

CALLER = Principal(
    subject="alice",
    issuer="https://issuer.example",
    scopes=("a",),
    roles=("clerk",),
    incomplete=frozenset({"groups"}),
    claims={"tenant": "a-secret-tenant"},
)


@pytest.mark.parametrize(
    ("requirement", "holds", "decisive"),
    [
        (scope("a"), True, ["scope('a')"]),
        (scope("b"), False, ["scope('b')"]),
        (group("g"), None, ["group('g')"]),
        (scope("a") & role("x") & role("y"), False, ["role('x')", "role('y')"]),
        (scope("a") | role("x"), True, ["scope('a')"]),
        (scope("b") | role("x"), False, ["scope('b')", "role('x')"]),
        (scope("b") | group("g"), None, ["group('g')"]),
        (~role("clerk"), False, ["role('clerk')"]),
        (scope("a") & ~(role("clerk") | scope("b")), False, ["role('clerk')"]),
        (~group("g"), None, ["group('g')"]),
        (authenticated, True, ["authenticated"]),
    ],
)
def test_the_parts_that_decide_are_named(requirement: Requirement, holds: bool | None, decisive: list[str]) -> None:
    found = explained(requirement, CALLER, {})
    assert (found.words, found.holds) == (str(requirement), holds)
    assert [each.words for each in found.decisive] == decisive


@pytest.mark.parametrize(
    ("requirement", "seen"),
    [
        (scope("b"), "the caller has scopes ['a']"),
        (permission("p"), "the caller has no permissions"),
        (group("g"), "the caller has no groups, and the token does not say all of them"),
        (claim("tenant", path("tenant")), "the token has a claim tenant"),
        (claim(("realm", "name"), "x"), "the token has no claim realm.name"),
        (authenticated, ""),
    ],
)
def test_rights_are_named_and_claims_are_not_quoted(requirement: Requirement, seen: str) -> None:
    found = explained(requirement, CALLER, {"tenant": "other"})
    assert found.seen == seen
    assert "a-secret-tenant" not in repr(found)


def test_of_thousands_of_rights_a_few_are_named() -> None:
    caller = Principal(subject="s", issuer="i", roles=tuple(f"r{number}" for number in range(5_000)))
    assert explained(role("x"), caller, {}).seen.endswith("'r19'] and 4980 more")


@pytest.mark.parametrize(
    ("requirement", "said"),
    [
        (scope("b"), "scope('b') is not met"),
        (scope("a") & role("x") & role("y"), "role('x') is not met; role('y') is not met"),
        (scope("b") | group("g"), "group('g') cannot be told from the token"),
        (~role("clerk"), "role('clerk') must not be met"),
        (claim("tenant", "a-secret-tenant-of-ours") & scope("a"), "claim('tenant') is not met"),
        (scope("b") & (scope("b") | role("x")), "scope('b') is not met; role('x') is not met"),
    ],
)
def test_the_short_form_names_what_decided_and_no_value(requirement: Requirement, said: str) -> None:
    assert in_short(requirement, explained(requirement, CALLER, {})) == said


def test_the_short_form_is_short() -> None:
    many = scope("b")
    for number in range(100):
        many &= role(f"r{number}")
    said = in_short(many, explained(many, CALLER, {}))
    assert (len(said), said[-3:]) == (300, "...")


def test_the_full_form_is_the_whole_tree() -> None:
    found = in_full(explained(scope("a") & (role("x") | group("g")), CALLER, {}))
    assert found == (
        "unknown: scope('a') & (role('x') | group('g')) ["
        "yes: scope('a') (the caller has scopes ['a']); "
        "unknown: role('x') | group('g') ["
        "no: role('x') (the caller has roles ['clerk']); "
        "unknown: group('g') (the caller has no groups, and the token does not say all of them)]]"
    )
