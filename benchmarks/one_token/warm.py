"""A token that was verified a moment ago: what recalling it costs, over the raw RS256 check."""

from collections.abc import Callable, Sequence
from typing import Final

from .. import ours
from ..figures import Figure, compared
from ..rounds import Work, measure_steadily
from ..samples import MANY, checking, in_turns, tokens
from .floor import FLOOR, floor
from .libraries import contestants

ALGORITHM: Final = "RS256"
ROTATIONS: Final = (1_000, 10_000)  # tokens
RUST: Final = "ryjwt (Rust)"


def figures(*, peers: bool) -> list[Figure]:
    if not peers:  # shown, and not gated
        return []
    texts = tokens(ALGORITHM, MANY)
    works = {FLOOR: floor(ALGORITHM)}
    for size in ROTATIONS:
        guard = ours.guard(ours.trusted(ALGORITHM))
        works[rotation(size)] = _recalls(ours.recalling(guard, texts[:size]), texts[:size])
    fastest = contestants(ALGORITHM, peers=True).get(RUST)
    if fastest is not None:
        works[RUST] = checking(fastest, texts[:1_000])
    rounds = measure_steadily(works, [(rotation(1_000), FLOOR)])
    found = compared(rounds, "warm", ALGORITHM, FLOOR)
    if fastest is not None:
        found.append(Figure("warm", ALGORITHM, "hit / cold check of ryjwt", rounds.ratio(rotation(1_000), RUST)))
    return found


def rotation(size: int) -> str:
    return f"hit, {size:,} tokens in rotation"


def _recalls(recall: Callable[[bytes], object], texts: Sequence[bytes]) -> Work:
    turns = in_turns(texts)

    def work(count: int) -> None:
        for text in turns(count):
            recall(text)

    return work
