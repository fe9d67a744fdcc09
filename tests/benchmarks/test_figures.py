"""What several processes have measured becomes one record."""

from dataclasses import replace

from benchmarks.__main__ import replaced
from benchmarks.figures import Figure, as_json, exactly, from_json, middle
from benchmarks.rounds import Ratio


def figure(value: float, what: str = "ours", part: str = "verify") -> Figure:
    return Figure(part, "RS256", what, Ratio(value, value - 0.1, value + 0.1), value * 10)


def test_the_middle_run_counts_for_each_figure() -> None:
    runs = [[figure(3.0), figure(1.0, "peer")], [figure(1.0), figure(3.0, "peer")], [figure(2.0), figure(2.0, "peer")]]
    assert middle(runs) == [
        replace(figure(2.0), runs=(3.0, 1.0, 2.0)),
        replace(figure(2.0, "peer"), runs=(1.0, 3.0, 2.0)),
    ]


def test_what_one_process_has_left_out_is_left_out() -> None:
    assert middle([[figure(1.0), figure(1.0, "peer")], [figure(1.0)]]) == [replace(figure(1.0), runs=(1.0, 1.0))]


def test_a_record_gives_back_what_was_recorded() -> None:
    figures = [replace(figure(1.25), runs=(1.25, 1.5, 1.125)), exactly("calls", "null", "warm", 6)]
    assert from_json(as_json(figures, {"Python": "3.13"})) == (figures, {"Python": "3.13"})


def test_a_part_that_is_measured_again_replaces_what_was_recorded_of_it() -> None:
    before = [figure(1.0), figure(1.0, "peer"), figure(5.0, part="scale")]
    assert replaced(before, [figure(2.0)]) == [figure(5.0, part="scale"), figure(2.0)]
