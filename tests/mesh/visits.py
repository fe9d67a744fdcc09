"""Which requests arrive, and when: drawn from a seed, whatever the answers are (an open model of arrival)."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from .callers import CALLERS, SLOTS
from .routes import ADMITTED, ROUTES, model


@dataclass(frozen=True, slots=True)
class Visit:
    """One request: ``at`` seconds after the beginning, by whoever holds a token of this slot."""

    number: int
    at: float
    slot: str
    route: str


def visits(seed: int, rate: float, seconds: float) -> Iterator[Visit]:
    """``rate`` a second on average, at random moments (Poisson). Half of them ask for what their caller may have."""
    drawn = Random(seed)
    slots = list(SLOTS)
    weights = [weight for weight, _ in SLOTS.values()]
    allowed = {slot: [name for name in ROUTES if _may(slot, name)] for slot in slots}
    number, at = 0, 0.0
    while (at := at + drawn.expovariate(rate)) < seconds:
        (slot,) = drawn.choices(slots, weights)
        route = drawn.choice(allowed[slot] if drawn.random() < 0.5 else list(ROUTES))
        yield Visit(number, at, slot, route)
        number += 1


def _may(slot: str, route: str) -> bool:
    return bool(model(CALLERS[SLOTS[slot][1]], ROUTES[route], True) & ADMITTED)
