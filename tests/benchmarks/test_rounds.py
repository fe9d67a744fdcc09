"""How contestants are timed, and the arithmetic of ratios."""

from statistics import quantiles

import pytest

from benchmarks.rounds import Ratio, Rounds, measure, measure_steadily, ratio_of


def spin(units: int) -> None:
    for _ in range(units * 200):
        pass


def test_a_ratio_is_taken_within_a_round() -> None:
    """A machine that is twice as slow in one round slows down both."""
    rounds = Rounds({"ours": [2.0, 4.0, 2.0, 4.0], "floor": [1.0, 2.0, 1.0, 2.0]})
    assert rounds.ratio("ours", "floor") == Ratio(2.0, 2.0, 2.0)
    assert rounds.ratio("floor", "ours").median == 0.5


def test_a_ratio_says_its_quartiles() -> None:
    low, median, high = quantiles([1.0, 2.0, 3.0, 4.0, 5.0], n=4)
    assert ratio_of([5.0, 1.0, 3.0, 2.0, 4.0]) == Ratio(median, low, high)
    assert Ratio(2.0, 1.9, 2.1).spread == pytest.approx(0.1)


def test_what_is_added_is_compared_with_what_another_adds() -> None:
    rounds = Rounds({"ours": [5.0, 10.0], "by hand": [3.0, 6.0], "bare": [1.0, 2.0]})
    assert rounds.added("ours", "by hand", "bare").median == 2.0


def test_times_are_in_microseconds() -> None:
    assert Rounds({"ours": [1e-6, 2e-6, 9e-6]}).microseconds("ours") == pytest.approx(2.0)


def test_every_contestant_is_timed_once_in_each_round_in_an_order_that_is_drawn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drawn: list[list[str]] = []
    monkeypatch.setattr("random.shuffle", lambda order: drawn.append(list(order)))
    found = measure({"a": spin, "b": spin}, rounds=8, slice_seconds=0.001)
    assert [len(found.seconds[name]) for name in "ab"] == [8, 8]
    assert drawn == [["a", "b"]] * 8


def test_thrice_the_work_takes_thrice_the_time() -> None:
    found = measure({"once": spin, "thrice": lambda count: spin(3 * count)}, rounds=15, slice_seconds=0.002)
    assert 2.0 < found.ratio("thrice", "once").median < 4.0


def test_an_unsteady_run_is_repeated_and_the_steadiest_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    runs = iter(
        [
            Rounds({"ours": [1.0, 2.0, 3.0, 4.0], "floor": [1.0] * 4}),
            Rounds({"ours": [2.0, 2.0, 2.5, 2.5], "floor": [1.0] * 4}),
            Rounds({"ours": [2.0, 2.0, 2.0, 3.0], "floor": [1.0] * 4}),
        ]
    )
    monkeypatch.setattr("benchmarks.rounds.measure", lambda contestants: next(runs))
    taken = measure_steadily({}, [("ours", "floor")])
    assert taken.seconds["ours"] == [2.0, 2.0, 2.5, 2.5]
    assert next(runs, None) is None
