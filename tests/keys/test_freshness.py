"""The figures: what is taken, every mistake at once, and what times a key set gets by them."""

from datetime import timedelta
from math import inf, nan
from typing import Any

import pytest

from jwt_middleware import ConfigurationError, Freshness
from jwt_middleware.keys.key import secret_key
from jwt_middleware.keys.key_set import KeySet

KEY = secret_key(b"\x01" * 32, "k")


def times(freshness: Freshness, chance: float = 0.5, **said: Any) -> tuple[float, float, float]:
    kept = freshness.keep(KeySet([KEY], **said), 1, 1000.0, chance)
    return kept.due_at - 1000, kept.fresh_until - 1000, kept.serves_until - 1000


def test_by_default_a_set_is_renewed_after_four_minutes_and_serves_for_a_day() -> None:
    assert times(Freshness()) == (240.0, 300.0, 86_400.0)


def test_renewal_is_spread_over_a_tenth_to_each_side() -> None:
    earliest, _, _ = times(Freshness(), 0.0)
    latest, _, _ = times(Freshness(), 0.999999)
    assert (earliest, round(latest, 2)) == (216.0, 264.0)


def test_what_the_source_says_counts() -> None:
    assert times(Freshness(jitter=0), fresh_for=60.0) == (48.0, 60.0, 86_400.0)
    assert times(Freshness(jitter=0), fresh_for=3600.0) == (2880.0, 3600.0, 86_400.0)


def test_nothing_that_can_change_is_taken_for_longer_than_max_stale() -> None:
    assert times(Freshness(jitter=0, max_stale=100), fresh_for=3600.0) == (80.0, 100.0, 100.0)


def test_keys_that_never_change_serve_for_ever() -> None:
    assert times(Freshness(), 0.0, fresh_for=inf) == (inf, inf, inf)


def test_a_duration_may_be_a_timedelta() -> None:
    freshness = Freshness(
        fresh=timedelta(minutes=1),
        max_stale=timedelta(hours=1),
        wait=timedelta(seconds=2),
        cooldown=timedelta(minutes=1),
    )
    assert (freshness.fresh, freshness.max_stale, freshness.wait, freshness.cooldown) == (60.0, 3600.0, 2.0, 60.0)


def test_every_mistake_is_said_at_once() -> None:
    with pytest.raises(ConfigurationError) as refused:
        Freshness(fresh=0, max_stale="a day", wait=nan, burst=2.5, ahead=timedelta(1), jitter=-1)  # type: ignore[arg-type]
    assert list(refused.value.mistakes) == [
        "Freshness(fresh=0): write 1 to 604800, seconds",
        "Freshness(max_stale='a day'): write 1 to 604800, seconds",
        "Freshness(wait=nan): write 0.001 to 60, seconds",
        "Freshness(ahead=datetime.timedelta(days=1)): write 0.1 to 1, a part",
        "Freshness(jitter=-1): write 0 to 0.5, a part",
        "Freshness(burst=2.5): write 1 to 1000, a whole number",
    ]


@pytest.mark.parametrize("wrong", [None, True, "5", inf, -1, 10**9])
@pytest.mark.parametrize("name", Freshness.__dataclass_fields__)
def test_a_figure_out_of_bounds_is_a_mistake(name: str, wrong: Any) -> None:
    with pytest.raises(ConfigurationError, match=f"Freshness\\({name}="):
        Freshness(**{name: wrong})


def test_a_set_is_never_renewed_after_it_is_stale() -> None:
    with pytest.raises(ConfigurationError, match="renewed when it is stale"):
        Freshness(ahead=0.95)
    assert Freshness(ahead=1, jitter=0).ahead == 1.0


def test_it_is_a_value() -> None:
    assert Freshness() == Freshness(fresh=300)
    assert {Freshness(): 1}[Freshness()] == 1
    assert Freshness() != Freshness(burst=6)


def test_a_set_is_as_old_as_the_question_of_its_source() -> None:
    kept = Freshness(jitter=0).keep(KeySet([KEY], age=100.0), 7, 1000.0, 0.5)
    assert (kept.flight, kept.asked_at, kept.due_at, kept.fresh_until) == (0, 900.0, 1140.0, 1200.0)
    assert Freshness().keep(KeySet([KEY]), 7, 1000.0, 0.5).flight == 7
    assert kept.in_words(1000.0) == "those of 100 seconds ago serve for 86300 more"
