"""A ladder: the same work with one step more each time, measured in the same rounds.

A step is what a rung takes beyond the one below it. So it is timed where it stands, with whatever the steps before it
have left in the processor's caches, and the steps add up to the whole.
"""

import statistics
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Final

from ..figures import Figure
from ..rounds import Ratio, Rounds, Work, measure_steadily, ratio_of

PART: Final = "profiles"
Step = Callable[[], object]


def climbed(name: str, rungs: Mapping[str, Work]) -> list[Figure]:
    """Each step of this profile: its part of all that is added to the first rung, and how long it takes."""
    names = list(rungs)
    rounds = measure_steadily(rungs, [(names[-1], names[0])])
    first = Figure(PART, name, names[0], Ratio(0.0, 0.0, 0.0), rounds.microseconds(names[0]))
    return [first, *(_step(name, rounds, *pair, names) for pair in pairwise(names))]


def _step(name: str, rounds: Rounds, below: str, here: str, names: list[str]) -> Figure:
    added = _beyond(rounds, here, below)
    whole = statistics.median(_beyond(rounds, names[-1], names[0]))
    return Figure(PART, name, here, ratio_of([each / whole for each in added]), statistics.median(added) * 1e6)


def _beyond(rounds: Rounds, name: str, other: str) -> list[float]:
    return [own - their for own, their in zip(rounds.seconds[name], rounds.seconds[other], strict=True)]


def repeated(*every: Step) -> Work:
    """Work: these steps, one after the other."""

    def work(count: int) -> None:
        for _ in range(count):
            for step in every:
                step()

    return work


def rungs(named: Mapping[str, Step], *, before: Sequence[Step] = (), after: Sequence[Step] = ()) -> dict[str, Work]:
    """A rung for each step: what comes ``before`` all of them, the steps so far, and what comes ``after``."""
    every = list(named.values())
    return {name: repeated(*before, *every[: place + 1], *after) for place, name in enumerate(named)}
