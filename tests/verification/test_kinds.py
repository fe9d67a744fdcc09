"""Kinds of token kept apart: where ``typ`` does not settle it, tell-tale claims do."""

from typing import Any

import pytest

from jwt_middleware import InvalidToken
from jwt_middleware.verification.kinds import TYPES, Kinds, refuse_other_kinds

ORDINARY: dict[str, Any] = {"iss": "https://issuer.example", "sub": "alice", "aud": "orders", "scope": "orders:read"}
ACCESS_TOKENS = Kinds(types=TYPES["access-token"])
ID_TOKENS_TOO = Kinds(types=TYPES["access-token"], id_tokens=True)
NAMED = Kinds(types=TYPES["access-token"], named_by=("token_use", "access"))

ID_TOKENS = [
    *({"nonce": "n"}, {"at_hash": "h"}, {"c_hash": "h"}, {"s_hash": "h"}),
    *({"typ": "ID"}, {"token_use": "id"}, {"type": "id_token"}),
]
OTHERS = [
    {"events": {"http://schemas.openid.net/event/backchannel-logout": {}}},
    {"htm": "GET", "htu": "https://api.example/orders"},
    *({"htm": "GET"}, {"htu": "https://api.example/orders"}),
    *({"typ": "Refresh"}, {"typ": "Offline"}, {"typ": "Logout"}),
    *({"token_use": "refresh"}, {"token_type": "refresh"}, {"type": "refresh"}, {"type": "refresh_token"}),
    {"iss": "client-1", "sub": "client-1"},
]


def reason(kind: str, claims: dict[str, Any], kinds: Kinds = ACCESS_TOKENS) -> str:
    """Why it is refused, or nothing."""
    try:
        refuse_other_kinds(kind, {**ORDINARY, **claims}, kinds)
    except InvalidToken as refused:
        return refused.reason
    return ""


@pytest.mark.parametrize("kind", ["at+jwt", "jwt", ""])
def test_ordinary_access_tokens_pass(kind: str) -> None:
    assert reason(kind, {}) == ""
    assert reason(kind, {"typ": "Bearer", "token_use": "access", "type": 1}) == ""
    assert reason(kind, {"iss": None, "sub": None}) == ""


@pytest.mark.parametrize("kind", ["jwt", ""])
@pytest.mark.parametrize("claims", [*ID_TOKENS, *OTHERS], ids=str)
def test_every_other_kind_is_refused_where_the_type_does_not_settle_it(kind: str, claims: dict[str, Any]) -> None:
    assert reason(kind, claims) == "kind_refused"
    assert reason("at+jwt", claims) == ""


@pytest.mark.parametrize("claims", ID_TOKENS, ids=str)
def test_id_tokens_are_taken_where_the_issuer_says_so(claims: dict[str, Any]) -> None:
    assert reason("jwt", claims, ID_TOKENS_TOO) == ""


@pytest.mark.parametrize("claims", OTHERS, ids=str)
def test_taking_id_tokens_takes_nothing_else(claims: dict[str, Any]) -> None:
    assert reason("jwt", claims, ID_TOKENS_TOO) == "kind_refused"


@pytest.mark.parametrize("kind", ["at+jwt", "jwt", ""])
def test_a_claim_that_names_the_kind_settles_it(kind: str) -> None:
    assert reason(kind, {"token_use": "access", "nonce": "n"}, NAMED) == ""
    for said in ("id", "Access", "", None, ["access"]):
        assert reason(kind, {"token_use": said}, NAMED) == "kind_refused"
    assert reason(kind, {}, NAMED) == "kind_refused"


@pytest.mark.parametrize("kinds", [ACCESS_TOKENS, ID_TOKENS_TOO, NAMED])
@pytest.mark.parametrize("kind", ["logout+jwt", "secevent+jwt", "dpop+jwt", "id+jwt", "client-authentication+jwt", "x"])
def test_a_type_that_is_not_an_access_tokens_is_refused(kind: str, kinds: Kinds) -> None:
    assert reason(kind, {"token_use": "access"}, kinds) == "kind_refused"


@pytest.mark.parametrize("kinds", [ACCESS_TOKENS, ID_TOKENS_TOO, NAMED])
@pytest.mark.parametrize("bound", [{"jkt": "x"}, {"x5t#S256": "x"}, {}, None])
def test_a_token_that_is_bound_to_a_sender_is_no_bearer_token(bound: object, kinds: Kinds) -> None:
    assert reason("at+jwt", {"cnf": bound, "token_use": "access"}, kinds) == "sender_bound"
