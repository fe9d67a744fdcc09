"""Which key signs, which are published, and how one takes over from another."""

import asyncio
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from jwt_middleware import ConfigurationError, Guard, RequestInfo, TrustedIssuer
from jwt_middleware.issuing import SigningKey, SigningKeys, Succession, TokenIssuer
from jwt_middleware.waiting import run

ISSUER = "https://accounts.example.com"
AHEAD = 600 + 5  # seconds: what verifiers keep, and how late one of our processes may be
BEHIND = 5 + 3600 + 300  # the same lateness, the longest life of a token, the largest leeway


class Clock:
    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


class Kept:
    """A store that several SigningKeys share, as a directory or a database is. ``before`` runs ahead of a write."""

    def __init__(self) -> None:
        self.kept = Succession()
        self.reads = 0
        self.before: Callable[[], None] = lambda: None
        self._lock = threading.Lock()

    def read(self) -> Succession:
        self.reads += 1
        return self.kept

    async def aread(self) -> Succession:
        return self.read()

    def replace(self, old: Succession, new: Succession) -> bool:
        before, self.before = self.before, lambda: None
        before()
        with self._lock:
            if self.kept.revision != old.revision:
                return False
            self.kept = new
            return True


def kids(keys: SigningKeys) -> list[str]:
    return [key.kid for key in keys.published]


def states(keys: SigningKeys) -> list[str]:
    return [record.state for record in keys.records]


def test_a_published_key_does_not_sign_before_it_is_activated() -> None:
    clock = Clock()
    old, new = SigningKey.generate(), SigningKey.generate()
    keys = SigningKeys(old, clock=clock)
    keys.publish(new)
    keys.publish(new)
    assert (keys.active, kids(keys), states(keys)) == (old, [old.kid, new.kid], ["active", "next"])
    clock.now += AHEAD
    keys.activate(new.kid)
    keys.activate(new.kid)
    assert (keys.active, kids(keys), states(keys)) == (new, [old.kid, new.kid], ["retired", "active"])


def test_a_key_that_some_verifier_may_not_know_does_not_sign() -> None:
    clock = Clock()
    old, new = SigningKey.generate(), SigningKey.generate()
    keys = SigningKeys(old, clock=clock)
    keys.publish(new)
    clock.now += AHEAD - 1
    with pytest.raises(ConfigurationError, match="in 1 seconds"):
        keys.activate(new.kid)
    assert keys.active == old
    keys.activate(new.kid, at_once=True)
    assert keys.active == new


def test_a_retired_key_stays_published_until_the_last_token_it_may_have_signed_has_expired() -> None:
    clock = Clock()
    old, new = SigningKey.generate(), SigningKey.generate()
    keys = SigningKeys(old, clock=clock)
    keys.publish(new)
    keys.activate(new.kid, at_once=True)
    keys.retire(old.kid)
    clock.now += BEHIND - 1
    assert kids(keys) == [old.kid, new.kid]
    clock.now += 1
    assert kids(keys) == [new.kid]
    keys.publish(SigningKey.generate())
    assert states(keys) == ["active", "next"]


def test_a_retired_key_can_take_over_again() -> None:
    old, new = SigningKey.generate(), SigningKey.generate()
    keys = SigningKeys(old)
    keys.publish(new)
    keys.activate(new.kid, at_once=True)
    keys.activate(old.kid)  # every verifier knows it
    assert (keys.active, states(keys)) == (old, ["active", "retired"])


def test_a_key_that_verifiers_have_forgotten_does_not_take_over_again() -> None:
    clock = Clock()
    old, new = SigningKey.generate(), SigningKey.generate()
    keys = SigningKeys(old, clock=clock)
    keys.publish(new)
    keys.activate(new.kid, at_once=True)
    clock.now += BEHIND
    with pytest.raises(ConfigurationError, match="have forgotten this key"):
        keys.activate(old.kid)


def test_a_key_that_never_signed_is_removed_at_once() -> None:
    keys = SigningKeys(SigningKey.generate())
    unused = SigningKey.generate()
    keys.publish(unused)
    keys.retire(unused.kid)
    assert kids(keys) == [keys.active.kid]


def test_a_withdrawn_key_is_gone_at_once_and_never_comes_back() -> None:
    old, new = SigningKey.generate(), SigningKey.generate()
    keys = SigningKeys(old)
    keys.publish(new)
    keys.activate(new.kid, at_once=True)
    keys.withdraw(old.kid)
    assert kids(keys) == [new.kid]
    with pytest.raises(ConfigurationError, match="never comes back"):
        keys.publish(old)


def test_when_the_key_that_signs_is_withdrawn_the_one_that_verifiers_know_takes_over() -> None:
    old, waiting, later = SigningKey.generate(), SigningKey.generate(), SigningKey.generate()
    keys = SigningKeys(old)
    keys.publish(waiting)
    keys.publish(later)
    keys.withdraw(old.kid)
    assert (keys.active, kids(keys)) == (waiting, [waiting.kid, later.kid])


@pytest.mark.parametrize("algorithm", ["EdDSA", "HS256"])
def test_when_the_only_key_is_withdrawn_a_new_one_of_its_kind_takes_over(algorithm: Any) -> None:
    keys = SigningKeys(SigningKey.generate(algorithm))
    old = keys.active
    keys.withdraw(old.kid)
    assert keys.active.algorithm == algorithm
    assert kids(keys) == [keys.active.kid] != [old.kid]


def test_the_key_that_signs_is_not_retired_and_strangers_are_not_known() -> None:
    key = SigningKey.generate()
    keys = SigningKeys(key)
    with pytest.raises(ConfigurationError, match="activate another one first"):
        keys.retire(key.kid)
    for call in (keys.retire, keys.withdraw, keys.activate):
        with pytest.raises(ConfigurationError, match="publish it first"):
            call("stranger")
    assert repr(keys) == "<SigningKeys 1 kept>"


def test_rotate_does_what_is_due() -> None:
    clock = Clock()
    keys = SigningKeys(clock=clock, algorithm="EdDSA")
    first = keys.active
    with pytest.raises(ConfigurationError, match="in 605 seconds"):
        keys.rotate()
    second = keys.records[1].key
    assert (keys.active, states(keys)) == (first, ["active", "next"])
    clock.now += AHEAD
    assert keys.rotate() == keys.active == second
    assert states(keys) == ["retired", "active", "next"]
    assert keys.rotate(at_once=True) == keys.active != second


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"token_lifetime": 0}, "token_lifetime is 0"),
        ({"token_lifetime": True}, "token_lifetime is True"),
        ({"verifier_cache": 10}, "verifier_cache is 10"),
        ({"verifier_cache": float("nan")}, "verifier_cache is nan"),
        ({"active": SigningKey.generate("EdDSA"), "store": Kept()}, "not both"),
    ],
)
def test_wrong_settings_are_refused_when_it_is_built(given: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        SigningKeys(**given)


def test_durations_may_be_timedeltas() -> None:
    keys = SigningKeys(token_lifetime=timedelta(hours=2), verifier_cache=timedelta(minutes=4))
    assert (keys.timing.token_lifetime, keys.timing.verifier_cache, keys.max_age) == (7200.0, 240.0, 120)


def test_secrets_and_private_keys_never_mix() -> None:
    keys = SigningKeys(SigningKey.generate("HS256"))
    with pytest.raises(ConfigurationError, match="never mix"):
        keys.publish(SigningKey.generate())
    store = Kept()
    SigningKeys(store=store).prepare()
    with pytest.raises(ConfigurationError, match="never mix"):
        _ = SigningKeys(store=store, algorithm="HS256").active


def test_a_rotation_refuses_nobody() -> None:
    keys = SigningKeys(SigningKey.generate())
    issuer = TokenIssuer(ISSUER, keys)
    guard = Guard(TrustedIssuer(ISSUER, audience="orders", keys=keys, profile="rfc9068"))
    tokens = []
    algorithms: list[Any] = ["EdDSA", "RS256", "PS256", "ES256"]
    for algorithm in algorithms:
        tokens.append(issuer.access_token("clerk", audience="orders", client_id="shop"))
        new = SigningKey.generate(algorithm)
        keys.publish(new)
        keys.activate(new.kid, at_once=True)
        tokens.append(issuer.access_token("clerk", audience="orders", client_id="shop"))
        for token in tokens:
            admission = run(guard.admit(bearing(token)))
            assert admission.refusal is None, admission.refusal


def test_shared_secrets_rotate_as_private_keys_do() -> None:
    keys = SigningKeys(algorithm="HS256")
    issuer = TokenIssuer(ISSUER, keys)
    guard = Guard(TrustedIssuer(ISSUER, audience="orders", keys=keys, profile="rfc9068"))
    tokens = [issuer.access_token("clerk", audience="orders", client_id="shop")]
    keys.rotate(at_once=True)
    tokens.append(issuer.access_token("clerk", audience="orders", client_id="shop"))
    assert [run(guard.admit(bearing(token))).refusal for token in tokens] == [None, None]


def test_the_processes_of_one_store_see_each_others_steps_within_seconds() -> None:
    clock, store = Clock(), Kept()
    here, there = SigningKeys(store=store, clock=clock), SigningKeys(store=store, clock=clock)
    with pytest.raises(ConfigurationError, match="generate one"):
        _ = here.active
    here.prepare()
    clock.now += 5
    assert there.active == here.active
    clock.now += AHEAD
    here.rotate()
    clock.now += 5
    assert there.active == here.active == here.records[1].key


def test_the_store_is_not_asked_for_every_token() -> None:
    clock, store = Clock(), Kept()
    keys = SigningKeys(store=store, clock=clock)
    keys.prepare()
    clock.now += 100
    asked = store.reads
    for _ in range(10):
        keys.sign({}, "at+jwt")
    assert store.reads == asked + 1
    clock.now -= 3600  # somebody set the clock back
    keys.sign({}, "at+jwt")
    assert store.reads == asked + 2


def test_what_somebody_else_did_meanwhile_is_not_undone() -> None:
    store = Kept()
    here, there = SigningKeys(store=store), SigningKeys(store=store)
    here.prepare()
    first, extra = here.active, SigningKey.generate()
    store.before = lambda: there.withdraw(first.kid)
    here.publish(extra)
    assert first.kid not in {record.key.kid for record in store.kept.records}
    assert extra.kid in {record.key.kid for record in store.kept.records}


def test_someone_who_is_never_first_gives_up() -> None:
    store = Kept()
    keys, others = SigningKeys(store=store), SigningKeys(store=store)
    keys.prepare()

    def again() -> None:
        others.publish(SigningKey.generate("EdDSA"))
        store.before = again

    store.before = again
    store.replace, kept = (lambda old, new: old is new), store.replace  # type: ignore[method-assign]  # always too late
    with pytest.raises(ConfigurationError, match="nothing was done"):
        keys.publish(SigningKey.generate())
    store.replace = kept  # type: ignore[method-assign]  # as it was


def test_threads_that_prepare_at_once_agree_on_one_key_that_signs() -> None:
    store = Kept()
    many = [SigningKeys(store=store, algorithm="EdDSA") for _ in range(8)]
    threads = [threading.Thread(target=keys.prepare) for keys in many]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [record.state for record in store.kept.records].count("active") == 1
    assert {SigningKeys(store=store).active.kid for _ in many} == {store.kept.active.kid}


@pytest.mark.parametrize("first", [False, True])
def test_workers_that_prepare_at_once_publish_one_key_that_waits(first: bool) -> None:
    store = Kept()
    if not first:
        SigningKeys(store=store, algorithm="EdDSA").publish(SigningKey.generate("EdDSA"))
    other = SigningKeys(store=store, algorithm="EdDSA")

    def meanwhile() -> None:
        other.prepare()

    store.before = meanwhile
    prepared = SigningKeys(store=store, algorithm="EdDSA").prepare()
    assert [record.state for record in store.kept.records] == ["active", "next"]
    assert prepared == other.prepare() == store.kept.records[1].key.kid


def test_threads_that_publish_at_once_lose_nothing_in_memory() -> None:
    keys = SigningKeys(algorithm="EdDSA")
    new = [SigningKey.generate("EdDSA") for _ in range(20)]
    threads = [threading.Thread(target=keys.publish, args=(key,)) for key in new]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {key.kid for key in new} < set(kids(keys))


def test_an_event_loop_looks_at_the_store_without_waiting_in_it() -> None:
    clock, store = Clock(), Kept()
    keys = SigningKeys(store=store, clock=clock)
    keys.prepare()
    clock.now += 10
    found = asyncio.run(keys.afetch())
    asked = store.reads
    assert len(found) == 2
    assert found == keys.fetch()
    keys.sign({}, "at+jwt")
    assert store.reads == asked


def bearing(token: str) -> RequestInfo:
    headers = {"authorization": [f"Bearer {token}"]}
    return RequestInfo(
        kind="http", method="GET", scheme="https", path="/", query="", header=lambda name: headers.get(name, [])
    )
