"""The gate is closed for whatever is over its bound, and for what was not measured."""

from benchmarks.figures import Figure
from benchmarks.gate import line, passes, verdicts
from benchmarks.goals import GOALS, ROOM, Goal, worst
from benchmarks.rounds import Ratio

KEY = ("verify", "RS256", "ours")
OTHER = ("verify", "ES256", "ours")
GOAL = Goal("C1", "a check", (KEY,), 2.0)


def figure(value: float, key: tuple[str, str, str] = KEY) -> Figure:
    return Figure(*key, Ratio(value, value, value))


def judged(goal: Goal, *runs: list[Figure]) -> tuple[bool, int]:
    """Whether the gate lets it pass, and how often it measured."""
    left = iter(runs)
    asked = []

    def measured(part: str) -> list[Figure]:
        asked.append(part)
        return next(left)

    ((_, found),) = verdicts([goal], measured)
    return passes(goal, found), len(asked)


def test_a_ratio_may_miss_its_goal_by_a_quarter() -> None:
    assert judged(GOAL, [figure(2.0 * ROOM)]) == (True, 1)


def test_a_ratio_over_the_bound_closes_the_gate_when_it_is_measured_again() -> None:
    assert judged(GOAL, [figure(2.51)], [figure(2.6)], [figure(2.4)]) == (False, 3)


def test_one_odd_run_does_not_close_the_gate() -> None:
    assert judged(GOAL, [figure(9.0)], [figure(2.1)], [figure(2.2)]) == (True, 3)


def test_a_count_has_no_room_and_is_not_measured_again() -> None:
    counted = Goal("D1", "calls", (("calls", "null", "warm"),), 6, exact=True)
    assert judged(counted, [figure(6, counted.figures[0])]) == (True, 1)
    assert judged(counted, [figure(7, counted.figures[0])]) == (False, 1)


def test_what_must_be_kept_may_not_fall_below() -> None:
    kept = Goal("S2", "requests kept", (KEY,), 0.8, at_least=True)
    assert passes(kept, figure(0.8 / ROOM))
    assert not passes(kept, figure(0.8 / ROOM - 0.01))
    assert kept.is_met(0.8)
    assert not kept.is_met(0.79)


def test_what_was_not_measured_closes_the_gate() -> None:
    assert judged(GOAL, [], [], []) == (False, 3)
    assert "not measured" in line(GOAL, None)


def test_the_worst_of_several_figures_decides() -> None:
    both = Goal("R1", "refusals", (KEY, OTHER), 2.0)
    decides = worst(both, [figure(1.0), figure(3.0, OTHER)])
    assert decides is not None
    assert decides.ratio.median == 3.0
    assert worst(both, [figure(1.0)]) is None


def test_what_the_record_says_is_missed_is_held_where_it_was_recorded() -> None:
    record = [figure(4.0)]
    assert passes(GOAL, figure(4.0 * ROOM), record)
    assert not passes(GOAL, figure(4.0 * ROOM + 0.01), record)
    assert not passes(GOAL, figure(2.0 * ROOM + 0.01), [figure(1.0)])  # a goal that was met is held
    assert not GOAL.is_met(4.0)


def test_a_count_that_the_record_says_is_missed_has_no_room() -> None:
    counted = Goal("D1", "calls", (("calls", "null", "cold"),), 25, exact=True)
    record = [figure(38, counted.figures[0])]
    assert passes(counted, figure(38, counted.figures[0]), record)
    assert not passes(counted, figure(39, counted.figures[0]), record)


def test_the_gate_measures_again_only_what_the_record_does_not_allow() -> None:
    asked: list[str] = []

    def measured(part: str) -> list[Figure]:
        asked.append(part)
        return [figure(4.0)]

    verdicts([GOAL], measured, [figure(4.0)])
    assert len(asked) == 1


def test_a_goal_that_is_shown_only_is_not_gated() -> None:
    shown = Goal("W1", "a hit", (KEY,), 2.0, gated=False)
    assert verdicts([shown], lambda part: []) == []


def test_every_goal_has_a_name_of_its_own() -> None:
    assert len({goal.id for goal in GOALS}) == len(GOALS)
