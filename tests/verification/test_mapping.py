"""Where in an issuer's tokens the facts about a caller stand."""

from types import MappingProxyType
from typing import Any

import pytest

from jwt_middleware import ClaimMapping, ConfigurationError
from jwt_middleware.verification.mapping import From, brought_by, resolve, several, single

CLAIMS = MappingProxyType(
    {
        "sub": "alice",
        "empty": "",
        "number": 7,
        "flag": True,
        "scope": "read write  read\tmore",
        "roles": ("a", "b", "a"),
        "role": "admin",
        "odd": ("a", 1),
        "none": (),
        "object": MappingProxyType({"x": 1}),
        "realm_access": MappingProxyType({"roles": ("clerk",)}),
        "https://acme.example/roles": ("boss",),
        "_claim_names": MappingProxyType({"groups": "src1"}),
        "groups": ("one",),
        "objects": (MappingProxyType({"value": "g1", "display": "one"}), "g2"),
        "odd_objects": (MappingProxyType({"value": "g1"}), MappingProxyType({"display": "g2"})),
    }
)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("sub", "alice"),
        ("absent", None),
        ("empty", None),
        ("flag", None),
        ("number", "7"),
        ("roles", None),
        (["empty", "absent", "sub"], "alice"),
        (("object", "x"), "1"),
        (("object", "y"), None),
        (None, None),
        (lambda claims: claims["sub"], "alice"),
        (lambda claims: None, None),
    ],
)
def test_a_single_field_takes_the_first_that_is_not_empty(source: From, expected: str | None) -> None:
    assert single(CLAIMS, source) == expected


@pytest.mark.parametrize(
    ("source", "expected", "complete"),
    [
        ("roles", ("a", "b"), True),
        ("role", ("admin",), True),
        ("empty", (), True),
        ("none", (), True),
        ("absent", (), False),
        ("object", (), False),
        ("flag", (), False),
        ("odd", ("a",), False),
        ("groups", ("one",), False),
        ("objects", ("g1", "g2"), True),
        ("odd_objects", ("g1",), False),
        (None, (), False),
        ("realm_access.roles", (), False),
        (("realm_access", "roles"), ("clerk",), True),
        ("https://acme.example/roles", ("boss",), True),
        (["role", ("realm_access", "roles"), "roles"], ("admin", "clerk", "a", "b"), True),
        (["role", "absent"], ("admin",), True),
        (["role", "object"], ("admin",), False),
        (lambda claims: ["x", "y", "x"], ("x", "y"), True),
        (lambda claims: "xy", ("xy",), True),
        (lambda claims: None, (), False),
    ],
)
def test_a_multi_valued_field_takes_the_ordered_union(source: From, expected: tuple[str, ...], complete: bool) -> None:
    assert several(CLAIMS, source) == (expected, complete)


def test_only_scopes_are_split_and_only_at_spaces() -> None:
    assert several(CLAIMS, "scope", split=True) == (("read", "write", "read\tmore"), True)
    assert several(CLAIMS, "scope") == (("read write  read\tmore",), True)
    assert several(CLAIMS, "roles", split=True) == (("a", "b"), True)
    assert several(CLAIMS, "objects", split=True) == (("g2",), False)
    assert several({"scp": ("a b", "c")}, "scp", split=True) == (("a", "b", "c"), True)
    assert several({"groups": ("Night Shift",)}, "groups") == (("Night Shift",), True)


def test_a_claim_that_the_issuer_keeps_elsewhere_is_incomplete_although_absent() -> None:
    assert several({"_claim_names": MappingProxyType({"groups": "src1"})}, "groups") == ((), False)


def test_resolve_follows_literal_segments_only() -> None:
    assert resolve(CLAIMS, ("realm_access", "roles")) == ("clerk",)
    assert resolve(CLAIMS, ("sub", "x")) is None
    assert resolve(CLAIMS, "realm_access.roles") is None


@pytest.mark.parametrize("source", ["", (), [], 3, ("a", ""), ["a", 3], [("a",), ()], ["a", ["b"]]])
def test_a_mapping_that_names_nothing_is_a_mistake(source: From) -> None:
    with pytest.raises(ConfigurationError, match="roles"):
        ClaimMapping(roles=source)


def test_a_scope_includes_what_its_scopes_include_also_in_a_circle() -> None:
    mapping = ClaimMapping(scope_hierarchy={"admin": ["write"], "write": ["read", "list"], "a": ["b"], "b": ["a"]})
    assert mapping.scope_hierarchy["admin"] == ("write", "read", "list")
    assert mapping.scope_hierarchy["a"] == ("b", "a")
    assert brought_by(("x", "write", "admin"), mapping.scope_hierarchy) == ("read", "list", "write")


def test_tables_cannot_be_changed_from_outside() -> None:
    table = {"clerk": ["orders.read"]}
    mapping = ClaimMapping(role_permissions=table)
    table["clerk"].append("orders.delete")
    table["manager"] = ["everything"]
    assert mapping.role_permissions == {"clerk": ("orders.read",)}


@pytest.mark.parametrize("name", ["role_permissions", "scope_hierarchy"])
@pytest.mark.parametrize("table", [7, None, {"a": "b"}, {"a": [1]}, {"a": [""]}, {"": ["a"]}, {1: ["a"]}, ["a"]])
def test_a_table_that_is_none_is_a_mistake(name: str, table: Any) -> None:
    with pytest.raises(ConfigurationError, match=name):
        ClaimMapping(**{name: table})


@pytest.mark.parametrize("kind", ["robot", 7, ("user",)])
def test_a_kind_of_caller_that_nobody_knows_is_a_mistake(kind: Any) -> None:
    with pytest.raises(ConfigurationError, match="kind"):
        ClaimMapping(kind=kind)
