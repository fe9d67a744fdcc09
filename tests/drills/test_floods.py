"""Strangers send key ids that do not exist, ten thousand of them."""

import pytest

from tests.key_sources.conftest import status

from .callers import refused, settle, statuses
from .conftest import Ask, Figure
from .issuers import Clock, Issuer

FLOOD = 10_000


def test_a_flood_of_unknown_keys_causes_five_fetches_and_one_every_thirty_seconds(
    issuer: Issuer, ask: Ask, clock: Clock, figure: Figure
) -> None:
    """For an hour; every hundred forgeries somebody comes with a good token."""
    asked = ask(issuer.guard(clock))
    assert refused(asked(issuer.token())) == 0
    began, forged, good, first = clock.now, [], [], issuer.fetches
    for burst in range(FLOOD // 100):
        forged += asked(*(issuer.forged(f"stranger-{burst}-{number}") for number in range(100)))
        good += asked(issuer.token())
        settle(asked.guard)
        assert issuer.fetches - first <= 5 + (clock.now - began) / 30
        clock.now += 36
    minutes = (clock.now - began) / 60
    figure(f"fetches in {minutes:.0f} minutes with {FLOOD} forgeries", issuer.fetches - first, limit=5 + minutes * 2)
    figure(f"of {len(good)} good requests meanwhile, refused", refused(good), limit=0)
    assert statuses(forged) == {401: FLOOD}


def test_a_flood_at_one_moment_causes_five_fetches(issuer: Issuer, ask: Ask, clock: Clock, figure: Figure) -> None:
    asked = ask(issuer.guard(clock))
    assert refused(asked(issuer.token())) == 0
    forged = []
    for burst in range(10):  # the clock stands still
        forged += asked(*(issuer.forged(f"stranger-{burst}-{number}") for number in range(FLOOD // 10)))
    settle(asked.guard)
    figure(f"fetches with {FLOOD} forgeries at once", issuer.fetches - 1, limit=5)
    assert statuses(forged) == {401: FLOOD}


def test_a_rotation_in_the_middle_of_a_flood_is_accepted_within_thirty_seconds(
    issuer: Issuer, ask: Ask, clock: Clock, figure: Figure
) -> None:
    """Even one whose key id was guessed and sent ahead of it."""
    asked = ask(issuer.guard(clock))
    assert refused(asked(issuer.token())) == 0
    asked(*(issuer.forged(f"stranger-{number}") for number in range(1000)))
    settle(asked.guard)
    issuer.rotate()
    guessed = issuer.keys.active.kid
    began, waited = clock.now, 0.0
    while asked(issuer.token())[0].status != 200:
        asked(*(issuer.forged(f"stranger-{clock.now}-{number}") for number in range(50)), issuer.forged(guessed))
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


def test_what_is_refused_anyway_causes_no_fetch(issuer: Issuer, ask: Ask, clock: Clock, figure: Figure) -> None:
    """Issuer, algorithm, audience and expiry are looked at before anything is fetched."""
    wall = Clock(1_800_000_000.0)
    issuer.tell_time_by(wall)
    expired = issuer.forged("x")
    asked = ask(issuer.guard(clock))
    header, claims, signature = issuer.forged("y").split(".")
    refusals = asked(expired, f"{header}.{claims[:-4]}.{signature}", "x.y.z", *[expired] * 100)
    assert statuses(refusals) == {401: 103}
    figure("fetches for 103 tokens that are refused anyway", len(issuer.web.asked), limit=0)
