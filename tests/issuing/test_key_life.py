"""Any sequence of steps on the keys of one issuer: no good token is refused, a withdrawn key is refused in time.

Two processes sign and publish, each with its own view of one store. Four verifiers ask: two that cache as ours does (one
behind an HTTP cache, and strangers flood both with unknown key ids) and two that never look again before their copy is
old.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from jwt_middleware import ConfigurationError, InvalidToken
from jwt_middleware.issuing import SigningKey, SigningKeys, jwks_document
from jwt_middleware.issuing.succession import LARGEST_LEEWAY, LOOK_AGAIN, KeyRecord, Succession, Timing
from jwt_middleware.keys.key_cache import KeyCache
from jwt_middleware.keys.key_set import KeySet, key_set_from_jwks

from .test_signing_keys import Clock, Kept

SEQUENCES = 2_000
LIFETIME, CACHE = 900.0, 600.0  # seconds
KEYS = [SigningKey.generate("EdDSA") for _ in range(12)]  # made once; which one it is does not matter


@dataclass(frozen=True)
class Token:
    """What verification needs to know of a token: who signed, and until when."""

    kid: str
    expires_at: float
    hasty: bool  # signed with a key that took over in an emergency, before everybody could know it


class Published:
    """What a verifier reads over HTTP: a document, and how long it may be kept."""

    symmetric = False

    def __init__(self, keys: SigningKeys) -> None:
        self._keys = keys

    def fetch(self) -> KeySet:
        return key_set_from_jwks(jwks_document(self._keys), fresh_for=max(60.0, float(self._keys.max_age)))

    async def afetch(self) -> KeySet:
        return self.fetch()


class HTTPCache:
    """A shared cache between an issuer and its verifiers, which keeps the document as long as it may."""

    symmetric = False

    def __init__(self, keys: SigningKeys, clock: Clock) -> None:
        self._source, self._keys, self._clock = Published(keys), keys, clock
        self._kept: tuple[KeySet, float] | None = None

    def fetch(self) -> KeySet:
        if self._kept is None or self._clock() - self._kept[1] >= self._keys.max_age:
            self._kept = (self._source.fetch(), self._clock())
        return self._kept[0]

    async def afetch(self) -> KeySet:
        return self.fetch()


class Patient:
    """A verifier that fetches when its copy is old, and never because a key id is unknown."""

    def __init__(self, source: Published | HTTPCache, clock: Clock) -> None:
        self._source, self._clock = source, clock
        self._kept: tuple[KeySet, float] | None = None

    async def find(self, kid: str, algorithm: str) -> object:
        if self._kept is None or self._clock() - self._kept[1] >= (self._kept[0].fresh_for or 0):
            self._kept = (self._source.fetch(), self._clock())
        key = self._kept[0].select(kid, algorithm)
        if key is None:
            raise InvalidToken("key_unknown")
        return key


class Life(RuleBasedStateMachine):
    played = 0  # how many of them, in this process

    def __init__(self) -> None:
        super().__init__()
        Life.played += 1
        self.loop = asyncio.new_event_loop()
        self.clock = Clock()
        self.store = Kept()
        self.fresh = list(KEYS)
        self.processes = [
            SigningKeys(
                store=self.store, algorithm="EdDSA", token_lifetime=LIFETIME, verifier_cache=CACHE, clock=self.clock
            )
            for _ in range(2)
        ]
        here, there = self.processes
        ours: Any = {"clock": self.clock}
        self.verifiers: list[Any] = [
            KeyCache(Published(here), **ours),
            KeyCache(HTTPCache(there, self.clock), **ours),
            Patient(Published(there), self.clock),
            Patient(HTTPCache(here, self.clock), self.clock),
        ]
        self.tokens: list[Token] = []
        self.withdrawn: dict[str, float] = {}
        self.published_at: dict[str, float] = {}
        self.hasty_until: dict[str, float] = {}  # keys that took over in an emergency, until everybody can know them

    def teardown(self) -> None:
        self.loop.close()

    @initialize()
    def begin(self) -> None:
        self.processes[0].publish(self.fresh.pop())

    @rule(seconds=st.sampled_from([1.0, 4.0, 6.0, 59.0, 290.0, 310.0, 606.0, 901.0, 1300.0]))
    def time_passes(self, seconds: float) -> None:
        self.clock.now += seconds

    @rule(process=st.integers(0, 1))
    def publish(self, process: int) -> None:
        if self.fresh:
            key = self.fresh.pop()
            self.processes[process].publish(key)
            self.published_at[key.kid] = self.clock.now

    @rule(process=st.integers(0, 1))
    def rotate(self, process: int) -> None:
        """The usual way, whole: it leaves a token of the old key behind."""
        self.sign(process)
        self.publish(process)
        self.clock.now += CACHE + LOOK_AGAIN
        self.activate(process, len(self.store.kept.records) - 1)

    @rule(process=st.integers(0, 1), place=st.integers(0, 3))
    def activate(self, process: int, place: int) -> None:
        self.try_to(self.processes[process].activate, place)

    @rule(process=st.integers(0, 1), place=st.integers(0, 3))
    def retire(self, process: int, place: int) -> None:
        self.try_to(self.processes[process].retire, place)

    @rule(process=st.integers(0, 1), place=st.integers(0, 3))
    def withdraw(self, process: int, place: int) -> None:
        records = self.store.kept.records
        if place >= len(records):
            return
        kid = records[place].key.kid
        self.processes[process].withdraw(kid)
        self.withdrawn[kid] = self.clock.now
        if records[place].state == "active":
            heir = self.store.kept.active.kid
            self.hasty_until[heir] = self.published_at.get(heir, self.clock.now) + CACHE + LOOK_AGAIN
        for back in [record.key for record in records if record.key.kid == kid]:
            with pytest.raises(ConfigurationError, match="never comes back"):
                self.processes[process].publish(back)

    @rule(process=st.integers(0, 1))
    def sign(self, process: int) -> None:
        kid = self.processes[process].active.kid
        token = Token(kid, self.clock.now + LIFETIME, self.clock.now < self.hasty_until.get(kid, 0.0))
        self.tokens.append(token)
        self.verify(token, 0)

    @rule(verifier=st.integers(0, 1))
    def strangers_flood(self, verifier: int) -> None:
        for number in range(6):
            self.ask(verifier, f"stranger {number}")

    @rule(verifier=st.integers(0, 3))
    def verify_all(self, verifier: int) -> None:
        for presented in self.tokens[-8:]:
            self.verify(presented, verifier)

    def verify(self, presented: Token, verifier: int) -> None:
        accepted = self.ask(verifier, presented.kid)
        gone = self.withdrawn.get(presented.kid)
        if gone is None:
            alive = self.clock.now < presented.expires_at + LARGEST_LEEWAY
            assert accepted or not alive or presented.hasty, "a good token was refused"
        elif self.clock.now >= gone + CACHE + LOOK_AGAIN:
            # whoever was asked nothing for that long may answer once from an old copy, while it fetches
            assert not self.ask(verifier, presented.kid), "a token of a withdrawn key was accepted"

    def try_to(self, step: Callable[[str], None], place: int) -> None:
        records = self.store.kept.records
        if place < len(records):
            try:
                step(records[place].key.kid)
            except ConfigurationError:
                return

    def ask(self, verifier: int, kid: str) -> bool:
        async def found() -> bool:
            try:
                await self.verifiers[verifier].find(kid, "EdDSA")
            except InvalidToken:
                return False
            finally:
                while len(asyncio.all_tasks()) > 1:  # what was begun beside the request
                    await asyncio.sleep(0)
            return True

        return self.loop.run_until_complete(found())


def play(sequences: int) -> None:
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=sequences,
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],  # what was found is small enough to read
            report_multiple_bugs=False,
        ),
    )


@pytest.mark.timeout(300)
def test_no_good_token_is_refused_and_a_withdrawn_key_is_refused_in_time(capsys: Any) -> None:
    before = Life.played
    play(SEQUENCES)
    played = Life.played - before
    with capsys.disabled():
        print(f"\n{played} lives of keys: no good token was refused, and no withdrawn key accepted too late")
    assert played >= SEQUENCES


@contextmanager
def planted(owner: Any, name: str, fault: Any) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(owner, name, fault)
        yield


def keeps_publishing(self: Succession, kid: str, successor: SigningKey, now: float) -> Succession:
    withdrawn = right_withdraw(self, kid, successor, now)
    record = next(each for each in self.records if each.key.kid == kid)
    return withdrawn._with((*withdrawn.records, KeyRecord(record.key, now, now, now)))


right_withdraw = Succession.withdraw

FAULTS = {
    "a key signs as soon as it is published": (Timing, "ahead", property(lambda self: -1.0)),
    "a retired key goes at once": (Timing, "behind", property(lambda self: 0.0)),
    "the overlap forgets how long tokens live": (Timing, "behind", property(lambda self: LOOK_AGAIN + LARGEST_LEEWAY)),
    "a withdrawn key stays published": (Succession, "withdraw", keeps_publishing),
    "the key set may be kept for too long": (SigningKeys, "max_age", property(lambda self: int(4 * CACHE))),
    "a process never looks at the store again": (SigningKeys, "_is_due", lambda self: self._looked_at is None),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(fault: str, capsys: Any) -> None:
    before = Life.played
    with (
        planted(*FAULTS[fault]),
        pytest.raises(AssertionError, match="good token was refused|withdrawn key was accepted"),
    ):
        play(SEQUENCES)
    with capsys.disabled():
        print(f"\n{fault}: found in {Life.played - before} lives of keys")
