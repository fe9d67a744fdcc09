"""What the rungs of a door do with the header's value: nothing, hash it, look it up."""

from collections.abc import Callable, Mapping
from functools import cache
from hashlib import sha256

from jwt_middleware import Guard

from .. import ours
from ..applications.by_hand import ALGORITHM
from ..applications.driven import Driven
from ..figures import Figure
from ..rounds import Work
from ..samples import FEW, MANY, in_turns, tokens
from . import steps
from .ladder import climbed

Use = Callable[[bytes], object]


def nothing(value: bytes) -> None:
    """Looks at nothing."""


def digest(value: bytes) -> bytes:
    return sha256(value).digest()


@cache
def guard() -> Guard:
    """One that has met the tokens which come in turns."""
    made = ours.guard_that_keeps(2 * FEW, ours.trusted(ALGORITHM))
    for text in tokens(ALGORITHM, FEW):
        ours.admitted(made, text.decode())
    return made


def uses() -> Mapping[str, Use]:
    return {steps.PRICE: nothing, steps.HASH: digest, steps.LOOK_UP: guard().recall}


def profile(name: str, rungs: Mapping[str, Driven], *, cold: bool = False) -> list[Figure]:
    """Climb these applications, with tokens that they have met, or, where it is ``cold``, with ever new ones."""
    works: dict[str, Work] = {}
    for rung, driven in rungs.items():
        works[rung] = driven.work(in_turns(tokens(ALGORITHM, MANY if cold else FEW)))
        works[rung](1 if cold else FEW)
    return climbed(name, works)
