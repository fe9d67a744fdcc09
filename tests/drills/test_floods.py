"""Strangers send key ids that do not exist, ten thousand of them."""

from collections.abc import Callable

import pytest

from jwt_middleware import Guard
from jwt_middleware.issuing import SigningKey
from tests.key_sources.conftest import Web, status

from .callers import refused, settle, statuses
from .conftest import Ask, Figure
from .issuers import OAUTH, Clock, Issuer

FLOOD = 10_000


def test_a_flood_of_unknown_keys_causes_five_fetches_and_one_every_thirty_seconds(
    issuer: Issuer, ask: Ask, clock: Clock, figure: Figure
) -> None:
    """For an hour; every hundred forgeries somebody comes with a good token."""
    asked = ask(issuer.guard(clock))
    assert refused(asked(issuer.token())) == 0
    began, forged, good = clock.now, [], []
    for burst in range(FLOOD // 100):
        forged += asked(*(issuer.forged(f"stranger-{burst}-{number}") for number in range(100)))
        good += asked(issuer.token())
        settle(asked.guard)
        assert issuer.fetches <= 5 + (clock.now - began) / 30
        clock.now += 36
    minutes = (clock.now - began) / 60
    figure(f"fetches in {minutes:.0f} minutes with {FLOOD} forgeries", issuer.fetches, limit=5 + minutes * 2)
    figure(f"of {len(good)} good requests meanwhile, refused", refused(good), limit=0)
    assert statuses(forged) == {401: FLOOD}


def test_a_flood_at_one_moment_causes_five_fetches(issuer: Issuer, ask: Ask, clock: Clock, figure: Figure) -> None:
    asked = ask(issuer.guard(clock))
    assert refused(asked(issuer.token())) == 0
    forged = []
    for burst in range(10):  # the clock stands still
        forged += asked(*(issuer.forged(f"stranger-{burst}-{number}") for number in range(FLOOD // 10)))
    settle(asked.guard)
    figure(f"fetches with {FLOOD} forgeries at once", issuer.fetches, limit=5)
    assert statuses(forged) == {401: FLOOD}


def test_a_rotation_in_the_middle_of_a_flood_is_accepted_within_thirty_seconds(
    issuer: Issuer, ask: Ask, clock: Clock, figure: Figure
) -> None:
    """Even one whose key id was guessed and sent ahead of it."""
    asked = ask(issuer.guard(clock))
    assert refused(asked(issuer.token())) == 0
    new = SigningKey.generate("EdDSA")
    assert statuses(asked(issuer.forged(new.kid))) == {401: 1}
    for wave in range(10):
        assert statuses(asked(*(issuer.forged(f"stranger-{wave}-{number}") for number in range(100)))) == {401: 100}
        settle(asked.guard)
    assert issuer.fetches == 5  # one of them for the guess, and nothing is left in the bucket
    issuer.rotate(new)
    assert statuses(asked(issuer.token())) == {401: 1}  # the set is fresh
    began, waited = clock.now, 0.0
    while asked(issuer.token())[0].status != 200:
        flood = asked(*(issuer.forged(f"stranger-{clock.now}-{number}") for number in range(50)))
        assert statuses([*flood, *asked(issuer.forged(new.kid))]) == {401: 51}
        settle(asked.guard)
        clock.now += 1
        waited = clock.now - began
        assert waited < 100
    figure("the new key was accepted after", waited, limit=30, unit=" s")
    assert refused(asked(issuer.token(), issuer.token())) == 0


@pytest.mark.parametrize("kind", ["a flood", "honest callers"])
def test_a_provider_that_fails_is_asked_less_and_less(
    kind: str, issuer: Issuer, ask: Ask, clock: Clock, figure: Figure
) -> None:
    issuer.down(status(503))
    asked = ask(issuer.guard(clock))
    began = clock.now
    for second in range(600):
        tokens = [issuer.forged(f"{second}-{n}") if kind == "a flood" else issuer.token() for n in range(5)]
        assert set(statuses(asked(*tokens))) == {503}
        settle(asked.guard)
        clock.now += 1
    minutes = (clock.now - began) / 60
    # each fetch looks for the metadata in two places
    fetches = len(issuer.web.asked) / 2
    figure(f"fetches in {minutes:.0f} minutes of outage with 3000 requests", fetches, limit=5 + minutes * 2)


def test_a_flood_while_the_provider_fails_and_recovers_causes_no_more_fetches(
    issuer: Issuer, ask: Ask, clock: Clock, figure: Figure
) -> None:
    """For an hour it is well for a minute and fails for two; its keys are kept for a minute. Somebody polls health."""
    issuer.up(cache_control="no-store")
    asked = ask(issuer.guard(clock))
    assert refused(asked(issuer.token())) == 0
    began, good = clock.now, []
    for second in range(0, 3600, 4):
        if second % 180 == 60:
            issuer.down(status(503))
        elif second % 180 == 0:
            issuer.up(cache_control="no-store")
        asked(*(issuer.forged(f"stranger-{second}-{number}") for number in range(5)))
        asked.guard.ready()
        settle(asked.guard)
        good += asked(issuer.token())
        settle(asked.guard)
        clock.now += 4
    # one that fails asks for the metadata in two places
    fetches = issuer.web.asked.count(OAUTH) + issuer.fetches
    limit = 5 + (clock.now - began) / 30
    figure("fetches in an hour of failures and recoveries with 4500 forgeries", fetches, limit=limit)
    figure(f"of {len(good)} good requests meanwhile, refused", refused(good), limit=0)


def test_a_flood_at_one_issuer_leaves_the_others_alone(
    issuer: Issuer, web: Web, ask: Ask, clock: Clock, figure: Figure
) -> None:
    other = Issuer(web, "/other")
    asked = ask(Guard(issuer.trusted(), other.trusted(), observers=[], monotonic=clock))
    assert refused(asked(issuer.token(), other.token())) == 0
    for wave in range(10):
        asked(*(issuer.forged(f"stranger-{wave}-{number}") for number in range(100)))
        settle(asked.guard)
    issuer.rotate()
    other.rotate()
    assert statuses(asked(issuer.token())) == {401: 1}
    figure("of 10 requests after a rotation at another issuer, refused", refused(asked(*other.tokens(10))), limit=0)


WALL = 1_800_000_000.0
ANYWAY: dict[str, Callable[[Issuer], str]] = {
    "no token": lambda _: "x.y.z",
    "another issuer": lambda issuer: issuer.forged("x", iss="https://evil.example"),
    "no issuer": lambda issuer: issuer.forged("x", iss=None),
    "an algorithm that is not accepted": lambda issuer: issuer.forged("x", alg="HS256"),
    "no algorithm": lambda issuer: issuer.forged("x", alg="none"),
    "another audience": lambda issuer: issuer.forged("x", aud="invoices"),
    "no audience": lambda issuer: issuer.forged("x", aud=None),
    "expired": lambda issuer: issuer.forged("x", exp=WALL - 31),
    "no expiry": lambda issuer: issuer.forged("x", exp=None),
    "not valid yet": lambda issuer: issuer.forged("x", nbf=WALL + 31),
    "another kind of token": lambda issuer: issuer.forged("x", typ="logout+jwt"),
}


@pytest.mark.parametrize("warm", [False, True], ids=["cold", "warm"])
def test_what_is_refused_anyway_causes_no_fetch(
    warm: bool, issuer: Issuer, ask: Ask, clock: Clock, figure: Figure
) -> None:
    """Issuer, algorithm, audience, expiry and kind are looked at before anything is fetched."""
    wall = Clock(WALL)
    issuer.tell_time_by(wall)
    asked = ask(Guard(issuer.trusted(), observers=[], clock=wall, monotonic=clock))
    if warm:
        assert refused(asked(issuer.token())) == 0
    before = len(issuer.web.asked)
    for wrong, forge in ANYWAY.items():
        assert statuses(asked(*[forge(issuer)] * 100)) == {401: 100}, wrong
        assert len(issuer.web.asked) == before, wrong
    figure(f"fetches for {len(ANYWAY)}00 tokens that are refused anyway", len(issuer.web.asked) - before, limit=0)
    assert statuses(asked(issuer.forged("x"))) == {401: 1}
    assert len(issuer.web.asked) > before  # else this drill shows nothing
