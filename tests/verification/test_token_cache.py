"""Tokens that were verified a moment ago."""

from types import MappingProxyType
from typing import Any

import pytest

from jwt_middleware import Claims, Freshness, TrustedIssuer
from jwt_middleware.key_sources.static import static
from jwt_middleware.keys.key import secret_key
from jwt_middleware.keys.key_cache import KeyCache
from jwt_middleware.keys.key_set import KeySet
from jwt_middleware.verification.authenticator import Genuine
from jwt_middleware.verification.token_cache import TokenCache
from jwt_middleware.verification.trusts import Trust
from jwt_middleware.waiting import run


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Ageing:
    """A source whose keys may change, so that they age."""

    symmetric = True

    def fetch(self) -> KeySet:
        return KeySet([secret_key(b"0123456789" * 4)])

    async def afetch(self) -> KeySet:
        return self.fetch()


@pytest.fixture
def clock() -> Clock:
    return Clock()


def genuine(generation_off: int = 0, **changes: Any) -> Genuine:
    rules = {"leeway": 10, **{name: changes.pop(name) for name in ("max_age", "leeway") if name in changes}}
    trusted = TrustedIssuer("https://i.example", audience="a", keys=static(secret="0123456789" * 4), **rules)
    assert trusted.keys is not None
    trust = Trust(trusted, KeyCache(trusted.keys))
    run(trust.keys.find(None, "HS256"))
    claims: dict[str, Any] = {
        "issuer": "https://i.example",
        "subject": "alice",
        "audience": ("a",),
        "expires_at": 1030.0,
        "not_before": None,
        "issued_at": None,
        "token_id": None,
        "session_id": None,
        "values": MappingProxyType({}),
        **changes,
    }
    said = Claims(**claims)
    return Genuine(said, trust, trust.keys.generation + generation_off, said)


def test_what_was_kept_is_given_back_for_this_token_only(clock: Clock) -> None:
    cache: TokenCache[str] = TokenCache(clock=clock)
    cache.put(b"Bearer token", genuine(), "alice")
    assert cache.get(b"Bearer token") == "alice"
    for other in (b"Bearer toke", b"Bearer ", b"", b"token", b"bearer token", b"DPoP token", b"Bearer  token"):
        assert cache.get(other) is None


@pytest.mark.parametrize(
    ("changes", "moments"),
    [
        ({}, {1000.0: True, 1039.9: True, 1040.0: False, 999.9: False}),
        ({"expires_at": 5000.0}, {1059.9: True, 1060.0: False}),
        ({"not_before": 1020.0}, {1000.0: False, 1009.9: False, 1010.0: True}),
        ({"issued_at": 1015.0}, {1004.9: False, 1005.0: True}),
        ({"issued_at": 990.0, "max_age": 15}, {1014.9: True, 1015.0: False}),
        ({"max_age": 15}, {1039.9: True}),
    ],
)
def test_times_are_looked_at_on_every_hit(clock: Clock, changes: dict[str, Any], moments: dict[float, bool]) -> None:
    cache: TokenCache[str] = TokenCache(clock=clock)
    cache.put(b"Bearer token", genuine(**changes), "alice")
    for clock.now, expected in moments.items():
        assert (cache.get(b"Bearer token") is not None) is expected, clock.now


def test_an_entry_dies_with_the_generation_of_keys_that_verified_it(clock: Clock) -> None:
    cache: TokenCache[str] = TokenCache(clock=clock)
    cache.put(b"Bearer token", genuine(generation_off=-1), "alice")
    assert cache.get(b"Bearer token") is None


def test_an_entry_lives_no_longer_than_its_key_may_serve(clock: Clock) -> None:
    cache: TokenCache[str] = TokenCache(clock=clock)
    good = genuine()
    keys = KeyCache(static(secret="0123456789" * 4), clock=Clock())
    cache.put(b"Bearer no keys at all", Genuine(good.claims, Trust(good.trust.issuer, keys), 0, good.named), "alice")
    assert cache.get(b"Bearer no keys at all") is None
    keys = KeyCache(Ageing(), Freshness(max_stale=10), clock=Clock())
    run(keys.find(None, "HS256"))
    cache.put(
        b"Bearer token", Genuine(good.claims, Trust(good.trust.issuer, keys), keys.generation, good.named), "alice"
    )
    clock.now += 9.9
    assert cache.get(b"Bearer token") == "alice"
    clock.now += 0.1
    assert cache.get(b"Bearer token") is None


def test_it_never_holds_more_than_it_may_and_keeps_the_younger_half(clock: Clock) -> None:
    cache: TokenCache[int] = TokenCache(10, clock=clock)
    good = genuine()
    for index in range(1000):
        cache.put(b"Bearer %d" % index, good, index)
    kept = [index for index in range(1000) if cache.get(b"Bearer %d" % index) is not None]
    assert 5 <= len(kept) <= 10
    assert kept[-1] == 999


def test_nobody_makes_us_hash_more_than_the_largest_token(clock: Clock) -> None:
    cache: TokenCache[str] = TokenCache(max_size=5, clock=clock)
    for token in (b"token", b"larger"):
        cache.put(b"Bearer " + token, genuine(), "alice")
    assert (cache.get(b"Bearer token"), cache.get(b"Bearer larger")) == ("alice", None)


def test_no_text_of_a_token_is_kept(clock: Clock) -> None:
    cache: TokenCache[str] = TokenCache(clock=clock)
    cache.put(b"Bearer a very secret token", genuine(), "alice")
    assert b"secret" not in b"".join(cache._young)  # noqa: SLF001  # what lies in memory is what is asked


def test_every_hit_looks_whether_the_token_was_revoked(clock: Clock) -> None:
    said: list[bool | None] = [False]
    seen: list[Claims] = []

    def revoked(claims: Claims) -> bool | None:
        seen.append(claims)
        return said[0]

    cache: TokenCache[str] = TokenCache(clock=clock, revoked=revoked)
    kept = genuine()
    cache.put(b"Bearer token", kept, "alice")
    assert cache.get(b"Bearer token") == "alice"
    for said[0] in (True, None):
        assert cache.get(b"Bearer token") is None
    assert seen == [kept.claims] * 3
