"""How often a source may be asked: the bucket, the rest after failures, and key ids that were not there."""

from jwt_middleware import Freshness
from jwt_middleware.keys.pace import Pace


def test_the_bucket_holds_five_and_gets_one_back_every_thirty_seconds() -> None:
    pace = Pace(Freshness(), 0.0)
    assert [pace.take(0.0) for _ in range(7)] == [True] * 5 + [False] * 2
    assert [pace.take(now) for now in (29.9, 30.0, 30.1, 60.0, 60.1)] == [False, True, False, True, False]
    assert [pace.take(1e6) for _ in range(7)] == [True] * 5 + [False] * 2


def test_whatever_the_rhythm_no_more_than_five_and_one_every_thirty_seconds_are_taken() -> None:
    for step in (0.25, 1.0, 7.3, 29.5, 31.0):
        pace, taken, now = Pace(Freshness(), 0.0), 0, 0.0
        while now < 3600:
            taken += pace.take(now)
            assert taken <= 5 + now / 30
            now += step
        assert taken > 110


def test_rests_get_longer_and_a_success_ends_them() -> None:
    pace, now, rests = Pace(Freshness(), 0.0), 0.0, []
    for _ in range(9):
        assert pace.take(now, renewal=True)
        pace.failed(now)
        assert pace.failing
        rests.append(pace.seconds_of_rest(now))
        assert not pace.take(now + rests[-1] - 0.1)
        assert not pace.take(now + rests[-1] - 0.1, renewal=True)
        now += rests[-1]
    assert rests == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    pace.succeeded(now)
    assert (pace.failing, pace.take(now), pace.seconds_of_rest(now)) == (False, True, 1)
    pace.failed(now)
    assert pace.seconds_of_rest(now) == 1


def test_whatever_is_asked_for_comes_out_of_one_bucket() -> None:
    pace = Pace(Freshness(), 0.0)
    assert [pace.take(0.0, renewal=True) for _ in range(3)] == [True] * 3
    assert [pace.take(0.0) for _ in range(3)] == [True, True, False]
    assert not pace.take(29.9, renewal=True)
    assert (pace.seconds_of_rest(0.0), pace.seconds_of_rest(20.5)) == (30, 10)
    assert pace.take(30.0, renewal=True)


def test_where_renewals_come_more_often_than_the_bucket_fills_they_are_not_counted() -> None:
    pace = Pace(Freshness(), 0.0)
    pace.renewed_every(4.0)
    assert all(pace.take(0.0, renewal=True) for _ in range(100))
    assert [pace.take(0.0) for _ in range(6)] == [True] * 5 + [False]
    assert pace.seconds_of_rest(0.0) == 1  # the next renewal may bring it
    pace.renewed_every(30.0)
    assert not pace.take(0.0, renewal=True)
    sparing = Pace(Freshness(burst=1, cooldown=3600), 0.0)
    assert sparing.take(0.0, renewal=True)
    assert sparing.take(0.0)


def test_what_was_not_asked_after_all_is_given_back() -> None:
    pace = Pace(Freshness(burst=1), 0.0)
    assert pace.take(0.0)
    pace.give_back()
    assert [pace.take(0.0), pace.take(0.0)] == [True, False]


def test_failures_alone_cause_no_more_fetches_than_the_bucket() -> None:
    pace, now, fetches = Pace(Freshness(longest_pause=1), 0.0), 0.0, 0
    while now < 3600:
        if pace.take(now, renewal=True):
            fetches += 1
            pace.failed(now)
        assert fetches <= 5 + now / 30
        now += 0.5


def test_the_longest_pause_is_a_figure() -> None:
    pace = Pace(Freshness(longest_pause=3600), 0.0)
    for _ in range(40):
        pace.failed(0.0)
    assert pace.seconds_of_rest(0.0) == 3600


def test_a_missing_key_id_is_remembered_for_one_cooldown() -> None:
    pace = Pace(Freshness(), 0.0)
    assert not pace.is_missing("x", "RS256", 0.0)
    pace.miss("x", "RS256", 10.0)
    assert pace.is_missing("x", "RS256", 39.9)
    assert not pace.is_missing("x", "RS256", 40.0)
    assert not pace.is_missing("x", "ES256", 20.0)
    assert not pace.is_missing(None, "RS256", 20.0)
    assert not pace.is_missing("y", "RS256", 20.0)


def test_the_memory_of_missing_key_ids_is_bounded_in_number_and_size() -> None:
    pace = Pace(Freshness(bad_key_ids=100), 0.0)
    pace.miss("first", "RS256", 0.0)
    for number in range(10_000):
        pace.miss("\ud800" + "x" * 1000 + str(number), "RS256", 0.0)
        pace.miss("again", "RS256", 0.0)
    assert len(pace._missing) == 100
    assert {len(name) for name in pace._missing} == {32}
    assert not pace.is_missing("first", "RS256", 1.0)
    assert pace.is_missing("again", "RS256", 1.0)
