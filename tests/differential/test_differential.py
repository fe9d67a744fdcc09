"""Of any token ours and PyJWT's judgements are the same, or the difference has a name, and ours is the stricter one."""

from collections.abc import Callable, Iterator

import pytest

from tests.differential.comparing import Example, Seen, complaint, judged
from tests.differential.differences import DIFFERENCES
from tests.differential.drawing import EXAMPLES, recipes
from tests.differential.faults import FAULTS
from tests.differential.judges import Ours
from tests.forgery.recipe import Recipe, forge
from tests.planting import Fault, planted
from tests.seeds import seed_of


class Pile:
    """The examples of one seed, made when they are first wanted and kept."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._kept: list[Example] = []
        self._coming = judged(recipes(seed))

    def __iter__(self) -> Iterator[Example]:
        yield from self._kept
        for example in self._coming:
            self._kept.append(example)
            yield example


@pytest.fixture(scope="session")
def pile(request: pytest.FixtureRequest) -> Pile:
    return Pile(seed_of(request.config))


def first_complaint(pile: Pile, seen: Seen) -> str:
    ours = Ours()
    for example in pile:
        wrong = complaint(example, ours, seen)
        if wrong:
            return f"{wrong}\nseed {pile.seed}, {example.recipe}\n{example.token[:2000]!a}"
    return ""


def test_ours_may_only_be_stricter_and_each_difference_has_a_name(
    pile: Pile, record_property: Callable[[str, object], None]
) -> None:
    seen = Seen()
    wrong = first_complaint(pile, seen)
    record_property("drawn", f"differential: {seen.examples} tokens of seed {pile.seed}, {seen}")
    assert not wrong, wrong
    assert seen.examples >= 20_000
    unseen = [each.name for each in DIFFERENCES if not seen.alone[each.name]]
    assert not unseen, f"never seen with seed {pile.seed}: what has a name has an example"
    assert min(seen.taken_by_both, seen.refused_by_both) > 2_000, "a pile of one kind shows little"
    assert seen.finer, "a fraction of exp was never decisive"


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
@pytest.mark.plants_secrets("one of the planted faults shows a token")
@pytest.mark.once
def test_each_planted_fault_is_found(fault: Fault, pile: Pile) -> None:
    with planted(fault.place, fault.written, fault.instead):
        assert all(Ours().takes(forge(Recipe(key))) for key in ("hs", "ed", "ec")), "not a fault but a wreck"
        assert first_complaint(pile, Seen()), f"not found in {EXAMPLES} tokens of seed {pile.seed}"


def test_the_names_are_told_apart() -> None:
    names = [each.name for each in (*DIFFERENCES, *FAULTS)]
    assert len(set(names)) == len(names)
    assert len(FAULTS) >= 10
    assert all(each.section.startswith("RFC ") and each.why for each in DIFFERENCES)


def test_the_same_seed_draws_the_same_pile() -> None:
    one, other, another = (list(recipes(seed, 5_000)) for seed in (1, 1, 2))
    assert one == other != another
    assert [forge(each) for each in one[:500]] == [forge(each) for each in other[:500]]
