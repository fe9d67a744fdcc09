"""Who is calling, as routes see it."""

import copy
from types import MappingProxyType

import pytest

from jwt_middleware import ANONYMOUS, ConfigurationError, Principal

ALICE = Principal(
    subject="alice",
    issuer="https://issuer.example",
    scopes=("read",),
    roles=("clerk",),
    groups=("sales",),
    permissions=("orders.view_order",),
    claims=MappingProxyType({"email": "alice@acme.example"}),
)


def test_the_four_questions() -> None:
    assert ALICE.has_scope("read") and not ALICE.has_scope("rea")
    assert ALICE.has_role("clerk") and not ALICE.has_role("c")
    assert ALICE.has_group("sales") and not ALICE.has_group("s")
    assert ALICE.has_permission("orders.view_order") and not ALICE.has_permission("orders")
    assert ALICE.groups_complete and not ANONYMOUS.groups_complete


def test_a_misspelt_attribute_raises() -> None:
    with pytest.raises(AttributeError):
        ALICE.role  # type: ignore[attr-defined]  # what is tested


def test_it_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        ALICE.subject = "mallory"  # type: ignore[misc]  # what is tested
    with pytest.raises((AttributeError, TypeError)):
        ALICE.extra = 1  # type: ignore[attr-defined]  # what is tested
    with pytest.raises(TypeError):
        ALICE.claims["email"] = "x"  # type: ignore[index]  # what is tested


def test_repr_shows_no_claims() -> None:
    assert repr(ALICE) == "<Principal user 'alice' of 'https://issuer.example'>"
    assert str(ALICE) == "alice"
    assert repr(ANONYMOUS) == "<Principal anonymous>"


def test_it_is_hashable_and_equal_by_value() -> None:
    assert len({ALICE, ALICE}) == 1
    assert ALICE != ANONYMOUS


def test_a_copy_of_anonymous_stays_anonymous() -> None:
    assert not ANONYMOUS.is_authenticated
    assert not copy.copy(ANONYMOUS).is_authenticated
    assert ANONYMOUS.is_anonymous and not ANONYMOUS.is_active and ANONYMOUS.pk is None and ANONYMOUS.identity == ""


def test_it_fits_where_starlette_looks_for_a_user() -> None:
    assert ALICE.is_authenticated
    assert ALICE.display_name == "alice"
    assert ALICE.identity == "https://issuer.example|alice"


async def _ask_as_django_does(principal: Principal) -> tuple[bool, bool, bool]:
    return (
        await principal.ahas_perm("orders.view_order"),
        await principal.ahas_perms(["orders.view_order", "orders.add_order"]),
        await principal.ahas_module_perms("orders"),
    )


def test_it_fits_where_django_looks_for_a_user() -> None:
    import asyncio

    assert ALICE.is_active and not ALICE.is_anonymous and not ALICE.is_staff and not ALICE.is_superuser
    assert ALICE.pk == ALICE.id == "https://issuer.example|alice"
    assert ALICE.username == ALICE.get_username() == "alice"
    assert ALICE.has_perm("orders.view_order") and not ALICE.has_perm("orders.view_order", object())
    assert ALICE.has_perms(["orders.view_order"]) and not ALICE.has_perms(["orders.view_order", "x.y"])
    assert ALICE.has_module_perms("orders") and not ALICE.has_module_perms("order")
    assert ALICE.get_all_permissions() == {"orders.view_order"} and ALICE.get_all_permissions(object()) == set()
    assert asyncio.run(_ask_as_django_does(ALICE)) == (True, False, True)


def test_a_framework_that_makes_parameters_of_dataclasses_is_told_not_to() -> None:
    with pytest.raises(ConfigurationError, match="never made from a request"):
        Principal.__get_pydantic_core_schema__(Principal, None)
