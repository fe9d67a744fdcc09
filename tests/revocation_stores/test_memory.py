"""What is withdrawn in the memory of one process, from whom, and for how long."""

import asyncio
import threading
from typing import Any

import pytest

from jwt_middleware import Guard, TrustedIssuer
from jwt_middleware.key_sources.static import static
from jwt_middleware.revocation_stores.memory import MemoryRevocations, memory
from jwt_middleware.verification.authenticator import RevocationStore
from jwt_middleware.verification.claims import Claims
from jwt_middleware.waiting import ask, run
from tests import tokens

ISSUER, OTHER = "https://issuer.example", "https://other.example"


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def claims(**changes: Any) -> Claims:
    whole: dict[str, Any] = {
        "issuer": ISSUER,
        "subject": "alice",
        "audience": ("orders",),
        "expires_at": 2000.0,
        "not_before": None,
        "issued_at": 1000.0,
        "token_id": "t1",
        "session_id": "s1",
        "values": {},
    }
    return Claims(**{**whole, **changes})


def entries(store: MemoryRevocations) -> int:
    return len(store._revoked)


def test_nothing_is_revoked_at_first() -> None:
    assert memory().is_revoked(claims()) is False
    assert memory().is_revoked(claims(token_id=None, session_id=None, subject=None, issued_at=None)) is False


@pytest.mark.parametrize("finish", [run, asyncio.run], ids=["run", "awaited"])
def test_both_forms_answer_alike(finish: Any) -> None:
    store: RevocationStore = memory()
    assert isinstance(store, MemoryRevocations)
    store.revoke_token(ISSUER, "t1", until=2000)
    assert finish(ask(store.is_revoked, store.ais_revoked, claims())) is True
    assert finish(ask(store.is_revoked, store.ais_revoked, claims(token_id="t2"))) is False


@pytest.mark.parametrize(
    ("changes", "revoked"),
    [
        ({}, True),
        ({"subject": "bob", "session_id": None}, True),
        ({"token_id": "t2"}, False),
        ({"token_id": "T1"}, False),
        ({"token_id": None}, False),
        ({"issuer": OTHER}, False),
        ({"token_id": "t2", "session_id": "t1", "subject": "t1"}, False),
    ],
)
def test_a_revoked_token_is_known_by_issuer_and_token_id(changes: dict[str, Any], revoked: bool) -> None:
    store = memory()
    store.revoke_token(ISSUER, "t1", until=2000)
    assert store.is_revoked(claims(**changes)) is revoked


@pytest.mark.parametrize(
    ("changes", "revoked"),
    [
        ({}, True),
        ({"token_id": "t2", "subject": "bob"}, True),
        ({"token_id": None}, True),
        ({"session_id": "s2"}, False),
        ({"session_id": None}, False),
        ({"issuer": OTHER}, False),
        ({"session_id": None, "token_id": "s1", "subject": "s1"}, False),
    ],
)
def test_a_revoked_session_takes_all_its_tokens_along(changes: dict[str, Any], revoked: bool) -> None:
    store = memory()
    store.revoke_session(ISSUER, "s1", until=2000)
    assert store.is_revoked(claims(**changes)) is revoked


@pytest.mark.parametrize(
    ("changes", "revoked"),
    [
        ({"issued_at": 1499.0}, True),
        ({"issued_at": 1499.9}, True),
        ({"issued_at": 1500.0}, False),
        ({"issued_at": 1501.0}, False),
        ({"issued_at": None}, True),
        ({"issued_at": 1499.0, "token_id": None, "session_id": None}, True),
        ({"issued_at": 1499.0, "subject": "bob"}, False),
        ({"issued_at": 1499.0, "subject": None}, False),
        ({"issued_at": 1499.0, "issuer": OTHER}, False),
    ],
)
def test_a_revoked_subject_loses_the_tokens_issued_before(changes: dict[str, Any], revoked: bool) -> None:
    store = memory()
    store.revoke_subject(ISSUER, "alice", before=1500, until=2000)
    assert store.is_revoked(claims(**changes)) is revoked


def test_what_is_revoked_twice_stays_so_for_the_longer_time() -> None:
    clock = Clock()
    store = memory(clock=clock)
    store.revoke_token(ISSUER, "t1", until=9000)
    store.revoke_token(ISSUER, "t1", until=1500)
    store.revoke_session(ISSUER, "s1", until=9000)
    store.revoke_session(ISSUER, "s1", until=1500)
    store.revoke_subject(ISSUER, "alice", before=1500, until=9000)
    store.revoke_subject(ISSUER, "alice", before=1200, until=1500)
    clock.now = 8999
    fill(store, until=1600)
    assert store.is_revoked(claims(session_id=None, subject=None))
    assert store.is_revoked(claims(token_id=None, subject=None))
    assert store.is_revoked(claims(token_id=None, session_id=None, issued_at=1499.0))


def fill(store: MemoryRevocations, *, until: float, count: int = 1100) -> None:
    for number in range(count):
        store.revoke_token(ISSUER, f"filler {number}", until=until)


def test_what_concerns_no_living_token_is_forgotten() -> None:
    clock = Clock()
    store = memory(clock=clock)
    store.revoke_token(ISSUER, "t1", until=1500)
    store.revoke_session(ISSUER, "s1", until=1500)
    store.revoke_subject(ISSUER, "alice", before=1100, until=1500)
    clock.now = 1499.9
    fill(store, until=1600)
    assert store.is_revoked(claims(session_id=None, subject=None))
    assert store.is_revoked(claims(token_id=None, subject=None))
    assert store.is_revoked(claims(token_id=None, session_id=None))
    clock.now = 1600
    fill(store, until=5000, count=3000)
    assert store.is_revoked(claims()) is False
    assert entries(store) <= 3000 + 1100


def test_memory_is_bounded_by_what_is_alive() -> None:
    clock = Clock()
    store = memory(clock=clock)
    most = 0
    for number in range(50_000):
        clock.now += 1
        revoke = (store.revoke_token, store.revoke_session)[number % 2]
        revoke(ISSUER, str(number), until=clock.now + 100)
        most = max(most, entries(store))
    assert most <= 1024


def test_a_revocation_for_ever_stays() -> None:
    clock = Clock()
    store = memory(clock=clock)
    store.revoke_session(ISSUER, "s1", until=float("inf"))
    clock.now = 1e12
    fill(store, until=5.0)
    assert store.is_revoked(claims())


@pytest.mark.parametrize(("issuer", "name"), [("", "x"), (ISSUER, ""), (None, "x"), (ISSUER, None), (ISSUER, 7)])
def test_a_revocation_of_nothing_is_a_mistake(issuer: Any, name: Any) -> None:
    store = memory()
    with pytest.raises(ValueError, match="names an issuer"):
        store.revoke_token(issuer, name, until=2000)
    with pytest.raises(ValueError, match="names an issuer"):
        store.revoke_session(issuer, name, until=2000)
    with pytest.raises(ValueError, match="names an issuer"):
        store.revoke_subject(issuer, name, before=1000, until=2000)


@pytest.mark.parametrize("moment", [float("nan"), True, "2000", None, b"2000"])
def test_a_time_is_a_number_of_seconds(moment: Any) -> None:
    store = memory()
    with pytest.raises(ValueError, match="seconds since the epoch"):
        store.revoke_token(ISSUER, "t1", until=moment)
    with pytest.raises(ValueError, match="seconds since the epoch"):
        store.revoke_session(ISSUER, "s1", until=moment)
    for before, until in ((moment, 2000), (1000, moment)):
        with pytest.raises(ValueError, match="seconds since the epoch"):
            store.revoke_subject(ISSUER, "alice", before=before, until=until)
    assert entries(store) == 0


def test_many_threads_may_revoke_and_ask_at_once() -> None:
    clock = Clock()
    store = memory(clock=clock)
    wrong: list[str] = []
    start = threading.Barrier(4)

    def work(name: str) -> None:
        start.wait(20)
        for number in range(2000):
            token_id = f"{name} {number}"
            store.revoke_token(ISSUER, token_id, until=1001 + number)
            if not store.is_revoked(claims(token_id=token_id)):
                wrong.append(token_id)

    threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert wrong == []
    assert entries(store) == 8000


def test_a_store_shows_nothing_of_what_it_holds() -> None:
    store = memory()
    store.revoke_token(ISSUER, "t1", until=2000)
    assert repr(store) == "<MemoryRevocations>"


@pytest.mark.parametrize("finish", [run, asyncio.run], ids=["run", "awaited"])
def test_a_revoked_token_is_refused_by_a_guard(finish: Any) -> None:
    store = memory()
    trusted = TrustedIssuer(tokens.ISSUER, audience=tokens.AUDIENCE, keys=static(jwks=tokens.jwks()))
    guard = Guard(trusted, revocations=store)
    token = tokens.mint(jti="t1")

    def reason() -> str | None:
        refused = finish(guard.admit(_request(token))).refusal
        return None if refused is None else str(refused.reason)

    assert reason() is None
    store.revoke_token(tokens.ISSUER, "t1", until=float("inf"))
    assert reason() == "token_revoked"


def _request(token: str) -> Any:
    from jwt_middleware import RequestInfo

    def header(name: str) -> list[str]:
        return [f"Bearer {token}"] if name == "authorization" else []

    return RequestInfo(kind="http", method="GET", scheme="https", path="/", query="", header=header)
