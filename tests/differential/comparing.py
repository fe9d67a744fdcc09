"""Does what the judges say of a token differ, and has that a name?"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tests.forgery.recipe import Recipe, forge

from .differences import DIFFERENCES, ends_within_this_second
from .judges import Ours, Theirs, their_clock
from .reading import read


@dataclass(frozen=True)
class Example:
    """One token of the pile: what the other one says of it, and the names of what we must refuse it for."""

    recipe: Recipe
    token: str
    taken: bool  # by the other one
    named: tuple[str, ...]
    finer: bool  # it ends within this second


@dataclass
class Seen:
    """What came up in a run. ``alone``: how often a name was the only reason why the judges differed."""

    examples: int = 0
    taken_by_both: int = 0
    refused_by_both: int = 0
    finer: int = 0
    alone: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        differing = self.examples - self.taken_by_both - self.refused_by_both
        return (
            f"{self.taken_by_both} taken by both, {self.refused_by_both} refused by both, {differing} told apart by"
            f" {len(self.alone)} names"
        )


def judged(recipes: Iterable[Recipe]) -> Iterator[Example]:
    """Forge each, and hear what the other one says."""
    theirs = Theirs()
    for recipe in recipes:
        token = forge(recipe)
        with their_clock():
            taken = theirs.takes(token)
        reading = read(token)
        named = () if reading is None else tuple(each.name for each in DIFFERENCES if each.holds(reading))
        yield Example(recipe, token, taken, named, reading is not None and ends_within_this_second(reading))


def complaint(example: Example, ours: Ours, seen: Seen) -> str:
    """What is wrong with what we say of it, or nothing."""
    seen.examples += 1
    try:
        taken = ours.takes(example.token)
    except Exception as error:
        return f"we stumble: {type(error).__name__}: {error}"
    if taken and example.named:
        return f"we take it in spite of: {', '.join(example.named)}"
    if taken and not example.taken and not example.finer:
        return "we take what the other one refuses"
    if example.taken and not taken and not example.named:
        return "we refuse what the other one takes, and nobody has named why"
    if example.taken and not taken and len(example.named) == 1:
        seen.alone[example.named[0]] += 1
    seen.finer += taken and not example.taken
    seen.taken_by_both += taken and example.taken
    seen.refused_by_both += not taken and not example.taken
    return ""
