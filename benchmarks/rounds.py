"""How contestants are timed: in one process, in turns of random order, judged by ratios within a round."""

import gc
import random
import statistics
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

Work = Callable[[int], None]  # does a thing that many times

ROUNDS: Final = 21  # in each process; a record is made of three
SLICE: Final = 0.015  # seconds that a contestant is timed for in each round
REPEATS: Final = 3


@dataclass(frozen=True, slots=True)
class Ratio:
    """A median of per-round ratios, and its quartiles."""

    median: float
    low: float
    high: float

    @property
    def spread(self) -> float:
        """How far the quartiles lie apart, as a part of the median."""
        return (self.high - self.low) / self.median if self.median else 0.0


@dataclass(frozen=True, slots=True)
class Rounds:
    """Seconds per call, by contestant and round."""

    seconds: Mapping[str, Sequence[float]]

    def ratio(self, name: str, to: str) -> Ratio:
        return ratio_of([own / other for own, other in zip(self.seconds[name], self.seconds[to], strict=True)])

    def added(self, name: str, other: str, bare: str) -> Ratio:
        """What ``name`` adds to ``bare``, over what ``other`` adds to it."""
        rows = zip(self.seconds[name], self.seconds[other], self.seconds[bare], strict=True)
        return ratio_of([(own - alone) / (their - alone) for own, their, alone in rows])

    def microseconds(self, name: str) -> float:
        return statistics.median(self.seconds[name]) * 1e6


def ratio_of(ratios: Sequence[float]) -> Ratio:
    low, median, high = statistics.quantiles(ratios, n=4)
    return Ratio(median, low, high)


def measure(contestants: Mapping[str, Work], *, rounds: int = ROUNDS, slice_seconds: float = SLICE) -> Rounds:
    """Time every contestant once in each round, for about ``slice_seconds``, in an order of its own.

    What counts is the processor time of this process: others on the same machine do not show in it.
    """
    calls = {name: _calls_in(work, slice_seconds) for name, work in contestants.items()}
    seconds: dict[str, list[float]] = {name: [] for name in contestants}
    order = list(contestants)
    gc.collect()
    gc.freeze()  # what lives through all rounds is not looked at again after each
    gc.disable()
    try:
        for _ in range(rounds):
            random.shuffle(order)
            for name in order:
                seconds[name].append(_timed(contestants[name], calls[name]))
            gc.collect()
    finally:
        gc.enable()
        gc.unfreeze()
    return Rounds(seconds)


def measure_steadily(
    contestants: Mapping[str, Work], judged: Collection[tuple[str, str]], *, steady: float = 0.1
) -> Rounds:
    """Measure again while the quartiles of a ``judged`` ratio lie too far apart; the steadiest of a few is taken."""

    def widest(rounds: Rounds) -> float:
        return max((rounds.ratio(name, to).spread for name, to in judged), default=0.0)

    best = measure(contestants)
    for _ in range(REPEATS - 1):
        if widest(best) <= steady:
            break
        best = min(best, measure(contestants), key=widest)
    return best


def _calls_in(work: Work, seconds: float) -> int:
    work(3)  # what is done once has been done
    calls = 1
    while True:
        taken = _timed(work, calls) * calls
        if taken >= seconds / 4:
            return max(1, round(calls * seconds / taken))
        calls *= 4


def _timed(work: Work, calls: int) -> float:
    start = time.process_time()
    work(calls)
    return (time.process_time() - start) / calls
