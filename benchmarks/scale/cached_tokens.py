"""Many tokens in the cache: what a hit costs, and what an entry takes."""

import tracemalloc
from typing import Final

from .. import ours
from ..figures import Figure, exactly
from ..rounds import Work
from ..samples import in_turns, tokens
from .sizes import at_sizes

ALGORITHM: Final = "HS256"  # signed fast; a hit does not depend on it
SIZES: Final = (1, 100, 1_000, 10_000, 100_000)  # tokens


def figures(*, peers: bool) -> list[Figure]:
    if not peers:  # shown, and no goal
        return []
    return [*at_sizes("cached tokens", _hits, SIZES), *_bytes_per_entry()]


def _hits(size: int) -> Work:
    texts = tokens(ALGORITHM, SIZES[-1])[:size]
    ask = ours.recalling(ours.guard_that_keeps(2 * size, ours.trusted(ALGORITHM)), texts)
    turns = in_turns(texts)

    def work(count: int) -> None:
        for text in turns(count):
            ask(text)

    return work


def _bytes_per_entry() -> list[Figure]:
    """What Python has allocated for all that is kept of a token, over the number of tokens."""
    texts = tokens(ALGORITHM, SIZES[-1])
    guard = ours.guard_that_keeps(2 * SIZES[-1], ours.trusted(ALGORITHM))
    found, done = [], 0
    tracemalloc.start()
    for size in SIZES[1:]:
        for text in texts[done:size]:
            ours.admitted(guard, text.decode())
        done = size
        found.append(exactly("scale", "bytes per cached token", f"{size:,}", tracemalloc.get_traced_memory()[0] / size))
    tracemalloc.stop()
    return found
