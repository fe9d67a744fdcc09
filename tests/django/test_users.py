"""A user from the database in ``request.user``, by choice."""

from collections.abc import Iterator
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth import get_user_model
from django.test import AsyncClient, Client, override_settings

from jwt_middleware import ConfigurationError, Forbidden, Principal
from jwt_middleware.django.conf import build
from jwt_middleware.django.users import model_user
from tests import tokens
from tests.django_guard import guard

pytestmark = pytest.mark.django_db


def users() -> Any:
    return get_user_model()._default_manager


async def load_async(principal: Principal) -> Any:
    return await users().filter(username=principal.subject).afirst()


def load(principal: Principal) -> Any:
    return users().filter(username=principal.subject).first()


class Loader:
    async def __call__(self, principal: Principal) -> Any:
        return await load_async(principal)


@pytest.fixture(
    params=[model_user(), load, load_async, Loader(), lambda who: load_async(who), "tests.django.test_users.load"],
    ids=["model_user", "function", "async function", "async object", "gives a coroutine", "dotted path"],
)
def loader(request: pytest.FixtureRequest) -> Iterator[None]:
    with override_settings(JWT_MIDDLEWARE={"GUARD": guard, "USER": request.param}):
        yield


@pytest.fixture(params=["sync", "async"])
def call(request: pytest.FixtureRequest) -> Any:
    headers = {"Authorization": f"Bearer {tokens.mint()}"}

    async def asend(path: str) -> Any:
        return await AsyncClient().get(path, headers=headers)

    return async_to_sync(asend) if request.param == "async" else lambda path: Client().get(path, headers=headers)


@pytest.mark.usefixtures("loader")
def test_user_is_the_row_of_the_subject(call: Any) -> None:
    users().create_user("alice")
    for _ in range(2):
        assert call("/whoami").json() == {"name": "alice", "kind": "User"}
    assert call("/async-private").content == b"alice"


@pytest.mark.usefixtures("loader")
def test_nobody_found_is_refused(call: Any) -> None:
    answer = call("/whoami")
    assert (answer.status_code, answer.json()["code"]) == (403, "user_refused")


@pytest.mark.usefixtures("loader")
def test_inactive_user_is_refused_also_right_after_being_let_in(call: Any) -> None:
    user = users().create_user("alice")
    assert call("/whoami").status_code == 200
    user.is_active = False
    user.save()
    answer = call("/whoami")
    assert (answer.status_code, answer.json()["code"]) == (403, "user_refused")
    assert call("/login").content == b"anonymous"  # unguarded


def strict(principal: Principal) -> Any:
    raise Forbidden(missing=("a signed contract",))


async def strict_async(principal: Principal) -> Any:
    strict(principal)


@pytest.mark.parametrize("loader", [strict, strict_async])
def test_loader_may_refuse_with_a_reason(call: Any, loader: Any) -> None:
    with override_settings(JWT_MIDDLEWARE={"GUARD": guard, "USER": loader}):
        for path in ("/whoami", "/public", "/nowhere"):
            answer = call(path)
            assert (answer.status_code, answer.json()["missing"]) == (403, ["a signed contract"])
        assert call("/login").content == b"anonymous"


def caller(**changes: Any) -> Principal:
    return Principal(**{"subject": "alice", "issuer": tokens.ISSUER, **changes})


def test_model_user_finds_by_another_field_and_claim() -> None:
    user = users().create_user("alice", email="alice@example.org")
    assert model_user("pk", claim="uid")(caller(claims={"uid": user.pk})) == user
    assert model_user("email", claim="email")(caller(claims={"email": "alice@example.org"})) == user


@pytest.mark.parametrize(
    "claims", [{}, {"uid": ""}, {"uid": True}, {"uid": None}, {"uid": ["1"]}, {"uid": "not a number"}]
)
def test_model_user_finds_nobody_for_values_that_are_none(claims: dict[str, object]) -> None:
    users().create_user("alice")
    assert model_user("pk", claim="uid")(caller(claims=claims)) is None


def test_model_user_finds_nobody_where_two_fit() -> None:
    for name in ("alice", "bob"):
        users().create_user(name, email="same@example.org")
    assert model_user("email", claim="email")(caller(claims={"email": "same@example.org"})) is None


def test_model_user_of_one_issuer_takes_no_subject_of_another() -> None:
    user = users().create_user("alice")
    assert model_user(issuer=tokens.ISSUER)(caller()) == user
    assert model_user(issuer=tokens.ISSUER)(caller(issuer="https://other.example")) is None


@pytest.mark.parametrize("field", ["profile__name", "", "a b"])
def test_model_user_takes_the_name_of_one_field(field: str) -> None:
    with pytest.raises(ConfigurationError, match="one field"):
        model_user(field)


def test_model_user_asks_whose_subjects_where_several_issuers_are_trusted() -> None:
    secret = "s" * 32
    issuers = [{"ISSUER": f"https://{name}.example", "AUDIENCE": "a", "SIGNING_KEY": secret} for name in ("a", "b")]
    with pytest.raises(ConfigurationError, match="issuer=") as found:
        build({"ISSUERS": issuers, "USER": model_user()})
    assert secret not in str(found.value)
    build({"ISSUERS": issuers, "USER": model_user(issuer="https://a.example")})
