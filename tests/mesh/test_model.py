"""The model by itself: what it lets pass, what it calls a fault, and what an outage permits."""

from dataclasses import replace

import pytest

from tests.mesh.judging import Answer, Token, judge
from tests.mesh.outages import UNKNOWN_KEY, Outage

GOOD = Token(1, "clerk")
MANAGER = Token(2, "manager")
NOBODY = Token(0, "nobody")
REVOKED = Token(3, "clerk", ending=99.0, ended=100.0)
BEARER = 'Bearer error="invalid_token"'
LIST = Answer(7, "clerk", "orders: list", 1, 200.0, 200.1, 200)
INVENTORY = Outage("inventory", 199.0, 205.0)
ACCOUNTS = Outage("accounts", 180.0, 200.0)
YOUNG = Token(9, "clerk", key_since=175.0)
REDIS = Outage("redis", 160.0, 210.0)


def at(route: str, status: int, sent: float = 200.0, **more: object) -> Answer:
    return replace(LIST, route=route, status=status, sent=sent, answered=sent + 0.1, **more)  # type: ignore[arg-type]  # of its fields


AS_IT_SHOULD_BE = [
    (at("orders: list", 200), GOOD),
    (at("orders: value of a northern order", 200), MANAGER),
    (at("orders: value of a northern order", 403), GOOD),
    (at("orders: value of a northern order", 404), Token(4, "southern-clerk")),
    (at("orders: health", 200, slot="nobody"), NOBODY),
    (at("orders: list", 401, slot="nobody", challenge="Bearer"), NOBODY),
    (at("orders: list", 401, challenge=BEARER), REVOKED),
    (at("orders: list", 401, 99.5, challenge=BEARER), REVOKED),  # under way: either
    (at("orders: list", 200, 100.9), REVOKED),  # within the second
    (at("orders: place", 502, 99.5), REVOKED),  # inventory has heard of it, orders not yet
    (at("orders: ship a northern order", 409), GOOD),
    (at("shipping: send", 201, about={"sent_by": "clerk"}), Token(5, "clerk through orders")),
]


@pytest.mark.parametrize(("answer", "token"), AS_IT_SHOULD_BE)
def test_what_is_as_it_should_be(answer: Answer, token: Token) -> None:
    found = judge(answer, token, [])
    assert (found.fault, found.cause) == ("", "")


FAULTS = [
    ("WRONGLY ADMITTED", at("orders: list", 200), REVOKED, []),
    ("WRONGLY ADMITTED", at("orders: list", 200), REVOKED, [REDIS, ACCOUNTS]),  # whatever is down
    ("WRONGLY ADMITTED", at("orders: list", 403), Token(6, "courier"), []),  # taken, where it is meant for another
    ("WRONGLY ADMITTED", at("orders: health", 200), Token(7, "manager", flaw="alg none"), []),
    ("WRONGLY ADMITTED", at("inventory: price", 200), GOOD, []),
    ("WRONGLY ADMITTED", at("inventory: deliver", 404), GOOD, []),
    ("WRONGLY ADMITTED", at("orders: value of a northern order", 200), Token(4, "southern-clerk"), []),
    ("WRONGLY REFUSED", at("orders: list", 401, challenge=BEARER), GOOD, [ACCOUNTS, REDIS, INVENTORY]),
    ("WRONGLY REFUSED", at("orders: list", 403), GOOD, [ACCOUNTS, REDIS, INVENTORY]),
    ("WRONGLY REFUSED", at("orders: list", 503, retry_after="1"), GOOD, [ACCOUNTS]),  # its keys are at hand
    ("WRONGLY REFUSED", at("orders: list", 500), GOOD, [ACCOUNTS, REDIS, INVENTORY]),
    ("WRONGLY REFUSED", at("orders: list", 0, error="ConnectionRefusedError"), GOOD, [INVENTORY]),
    ("WRONGLY REFUSED", at("orders: place", 502), GOOD, [Outage("inventory", 100.0, 110.0)]),
    ("WRONGLY REFUSED", at("orders: list", 503, 170.0, retry_after="1"), GOOD, [REDIS]),  # the copy serves
    ("WRONG ANSWER: 503 without Retry-After", at("orders: list", 503), GOOD, [REDIS]),
    ("WRONG ANSWER: 401 without", at("orders: list", 401), REVOKED, []),
    ("WRONG ANSWER: the challenge", at("orders: list", 401, slot="nobody", challenge=BEARER), NOBODY, []),
    ("WRONG ANSWER: placed_by", at("orders: place", 201, about={"placed_by": "manager"}), GOOD, []),
    ("WRONG ANSWER: tenant", at("orders: place", 201, about={"placed_by": "clerk", "tenant": "south"}), GOOD, []),
    ("WRONG ANSWER: orders of", at("orders: list", 200, about={"tenants": ["north", "south"]}), GOOD, []),
    ("WRONG ANSWER: sent_by", at("shipping: send", 201, about={"sent_by": "x"}), Token(5, "clerk through orders"), []),
]


@pytest.mark.parametrize(("fault", "answer", "token", "outages"), FAULTS)
def test_what_is_a_fault(fault: str, answer: Answer, token: Token, outages: list[Outage]) -> None:
    assert judge(answer, token, outages).fault.startswith(fault)


PERMITTED = [
    ("inventory is down: no connection", at("inventory: stock", 0), GOOD, INVENTORY),
    ("inventory is down, and orders asks it: 502", at("orders: place", 502), GOOD, INVENTORY),
    ("accounts is down, and a token", at("orders: ship a northern order", 503, 219.0, retry_after="9"), GOOD, ACCOUNTS),
    ("accounts is down, and nobody knows", at("orders: list", 503, 199.0, retry_after="9"), None, ACCOUNTS),
    ("accounts is down, and its youngest", at("orders: list", 503, 199.0, retry_after="9"), YOUNG, ACCOUNTS),
    ("redis is down for longer", at("orders: list", 503, retry_after="1"), GOOD, REDIS),
    ("redis is down for longer than the copy serves of whom", at("orders: available", 502), GOOD, REDIS),
    ("redis is down, and sessions", at("accounts: sessions", 503, 170.0, retry_after="1"), GOOD, REDIS),
]


@pytest.mark.parametrize(("cause", "answer", "token", "outage"), PERMITTED)
def test_what_an_outage_permits_has_a_cause(cause: str, answer: Answer, token: Token | None, outage: Outage) -> None:
    found = judge(answer, token or Token(8, "manager", flaw=UNKNOWN_KEY), [outage])
    assert found.fault == ""
    assert found.cause.startswith(cause)
