"""Who acts for whom: the chain of actors, and what a route demands of it."""

from collections.abc import Mapping
from typing import Any

import pytest

from jwt_middleware import (
    ANONYMOUS,
    Actor,
    ConfigurationError,
    Forbidden,
    MissingToken,
    Principal,
    Requirement,
    acting_for,
    called_by,
    path,
    role,
    scope,
)
from jwt_middleware.access.actor import actors_in
from jwt_middleware.access.requirements import demand_of

ISSUER, PARTNER = "https://issuer.example", "https://partner.example"


def caller(actor: Mapping[str, Any] | None = None, **given: Any) -> Principal:
    return Principal(**{"subject": "ann", "issuer": ISSUER, "client_id": "shop", "actor": actor, **given})


def machine(name: str = "orders", issuer: str = ISSUER, actor: Any = None, **given: Any) -> Principal:
    return caller(actor, **{"subject": name, "client_id": name, "issuer": issuer, "kind": "machine", **given})


def chain(*names: str) -> dict[str, Any]:
    """An ``act`` in which the first acts now."""
    act: dict[str, Any] = {}
    for name in reversed(names):
        act = {"sub": name, **({"act": act} if act else {})}
    return act


def holds(requirement: Requirement, principal: Principal, parameters: Mapping[str, object] | None = None) -> bool:
    try:
        demand_of(principal, requirement, parameters)
    except Forbidden:
        return False
    return True


def test_the_chain_begins_with_who_acts_now() -> None:
    found = caller(
        {"sub": "inventory", "act": {"sub": "s-1", "client_id": "orders", "act": {"client_id": "web"}}}
    ).actors
    assert found == (Actor("inventory", ISSUER), Actor("s-1", ISSUER, "orders"), Actor("client:web", ISSUER, "web"))
    assert [each.name for each in found] == ["inventory", "orders", "web"]
    assert caller().actors == ANONYMOUS.actors == ()


def test_an_actor_of_another_issuer_says_so() -> None:
    assert caller({"sub": "orders", "iss": PARTNER}).actors == (Actor("orders", PARTNER),)


def test_what_else_stands_beside_an_actor_means_nothing() -> None:
    act = {"sub": "orders", "exp": 1, "nbf": 10**10, "aud": "x", "scope": "admin", "roles": ["admin"]}
    acted = caller(act, roles=("clerk",), scopes=("read",))
    assert acted.actors == (Actor("orders", ISSUER),)
    assert not holds(role("admin"), acted)
    assert not holds(scope("admin"), acted)
    assert holds(role("clerk") & scope("read"), acted)


MALFORMED: list[Any] = [
    "orders",
    ["orders"],
    7,
    {},
    {"sub": ""},
    {"sub": 7},
    {"client_id": ["orders"]},
    {"sub": "orders", "client_id": ""},
    {"sub": "orders", "iss": ""},
    {"sub": "orders", "iss": None},
    {"sub": "orders", "act": "web"},
    {"sub": "orders", "act": {}},
    chain(*(f"service-{number}" for number in range(11))),
]


@pytest.mark.parametrize("act", MALFORMED)
def test_a_malformed_chain_is_no_chain(act: Any) -> None:
    with pytest.raises(ValueError, match="actor"):
        actors_in(act, ISSUER)


def test_ten_actors_are_a_chain() -> None:
    assert len(actors_in(chain(*(f"service-{number}" for number in range(10))), ISSUER)) == 10


CALLED: list[tuple[Requirement, Principal, bool]] = [
    (called_by("orders"), caller(chain("orders")), True),
    (called_by("orders"), caller({"sub": "s-1", "client_id": "orders"}), True),
    (called_by("s-1"), caller({"sub": "s-1", "client_id": "orders"}), False),
    (called_by("orders"), caller(chain("inventory", "orders")), False),  # who acted before grants nothing
    (called_by("inventory"), caller(chain("inventory", "orders")), True),
    (called_by("Orders"), caller(chain("orders")), False),
    (called_by("order"), caller(chain("orders")), False),
    (called_by("shop"), caller(chain("orders")), False),  # whom the token was first given to
    (called_by("ann"), caller(chain("orders")), False),
    (~called_by("orders"), caller(chain("orders")), False),
    (~called_by("orders"), caller(chain("inventory")), True),
    # a machine in its own name
    (called_by("orders"), machine(), True),
    (called_by("orders"), machine(subject="client:orders"), True),
    (called_by("orders"), machine(client_id=None), True),
    (called_by("inventory"), machine(), False),
    (~called_by("inventory"), machine(), True),
    (called_by("orders"), machine("web", actor=chain("orders")), True),
    (called_by("web"), machine("web", actor=chain("orders")), False),
    # a user's token that was sent on as it is does not say by whom
    (called_by("shop"), caller(), False),
    (~called_by("orders"), caller(), False),
    (called_by("orders"), caller(client_id="orders"), False),
    # whose machine
    (called_by("orders"), caller({"sub": "orders", "iss": PARTNER}), False),
    (called_by("orders", issuer=PARTNER), caller({"sub": "orders", "iss": PARTNER}), True),
    (called_by("orders", issuer=PARTNER), caller(chain("orders")), False),
    (called_by("orders", issuer=ISSUER), caller(chain("orders")), True),
    (called_by("orders", issuer=ISSUER), machine(issuer=PARTNER), False),
    (called_by("orders", issuer=PARTNER), machine(issuer=PARTNER), True),
    # combined
    (called_by("orders") | called_by("inventory"), caller(chain("inventory")), True),
    (called_by("orders") & acting_for("ann"), caller(chain("orders")), True),
    (called_by("orders") & acting_for("ann"), machine(), False),
]


@pytest.mark.parametrize(("requirement", "principal", "expected"), CALLED)
def test_who_calls(requirement: Requirement, principal: Principal, expected: bool) -> None:
    assert holds(requirement, principal) is expected


@pytest.mark.parametrize(
    ("requirement", "principal", "parameters", "expected"),
    [
        (acting_for(), caller(chain("orders")), None, True),
        (acting_for(), caller(), None, False),
        (acting_for(), machine(), None, False),
        (~acting_for(), machine(), None, True),
        (~acting_for(), caller(chain("orders")), None, False),
        (acting_for("ann"), caller(chain("orders")), None, True),
        (acting_for("bob"), caller(chain("orders")), None, False),
        (acting_for("Ann"), caller(chain("orders")), None, False),
        (acting_for(" ann"), caller(chain("orders")), None, False),
        (acting_for(path("user")), caller(chain("orders")), {"user": "ANN"}, False),
        (acting_for("orders"), caller(chain("orders")), None, False),
        (acting_for("ann"), caller(), None, False),
        (acting_for(path("user")), caller(chain("orders")), {"user": "ann"}, True),
        (acting_for(path("user")), caller(chain("orders")), {"user": "bob"}, False),
        (acting_for(path("user")), caller(chain("orders")), {"user": None}, False),
        (acting_for(path("user")), caller(chain("orders")), {}, False),
        (~acting_for(path("user")), caller(chain("orders")), {}, False),
        (acting_for(path("user")), caller(chain("orders"), subject="7"), {"user": 7}, True),
    ],
)
def test_whom_somebody_acts_for(
    requirement: Requirement, principal: Principal, parameters: Mapping[str, object] | None, expected: bool
) -> None:
    assert holds(requirement, principal, parameters) is expected


@pytest.mark.parametrize("requirement", [called_by("orders"), acting_for(), ~called_by("orders"), ~acting_for("ann")])
def test_nobody_is_refused_as_nobody(requirement: Requirement) -> None:
    with pytest.raises(MissingToken):
        demand_of(ANONYMOUS, requirement, {})


def test_a_refusal_says_what_was_missing_and_that_no_scope_cures_it() -> None:
    with pytest.raises(Forbidden) as caught:
        demand_of(caller(), called_by("orders") & acting_for(path("user")) & acting_for(), {"user": "ann"})
    assert caught.value.missing == ("called by orders", "acting for path('user')", "acting for somebody")
    assert caught.value.scopes == ()


@pytest.mark.parametrize(
    ("requirement", "principal"),
    [
        (called_by("orders"), caller(chain("inventory"))),
        (called_by("orders"), caller()),
        (acting_for(), caller()),
        (acting_for("bob"), caller(chain("orders"))),
    ],
)
def test_scopes_are_not_offered_as_a_cure_where_somebody_else_must_call(
    requirement: Requirement, principal: Principal
) -> None:
    """Beside a scope that is missing as well, or as the first alternative."""
    for demanded in (requirement & scope("stock:read"), requirement | (requirement & scope("stock:read"))):
        with pytest.raises(Forbidden) as caught:
            demand_of(principal, demanded, {})
        assert caught.value.scopes == ()


def test_a_path_without_routes_is_a_mistake_of_the_developer() -> None:
    with pytest.raises(ConfigurationError, match="no routes"):
        demand_of(caller(chain("orders")), acting_for(path("user")), None)


@pytest.mark.parametrize(
    ("requirement", "text"),
    [
        (called_by("orders"), "called_by('orders')"),
        (called_by("orders", issuer=ISSUER), f"called_by('orders', issuer={ISSUER!r})"),
        (acting_for(), "acting_for()"),
        (acting_for("ann"), "acting_for('ann')"),
        (~acting_for(path("user")), "~acting_for(path('user'))"),
    ],
)
def test_they_print_as_they_were_declared(requirement: Requirement, text: str) -> None:
    assert str(requirement) == text


@pytest.mark.parametrize(
    "mistake",
    [
        lambda: called_by(""),
        lambda: called_by(" orders"),
        lambda: called_by(["orders"]),  # type: ignore[arg-type]  # a mistake
        lambda: called_by("orders", issuer=" "),
        lambda: acting_for(""),
        lambda: acting_for(7),  # type: ignore[arg-type]  # the same
    ],
)
def test_mistakes_are_found_when_they_are_made(mistake: Any) -> None:
    with pytest.raises(ConfigurationError):
        mistake()
