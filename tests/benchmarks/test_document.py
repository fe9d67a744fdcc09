"""docs/performance.md is made of the recorded figures, and of nothing else."""

import re

from benchmarks.__main__ import FOLDER, PAGE
from benchmarks.document import document
from benchmarks.figures import RECORD, recorded
from benchmarks.goals import GOALS, Goal, worst
from benchmarks.numbers import number
from benchmarks.plots import pictures
from benchmarks.profiles.steps import BARE, STAYS, VALUE

FIGURES, ABOUT = recorded(RECORD)


def test_the_page_is_what_the_record_gives() -> None:
    assert PAGE.read_text(encoding="utf-8") == document(FIGURES, ABOUT)


def test_the_same_figures_give_the_same_pictures() -> None:
    first, second = pictures(FIGURES), pictures(FIGURES)
    assert first == second
    assert {f"performance/{name}.svg" for name in first} == set(re.findall(r"\((performance/\S+)\)", PAGE.read_text()))
    assert all((FOLDER / f"{name}.svg").exists() for name in first)


def test_every_goal_was_measured() -> None:
    assert [goal.id for goal in GOALS if worst(goal, FIGURES) is None] == []


def test_every_miss_says_its_largest_steps_and_why_each_step_stays() -> None:
    page = PAGE.read_text(encoding="utf-8")
    missed = [goal for goal in GOALS if not goal.is_met(value(goal))]
    assert [goal.id for goal in missed if not goal.profile or f"missed; see {goal.profile}: " not in page] == []
    profiles = [each for each in FIGURES if each.part == "profiles"]
    assert {each.what for each in profiles} - set(STAYS) == {BARE, VALUE}  # which are no steps


def value(goal: Goal) -> float:
    figure = worst(goal, FIGURES)
    assert figure is not None
    return figure.ratio.median


def test_a_figure_that_changes_is_seen_on_the_page() -> None:
    changed = [each for each in FIGURES if each.part != "calls"]
    assert document(changed, ABOUT) != document(FIGURES, ABOUT)


def test_a_part_that_was_not_measured_is_said_to_be_missing() -> None:
    page = document([each for each in FIGURES if each.part != "sockets"], ABOUT)
    assert "Not measured here." in page
    assert "not measured |" in page


def test_numbers_have_three_digits() -> None:
    assert [number(each) for each in (0.03124, 1.4567, 20.96, 1234.5)] == ["0.0312", "1.46", "21", "1,234"]
