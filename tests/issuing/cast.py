"""Who plays in the tests of sessions: accounts that change, a clock, and sessions over any store."""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from jwt_middleware.issuing import Account, SigningKeys, TokenIssuer
from jwt_middleware.issuing.credentials import Credentials
from jwt_middleware.issuing.session import SessionStore
from jwt_middleware.issuing.session_event import SessionEvent
from jwt_middleware.issuing.session_stores.memory import MemorySessions
from jwt_middleware.issuing.sessions import Sessions
from jwt_middleware.issuing.tokens import Tokens
from jwt_middleware.revocation_stores.memory import MemoryRevocations, memory
from jwt_middleware.waiting import run

from .test_signing_keys import ISSUER, Clock

T = TypeVar("T")
SECRET = "0123456789abcdef" * 2
ANN = Account(subject="ann", scopes=["read", "write"], roles=["clerk"], stamp="password 1", acr="high", amr=["pwd"])


class People:
    """Accounts in memory. ``hashed`` counts the passwords that were looked at; ``out_of_reach`` is what to raise."""

    def __init__(self) -> None:
        self.accounts = {"ann": ANN, "bob": Account(subject="bob")}
        self.disabled: set[str] = set()
        self.hashed = 0
        self.out_of_reach: Exception | None = None

    def change(self, subject: str, **changes: Any) -> None:
        self.accounts[subject] = replace(self.accounts[subject], **changes)

    def log_in(self, credentials: Credentials) -> Account | None:
        self.hashed += 1
        found = self.find(credentials.username)
        return found if credentials.password == f"{credentials.username}'s password" else None

    async def alog_in(self, credentials: Credentials) -> Account | None:
        return self.log_in(credentials)

    def find(self, subject: str) -> Account | None:
        if self.out_of_reach is not None:
            raise self.out_of_reach
        return None if subject in self.disabled else self.accounts.get(subject)

    async def afind(self, subject: str) -> Account | None:
        return self.find(subject)


class Stage:
    """Sessions with everything around them."""

    def __init__(self, store: SessionStore | None = None, **given: Any) -> None:
        self.clock: Clock = given.pop("clock", None) or Clock()
        self.people = People()
        self.events: list[SessionEvent] = []
        self.store = store if store is not None else MemorySessions()
        self.revocations: MemoryRevocations = memory(clock=self.clock)
        self.issuer = TokenIssuer(ISSUER, SigningKeys(algorithm="EdDSA", clock=self.clock), 300, self.clock)
        arguments: dict[str, Any] = {
            "audience": ["orders", "inventory"],
            "client_id": "shop",
            "secret": SECRET,
            "revocations": self.revocations,
            "observers": [self.events.append],
            "clock": self.clock,
            **given,
        }
        self.sessions = Sessions(self.issuer, self.store, self.people, **arguments)

    def begin(self, account: Account = ANN, **given: Any) -> Tokens:
        begun = run(self.sessions.begin(account, **given))
        assert isinstance(begun, Tokens), begun
        return begun

    def refresh(self, token: str, **given: Any) -> Tokens:
        continued = run(self.sessions.refresh(token, **given))
        assert isinstance(continued, Tokens), continued
        return continued

    def refused(self, token: str, **given: Any) -> str:
        refused = run(self.sessions.refresh(token, **given))
        assert isinstance(refused, str), refused
        return refused


def at_once(work: Callable[[], T], times: int = 50) -> list[T]:
    """What ``work`` gives in that many threads, all let loose together."""
    start = threading.Barrier(times)
    found: list[T] = []
    failed: list[BaseException] = []

    def one() -> None:
        start.wait(30)
        try:
            found.append(work())
        except BaseException as error:  # handed to the thread that waits
            failed.append(error)

    threads = [threading.Thread(target=one) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    if failed:
        raise failed[0]
    assert len(found) == times
    return found


FINISH = [run, asyncio.run]
