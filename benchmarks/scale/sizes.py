"""The same work at several sizes, in the same rounds, over the work at the smallest size."""

from collections.abc import Callable, Mapping, Sequence

from ..figures import Figure
from ..rounds import Work, measure_steadily


def at_sizes(where: str, work_at: Callable[[int], Work], sizes: Sequence[int]) -> list[Figure]:
    return over_the_first(where, {size: work_at(size) for size in sizes})


def over_the_first(where: str, works: Mapping[int, Work]) -> list[Figure]:
    """The figures of one dimension; ``works`` are in the order of their sizes."""
    names = {size: f"{size:,}" for size in works}
    first, last = (names[size] for size in (min(works), max(works)))
    rounds = measure_steadily({names[size]: work for size, work in works.items()}, [(last, first)])
    return [
        Figure("scale", where, name, rounds.ratio(name, first), rounds.microseconds(name)) for name in names.values()
    ]
