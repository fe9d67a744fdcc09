"""``python -m benchmarks``: measure everything, and write docs/performance.md."""

import argparse
import sys
from collections.abc import Sequence
from typing import Final

from .document import document
from .figures import RECORD, Figure, as_json, middle, recorded
from .goals import GOALS, worst
from .machine import about
from .parts import PARTS, in_a_fresh_process

FOLDER: Final = RECORD.parent
PAGE: Final = FOLDER.with_suffix(".md")
PROCESSES: Final = 3


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser("python -m benchmarks", description="Measure, and write docs/performance.md.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all where none is named")
    parser.add_argument("--written-only", action="store_true", help="measure nothing, write what is recorded")
    asked = parser.parse_args(arguments)
    strangers = set(asked.parts) - set(PARTS)
    if strangers:
        parser.error(f"there is no part {', '.join(sorted(strangers))}")
    figures, machine = recorded(RECORD)
    if not asked.written_only:
        machine = about()  # once: what changes while it is measured is no part of it
        for part in asked.parts or PARTS:
            figures = in_order(replaced(figures, measured(part)))
            write(figures, machine)  # after each part: a run is long
    write(figures, machine)
    print(summary(figures))


def measured(part: str) -> list[Figure]:
    """One part, in fresh processes; the middle figures of them."""
    runs = []
    for number in range(PROCESSES):
        print(f"{part}: {number + 1} of {PROCESSES}", flush=True)
        runs.append(in_a_fresh_process(part, peers=True))
    return middle(runs)


def replaced(figures: Sequence[Figure], new: Sequence[Figure]) -> list[Figure]:
    """``new`` in the place of what was recorded of the same parts."""
    parts = {figure.part for figure in new}
    return [*(figure for figure in figures if figure.part not in parts), *new]


def in_order(figures: Sequence[Figure]) -> list[Figure]:
    order = ["verify", "warm", "refusals", "frameworks", "calls", "profiles", "scale", "imports", "sockets"]
    return sorted(figures, key=lambda figure: order.index(figure.part))


def write(figures: Sequence[Figure], machine: dict[str, str]) -> None:
    from .plots import pictures  # loads matplotlib, which only whoever draws needs

    FOLDER.mkdir(exist_ok=True)
    RECORD.write_text(as_json(figures, machine), encoding="utf-8")
    PAGE.write_text(document(figures, machine), encoding="utf-8")
    for name, picture in pictures(figures).items():
        (FOLDER / f"{name}.svg").write_text(picture, encoding="utf-8")


def summary(figures: Sequence[Figure]) -> str:
    lines = []
    for goal in GOALS:
        figure = worst(goal, figures)
        value = "not measured" if figure is None else f"{figure.ratio.median:.4g}"
        met = figure is not None and goal.is_met(figure.ratio.median)
        sign = "at least" if goal.at_least else "at most"
        lines.append(f"{'met   ' if met else 'missed'}  {goal.id:12} {value:>12}  {sign} {goal.goal:g}")
    return "\n".join(lines)


if __name__ == "__main__":
    main(sys.argv[1:])
