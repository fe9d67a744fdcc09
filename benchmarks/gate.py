"""The gate: ``python -m benchmarks.gate`` fails where a goal is missed by more than noise, or a count at all.

Measures ours and what it is compared with, and nobody else. What the record says is missed is held where it was
recorded. A goal that does not hold is measured twice more, in processes of its own; the middle one counts.
"""

import sys
from collections.abc import Callable, Iterable, Sequence

from .figures import RECORD, Figure, middle, recorded
from .goals import GOALS, Goal, worst
from .parts import in_a_fresh_process

Measured = Callable[[str], list[Figure]]  # the figures of a part


def verdicts(
    goals: Iterable[Goal], measured: Measured, record: Sequence[Figure] = ()
) -> list[tuple[Goal, Figure | None]]:
    """Each gated goal with the figure that decides about it; None where nothing was measured."""
    gated = [goal for goal in goals if goal.gated]
    runs = {part: [measured(part)] for part in dict.fromkeys(part_of(goal) for goal in gated)}
    missed = [goal for goal in gated if not passes(goal, worst(goal, runs[part_of(goal)][0]), record)]
    for part in dict.fromkeys(part_of(goal) for goal in missed if not goal.exact):
        runs[part] += [measured(part), measured(part)]
    return [(goal, worst(goal, middle(runs[part_of(goal)]))) for goal in gated]


def passes(goal: Goal, figure: Figure | None, record: Sequence[Figure] = ()) -> bool:
    return figure is not None and goal.holds(figure.ratio.median, _value(goal, record))


def _value(goal: Goal, figures: Iterable[Figure]) -> float | None:
    figure = worst(goal, figures)
    return None if figure is None else figure.ratio.median


def part_of(goal: Goal) -> str:
    """Which part of a run measures a goal; warm checks and call counts are measured beside others."""
    part = goal.figures[0][0]
    return {"warm": "verify", "calls": "frameworks"}.get(part, part)


def line(goal: Goal, figure: Figure | None, record: Sequence[Figure] = ()) -> str:
    bound = f"{'at least' if goal.at_least else 'at most'} {goal.bound(_value(goal, record)):.4g}"
    value = "not measured" if figure is None else f"{figure.ratio.median:.4g}"
    held = "ok    " if passes(goal, figure, record) else "MISSED"
    return f"{held}  {goal.id:12} {value:>12}  {bound:16} {goal.measured}"


def main(arguments: Sequence[str]) -> int:
    """Measure the parts that are named, or all."""
    record, _ = recorded(RECORD)
    wanted = [goal for goal in GOALS if not arguments or part_of(goal) in arguments]
    found = verdicts(wanted, lambda part: in_a_fresh_process(part, peers=False), record)
    print("\n".join(line(goal, figure, record) for goal, figure in found))
    missed = [goal.id for goal, figure in found if not passes(goal, figure, record)]
    if missed:
        print(f"\nthe gate is closed: {', '.join(missed)}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
