"""Figure: one measured figure; and how those of several processes become one record."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import median_low
from typing import Any, Final

from .rounds import Ratio, Rounds

RECORD: Final = Path(__file__).parents[1] / "docs" / "performance" / "figures.json"
Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Figure:
    """Of which ``part``, measured ``where`` (an algorithm, a framework, a size), of ``what``.

    ``ratio`` is to what the part compares with; counts and sizes stand there as well, without quartiles. ``runs``: the
    medians of the processes that measured it, of which ``ratio`` is the middle one.
    """

    part: str
    where: str
    what: str
    ratio: Ratio
    microseconds: float | None = None
    runs: tuple[float, ...] = ()

    @property
    def key(self) -> Key:
        return self.part, self.where, self.what


def exactly(part: str, where: str, what: str, value: float) -> Figure:
    """A figure that was counted and not timed."""
    return Figure(part, where, what, Ratio(value, value, value))


def compared(rounds: Rounds, part: str, where: str, to: str) -> list[Figure]:
    """Every contestant's ratio to one of them."""
    return [Figure(part, where, name, rounds.ratio(name, to), rounds.microseconds(name)) for name in rounds.seconds]


def middle(runs: Sequence[Iterable[Figure]]) -> list[Figure]:
    """Of each figure that every run has: the one whose median is the middle one."""
    by_key = [{figure.key: figure for figure in run} for run in runs]
    found = []
    for key in by_key[0]:
        if all(key in run for run in by_key):
            several = sorted((run[key] for run in by_key), key=lambda figure: figure.ratio.median)
            times = [each.microseconds for each in several if each.microseconds is not None]
            medians = tuple(run[key].ratio.median for run in by_key)
            middle = several[(len(several) - 1) // 2]
            found.append(replace(middle, microseconds=median_low(times) if times else None, runs=medians))
    return found


def as_json(figures: Iterable[Figure], about: Mapping[str, str]) -> str:
    """The record: one line per figure, so that a change is seen."""
    lines = ",\n".join(json.dumps(_rounded(asdict(each))) for each in figures)
    return f'{{"about": {json.dumps(dict(about), indent=1)},\n"figures": [\n{lines}\n]}}\n'


def from_json(text: str) -> tuple[list[Figure], dict[str, str]]:
    read = json.loads(text)
    return figures_of(read["figures"]), read["about"]


def figures_of(read: Iterable[Mapping[str, Any]]) -> list[Figure]:
    """Figures out of JSON."""
    return [Figure(**{**each, "ratio": Ratio(**each["ratio"]), "runs": tuple(each.get("runs", ()))}) for each in read]


def recorded(file: Path) -> tuple[list[Figure], dict[str, str]]:
    """What was recorded before; nothing where there is no record."""
    return from_json(file.read_text(encoding="utf-8")) if file.exists() else ([], {})


def _rounded(value: Any) -> Any:
    """To five digits: what lies below is noise."""
    if isinstance(value, dict):
        return {name: _rounded(each) for name, each in value.items()}
    if isinstance(value, tuple | list):
        return [_rounded(each) for each in value]
    return float(f"{value:.5g}") if isinstance(value, float) else value
