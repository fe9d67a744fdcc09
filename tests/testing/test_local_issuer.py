"""What a user's own tests need."""

import time

from jwt_middleware import Guard, Principal, RequestInfo
from jwt_middleware.testing import LocalIssuer
from jwt_middleware.waiting import run

LOCAL = LocalIssuer(audience="orders")
GUARD = Guard(LOCAL.trusted)


def caller(headers: dict[str, str]) -> Principal | str:
    info = RequestInfo(header=lambda name: [value for each, value in headers.items() if each.lower() == name])
    admission = run(GUARD.admit(info))
    return admission.refusal.reason if admission.refusal else admission.principal


def test_a_caller_is_made_as_the_test_wants_it() -> None:
    found = caller(LOCAL.headers("bob", scopes=["a"], roles=["r"], permissions=["p"], groups=["g"], tenant="t"))
    assert isinstance(found, Principal)
    assert (found.subject, found.scopes, found.roles, found.permissions, found.groups) == (
        *("bob", ("a",), ("r",), ("p",), ("g",)),
    )


def test_a_token_for_somebody_else_is_refused() -> None:
    assert caller({"Authorization": f"Bearer {LOCAL.token(audience='other')}"}) == "audience_mismatch"


def test_a_token_of_another_local_issuer_is_refused() -> None:
    other = LocalIssuer(audience="orders")
    assert caller(other.headers()) == "key_unknown"


def test_an_expired_token_comes_from_a_clock_that_lies_behind() -> None:
    late = LocalIssuer(audience="orders", clock=lambda: time.time() - 3600)
    guard = Guard(late.trusted)
    info = RequestInfo(header=lambda name: [late.headers()["Authorization"]] if name == "authorization" else [])
    refusal = run(guard.admit(info)).refusal
    assert refusal is not None and refusal.reason == "token_expired"
