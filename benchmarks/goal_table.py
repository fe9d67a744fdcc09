"""The goals and what became of them, and the profiles that tell why."""

from collections.abc import Iterable, Sequence

from .calls import CALLED
from .figures import Figure
from .goals import GOALS, Goal, worst
from .imports import PROFILE as IMPORTED
from .numbers import number
from .profiles.steps import STAYS

Rows = list[list[str]]


def goals(figures: Sequence[Figure]) -> Rows:
    rows = [["goal", "measured", "must be", "reference", "is", "quartiles", "three processes", ""]]
    for goal in GOALS:
        figure = worst(goal, figures)
        sign = "≥" if goal.at_least else "≤"
        rows.append(
            [
                goal.id,
                goal.measured,
                f"{sign} {goal.goal:g}",
                goal.reference,
                *_values(goal, figure),
                _verdict(goal, figure, figures),
            ]
        )
    return rows


def _values(goal: Goal, figure: Figure | None) -> tuple[str, str, str]:
    if figure is None:
        return "-", "", ""
    if goal.exact:
        return f"{figure.ratio.median:.0f}", "", ""
    ratio = figure.ratio
    return number(ratio.median), f"{number(ratio.low)} to {number(ratio.high)}", ", ".join(map(number, figure.runs))


def _verdict(goal: Goal, figure: Figure | None, figures: Sequence[Figure]) -> str:
    if figure is None:
        return "not measured"
    if goal.is_met(figure.ratio.median):
        return "met"
    if not goal.profile:
        return "missed"
    largest = sorted(_steps(goal.profile, figures), key=lambda step: step.ratio.median, reverse=True)[:3]
    return f"missed; see {goal.profile}: {', '.join(f'{each.what} {_share(each)}' for each in largest)}"


def _steps(profile: str, figures: Iterable[Figure]) -> list[Figure]:
    """The steps of a profile, without what they are added to; of counted calls all."""
    mine = [each for each in figures if each.where == profile and each.part in ("profiles", "calls", "imports")]
    return mine if profile in (CALLED, IMPORTED) else mine[1:]


def _share(figure: Figure) -> str:
    return f"{figure.ratio.median:.0f}" if figure.where == CALLED else f"{max(0.0, figure.ratio.median):.0%}"


def _time(microseconds: float) -> str:
    return f"{number(microseconds)} µs" if microseconds > 0 else "nothing that is seen"


def profiles(figures: Sequence[Figure]) -> Rows:
    """Each step, and why it stays; first what they are added to."""
    rows = [["profile", "step", "adds", "of all that is added", "why it stays"]]
    mine = [each for each in figures if each.part == "profiles" or each.where in (CALLED, IMPORTED)]
    before = ""
    for figure in mine:
        profile, counted = figure.where if figure.where != before else "", figure.where == CALLED
        first = bool(profile) and figure.part == "profiles"
        before = figure.where
        adds = f"{figure.ratio.median:.0f}" if counted else _time(figure.microseconds or 0.0)
        share = "" if first or counted else _share(figure)
        why = "what the steps are added to" if first else STAYS.get(figure.what, "")
        rows.append([f"**{profile}**" if profile else "", figure.what, adds, share, why])
    return rows
