"""From verified claims to a principal."""

from types import MappingProxyType
from typing import Any

import pytest

from jwt_middleware import ClaimMapping, Claims, InvalidToken, Principal, TrustedIssuer, permission, scope
from jwt_middleware.access.principal_of import principal_of
from jwt_middleware.access.requirements import demand_of
from jwt_middleware.errors import Forbidden

ORDINARY: dict[str, Any] = {"sub": "alice", "client_id": "web"}


def named(mapping: ClaimMapping, *, tenants: Any = None, **values: Any) -> Principal:
    said = {**ORDINARY, **values}
    claims = Claims(
        issuer="https://issuer.example",
        subject="alice",
        audience=("orders",),
        expires_at=1.0,
        not_before=None,
        issued_at=None,
        token_id=None,
        session_id=None,
        values=MappingProxyType(said),
    )
    issuer = TrustedIssuer("https://issuer.example", audience="orders", mapping=mapping, tenants=tenants)
    return principal_of(claims, issuer)


def test_a_scope_brings_what_it_includes_and_the_challenge_still_names_what_was_asked_for() -> None:
    mapping = ClaimMapping(scope_hierarchy={"admin": ["write"], "write": ["read"]})
    assert named(mapping, scope="admin other read").scopes == ("admin", "other", "read", "write")
    demand_of(named(mapping, scope="admin"), scope("read"), None)
    with pytest.raises(Forbidden) as refused:
        demand_of(named(mapping, scope="read"), scope("write"), None)
    assert refused.value.scopes == ("write",)


def test_roles_bring_permissions() -> None:
    mapping = ClaimMapping(role_permissions={"clerk": ["orders.read"], "manager": ["orders.read", "orders.refund"]})
    both = named(mapping, roles=("clerk", "manager"), permissions=("orders.print",))
    assert both.permissions == ("orders.print", "orders.read", "orders.refund")
    assert named(mapping, roles=("stranger",)).permissions == ()


@pytest.mark.parametrize(
    ("source", "claims", "complete"),
    [
        (None, {"roles": ("clerk",)}, True),
        (None, {}, False),
        ("permissions", {"roles": ("clerk",)}, False),
        ("permissions", {"roles": ("clerk",), "permissions": ()}, True),
        ("permissions", {"permissions": ()}, False),
    ],
)
def test_permissions_of_roles_are_known_only_as_far_as_the_roles_are(
    source: str | None, claims: dict[str, Any], complete: bool
) -> None:
    mapping = ClaimMapping(permissions=source, role_permissions={"clerk": ["orders.read"]})
    caller = named(mapping, **claims)
    assert ("permissions" not in caller.incomplete) is complete
    if complete:
        demand_of(caller, ~permission("orders.delete"), None)
    else:
        with pytest.raises(Forbidden):
            demand_of(caller, ~permission("orders.delete"), None)


@pytest.mark.parametrize(
    ("kind", "claims", "expected"),
    [
        (None, {}, "user"),
        (None, {"sub": "web"}, "machine"),
        (None, {"sub": None}, "machine"),
        ("machine", {}, "machine"),
        ("user", {"sub": "web"}, "user"),
        (lambda claims: "machine" if claims.get("idtyp") == "app" else "user", {"idtyp": "app"}, "machine"),
        (lambda claims: "machine" if claims.get("idtyp") == "app" else "user", {}, "user"),
    ],
)
def test_the_kind_of_caller_is_what_the_issuer_says(kind: Any, claims: dict[str, Any], expected: str) -> None:
    assert named(ClaimMapping(kind=kind), **claims).kind == expected


def test_a_function_that_names_no_kind_makes_the_token_odd() -> None:
    with pytest.raises(InvalidToken) as refused:
        named(ClaimMapping(kind=lambda claims: "robot"))  # type: ignore[arg-type,return-value]  # what is tested
    assert refused.value.reason == "claim_malformed"


@pytest.mark.parametrize("said", ["other", "Acme", "", None, ("acme",)])
def test_only_callers_of_the_named_tenants_are_taken(said: Any) -> None:
    mapping = ClaimMapping(tenant="tid")
    assert named(mapping, tenants=["acme", "b"], tid="acme").tenant == "acme"
    with pytest.raises(InvalidToken) as refused:
        named(mapping, tenants=["acme", "b"], tid=said)
    assert refused.value.reason == "tenant_refused"


def test_what_a_token_says_twice_is_said_once_and_in_its_order() -> None:
    caller = named(ClaimMapping(), roles=("b", "a", "b"), scope="write read  write", groups=("x",))
    assert (caller.roles, caller.scopes, caller.groups) == (("b", "a"), ("write", "read"), ("x",))


@pytest.mark.parametrize("said", [("clerk", ""), ("clerk", 7), ("clerk", MappingProxyType({"display": "boss"}))])
def test_roles_of_which_one_names_nothing_are_not_completely_known(said: Any) -> None:
    caller = named(ClaimMapping(), roles=said)
    assert caller.roles == ("clerk",) and "roles" in caller.incomplete


def test_what_is_kept_elsewhere_is_not_completely_known() -> None:
    caller = named(
        ClaimMapping(), groups=("x",), scope="read", _claim_names=MappingProxyType({"groups": "s", "scope": "s"})
    )
    assert {"groups", "scopes"} <= caller.incomplete and caller.groups == ("x",)


def test_a_chain_of_actors_is_read_where_the_mapping_says() -> None:
    act = MappingProxyType({"sub": "inventory", "act": MappingProxyType({"client_id": "orders"})})
    assert [each.name for each in named(ClaimMapping(), act=act).actors] == ["inventory", "orders"]
    assert named(ClaimMapping(), act=act).actor == act
    assert named(ClaimMapping(actor="acting"), act="whatever").actors == ()
    assert named(ClaimMapping(actor=["none", "acting"]), acting=act).actors[0].name == "inventory"
    assert named(ClaimMapping(actor=lambda values: values["act"]), act=act).actors[0].name == "inventory"
    assert named(ClaimMapping(actor=None), act="whatever").actors == ()


@pytest.mark.parametrize(
    "act",
    [
        "orders",
        ("orders",),
        7,
        True,
        MappingProxyType({}),
        MappingProxyType({"sub": 7}),
        MappingProxyType({"sub": "a", "act": "b"}),
    ],
)
def test_a_chain_of_actors_that_nobody_can_read_refuses_the_token(act: object) -> None:
    with pytest.raises(InvalidToken) as refused:
        named(ClaimMapping(), act=act)
    assert refused.value.reason == "claim_malformed"


def test_a_chain_of_eleven_actors_refuses_the_token() -> None:
    act: object = None
    for number in range(11):
        assert act is None or named(ClaimMapping(), act=act).actors[0].name == f"service-{number - 1}"
        act = MappingProxyType({"sub": f"service-{number}", **({} if act is None else {"act": act})})
    with pytest.raises(InvalidToken):
        named(ClaimMapping(), act=act)
