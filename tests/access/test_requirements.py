"""What a route demands of its caller."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from uuid import UUID

import pytest

from jwt_middleware import (
    ANONYMOUS,
    ConfigurationError,
    Forbidden,
    MissingToken,
    Principal,
    Requirement,
    authenticated,
    claim,
    group,
    path,
    permission,
    role,
    scope,
)
from jwt_middleware.access.requirements import Finding, all_of, demand_of

CLAIMS: Mapping[str, object] = MappingProxyType(
    {
        "tenant_id": "acme",
        "number": 42,
        "staff": True,
        "teams": ("red", "blue"),
        "nested": MappingProxyType({"unit": "north"}),
        "https://acme.example/plan": "gold",
        "ratio": 1.5,
        "id": "8a0d6a26-6f6b-4ad0-8f8d-36a2f2b1a111",
    }
)
CLERK = Principal(
    subject="alice",
    issuer="https://issuer.example",
    scopes=("orders:read",),
    roles=("clerk",),
    groups=("sales",),
    permissions=("orders.view_order",),
    claims=CLAIMS,
)
SILENT = Principal(
    subject="bob",
    issuer="https://issuer.example",
    incomplete=frozenset({"scopes", "roles", "groups", "permissions"}),
)


def holds(
    requirement: Requirement, principal: Principal = CLERK, parameters: Mapping[str, object] | None = None
) -> bool:
    try:
        demand_of(principal, requirement, parameters if parameters is not None else {})
    except Forbidden:
        return False
    return True


@pytest.mark.parametrize(
    ("requirement", "expected"),
    [
        (authenticated, True),
        (scope("orders:read"), True),
        (scope("orders:write"), False),
        (role("clerk"), True),
        (role("c"), False),
        (role("Clerk"), False),
        (group("sales"), True),
        (group("sale"), False),
        (permission("orders.view_order"), True),
        (permission("orders"), False),
        (role("clerk") & scope("orders:read"), True),
        (role("clerk") & scope("orders:write"), False),
        (role("manager") | role("clerk"), True),
        (role("manager") | role("chief"), False),
        (~role("banned"), True),
        (~role("clerk"), False),
        (~~role("clerk"), True),
        (~(role("clerk") & role("banned")), True),
        (~(role("clerk") | role("banned")), False),
        (claim("tenant_id", "acme"), True),
        (claim("tenant_id", "acm"), False),
        (claim("number", 42), True),
        (claim("number", "42"), True),
        (claim("number", True), False),
        (claim("staff", True), True),
        (claim("staff", False), False),
        (claim("staff", "True"), False),
        (claim("staff", 1), False),
        (claim("teams", "red"), True),
        (claim("teams", "re"), False),
        (claim(("nested", "unit"), "north"), True),
        (claim(("nested", "none"), "north"), False),
        (claim(("tenant_id", "deeper"), "north"), False),
        (claim("nested.unit", "north"), False),
        (claim("https://acme.example/plan", "gold"), True),
        (claim("ratio", "1.5"), False),
        (claim("absent", "x"), False),
        (~claim("absent", "x"), False),
        (~claim("tenant_id", "other"), True),
    ],
)
def test_a_requirement_holds_or_not(requirement: Requirement, expected: bool) -> None:
    assert holds(requirement) is expected


@pytest.mark.parametrize(
    ("reference", "parameters", "expected"),
    [
        ("tenant_id", {"t": "acme"}, True),
        ("tenant_id", {"t": "other"}, False),
        ("tenant_id", {}, False),
        ("absent", {"t": "acme"}, False),
        ("absent", {}, False),
        ("number", {"t": 42}, True),
        ("number", {"t": "42"}, True),
        ("number", {"t": "042"}, False),
        ("teams", {"t": "blue"}, True),
        ("id", {"t": UUID("8a0d6a26-6f6b-4ad0-8f8d-36a2f2b1a111")}, True),
        ("tenant_id", {"t": ["acme"]}, False),
        ("tenant_id", {"t": None}, False),
    ],
)
def test_a_claim_is_compared_with_a_parameter_of_the_route(
    reference: str, parameters: Mapping[str, object], expected: bool
) -> None:
    assert holds(claim(reference, path("t")), CLERK, parameters) is expected


def test_two_absent_values_are_never_equal_not_even_under_not() -> None:
    assert not holds(~claim("absent", path("t")), CLERK, {})


def test_path_without_routes_is_a_mistake_of_the_developer() -> None:
    with pytest.raises(ConfigurationError, match="no routes"):
        demand_of(CLERK, claim("tenant_id", path("t")), None)


@pytest.mark.parametrize("named", [scope, role, group, permission])
def test_what_a_token_does_not_say_lets_nobody_pass(named: type) -> None:
    assert not holds(named("x"), SILENT)
    assert not holds(~named("x"), SILENT)
    assert not holds(~named("x") & authenticated, SILENT)
    assert not holds(~(named("x") & authenticated), SILENT)
    assert not holds(~(named("x") | named("y")), SILENT)
    assert holds(~(named("x") & ~authenticated), SILENT)  # one part is known not to hold, whatever the other is


@pytest.mark.parametrize("requirement", [authenticated, ~role("banned"), scope("a") | ~scope("a")])
def test_every_requirement_implies_authenticated(requirement: Requirement) -> None:
    with pytest.raises(MissingToken):
        demand_of(ANONYMOUS, requirement, {})


@pytest.mark.parametrize(
    ("requirement", "missing", "scopes"),
    [
        (scope("orders:write"), ("scope orders:write",), ("orders:write",)),
        (
            scope("orders:read") & scope("orders:write"),
            ("scope orders:write",),
            ("orders:read", "orders:write"),
        ),
        (scope("a") | scope("b"), ("scope a or scope b",), ("a",)),
        (role("chief") | scope("b") & scope("c"), ("role chief or scope b and scope c",), ("b", "c")),
        (role("chief"), ("role chief",), ()),
        (role("chief") & scope("a"), ("role chief", "scope a"), ()),
        ((role("clerk") | scope("z")) & scope("a"), ("scope a",), ("a",)),
        (~scope("orders:read"), ("not scope('orders:read')",), ()),
        (~scope("orders:read") | scope("x"), ("not scope('orders:read') or scope x",), ("x",)),
        (claim("tenant_id", path("t")), ("claim tenant_id equal to path('t')",), ()),
        (claim(("nested", "unit"), "south"), ("claim nested.unit equal to south",), ()),
    ],
)
def test_a_refusal_says_what_was_missing_and_which_scopes_would_cure_it(
    requirement: Requirement, missing: tuple[str, ...], scopes: tuple[str, ...]
) -> None:
    with pytest.raises(Forbidden) as refused:
        demand_of(CLERK, requirement, {"t": "other"})
    assert refused.value.missing == missing
    assert refused.value.scopes == scopes


@pytest.mark.parametrize(
    ("requirement", "text"),
    [
        (authenticated, "authenticated"),
        (scope("a") & (role("b") | group("c")), "scope('a') & (role('b') | group('c'))"),
        (scope("a") & role("b") | permission("c"), "(scope('a') & role('b')) | permission('c')"),
        (~(scope("a") & role("b")), "~(scope('a') & role('b'))"),
        (~role("b"), "~role('b')"),
        (claim("t", path("t")), "claim('t', path('t'))"),
        (claim(("a", "b"), 1), "claim(('a', 'b'), 1)"),
    ],
)
def test_a_requirement_prints_as_it_was_declared(requirement: Requirement, text: str) -> None:
    assert str(requirement) == text


@pytest.mark.parametrize("name", ["", "a b", 'a"b', "a\\b", "é", None, 3, ["a"]])
def test_scope_takes_exactly_one_legal_name(name: str) -> None:
    with pytest.raises(ConfigurationError, match="exactly one"):
        scope(name)


@pytest.mark.parametrize("named", [role, group, permission, path])
@pytest.mark.parametrize("name", ["", " a", None, ("a", "b")])
def test_role_group_permission_and_path_take_exactly_one_name(named: type, name: str) -> None:
    with pytest.raises(ConfigurationError, match="exactly one"):
        named(name)


@pytest.mark.parametrize("reference", ["", (), ("a", ""), ["a"], 3])
def test_claim_refuses_a_reference_that_names_nothing(reference: str) -> None:
    with pytest.raises(ConfigurationError):
        claim(reference, "x")


@pytest.mark.parametrize("value", ["", None, 1.5, ["a"]])
def test_claim_refuses_a_value_that_cannot_be_compared(value: str) -> None:
    with pytest.raises(ConfigurationError):
        claim("a", value)


def test_requirements_are_not_combined_with_and_or_not() -> None:
    for combine in (lambda: scope("a") and scope("b"), lambda: not scope("a"), lambda: scope("a") or scope("b")):
        with pytest.raises(ConfigurationError, match="& | ~"):
            combine()


def test_requirements_are_combined_only_with_requirements() -> None:
    with pytest.raises(TypeError):
        scope("a") & "b"  # type: ignore[operator]  # what is tested
    with pytest.raises(TypeError):
        scope("a") | "b"  # type: ignore[operator]  # what is tested


def test_several_requirements_mean_all_of_them_and_none_is_a_mistake() -> None:
    assert all_of([scope("a")]) == scope("a")
    assert str(all_of([scope("a"), role("b")])) == "scope('a') & role('b')"
    with pytest.raises(ConfigurationError, match="demands nothing"):
        all_of([])
    with pytest.raises(ConfigurationError, match="takes requirements"):
        all_of([scope])  # type: ignore[list-item]  # what is tested


def test_a_kind_of_ones_own_plugs_in() -> None:
    @dataclass(frozen=True)
    class OfIssuer(Requirement):
        issuer: str

        def judge(self, principal: Principal, parameters: Mapping[str, object] | None) -> Finding:
            return Finding(True) if principal.issuer == self.issuer else Finding(False, (str(self),), None)

        def __str__(self) -> str:
            return f"issued by {self.issuer}"

    assert holds(OfIssuer("https://issuer.example") & scope("orders:read"))
    with pytest.raises(Forbidden) as refused:
        demand_of(CLERK, OfIssuer("https://other.example"), {})
    assert refused.value.missing == ("issued by https://other.example",)
