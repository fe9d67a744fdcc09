"""Draw cases, and play each through every door."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.forgery.changes import EVERY, changed
from tests.forgery.recipe import NOW, Recipe

from .doors import ASGI, WSGI, Door
from .judging import play, sent_by
from .oracle.verdict import CLERKS, READ, is_correctly_signed, verdict_on
from .requests import Case, Line, Request
from .strategies import cases

Doors = Sequence[Callable[[bool], Door]]  # by_query
_CHEAP: Final = ("hs", "ed", "ec")


@contextmanager
def every_door() -> Iterator[Doors]:
    """What gives a new application behind each door."""
    with asyncio.Runner() as runner:
        runner.run(asyncio.sleep(0))  # a loop says so in the log when it begins
        yield [
            lambda by_query: ASGI(runner, by_query),
            WSGI,
            lambda by_query: ASGI(runner, by_query, "websocket"),
        ]


def draw(number: int, seed_number: int, look: Callable[[Case], None], *phases: Phase) -> None:
    """Have ``look`` look at so many cases, the same for a seed. Raises what it raises, and prints the case.

    Where other modules are loaded the cases differ a little: hypothesis mixes in constants that it finds there.
    """

    @settings(
        max_examples=number,
        deadline=None,
        database=None,
        phases=phases or (Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
        print_blob=False,
    )
    @seed(seed_number)
    @given(case=cases())
    def looking(case: Case) -> None:
        look(case)

    looking()


def drawn(number: int, seed_number: int) -> list[Case]:
    """The same cases, without anybody who looks at them."""
    found: list[Case] = []
    draw(number, seed_number, found.append, Phase.generate)
    return found


def swept() -> list[Case]:
    """Each single change of a good token by itself, for three routes, the last one later."""
    keys = [Recipe(key, header) for header in ((), (("typ", '"JWT"'),)) for key in _CHEAP]
    recipes = [Recipe(key) for key in _CHEAP] + [
        changed(keys[place % len(keys)], change) for place, change in enumerate(EVERY)
    ]
    lines = [(Line(recipe),) for recipe in recipes]
    return [Case((Request(each), Request(each, READ, at=1), Request(each, CLERKS, at=31))) for each in lines]


@dataclass
class Tally:
    """What came up while cases were played; ``sentences`` holds the body of each refusal."""

    counts: Counter[str] = field(default_factory=Counter)
    sentences: dict[str, bytes] = field(default_factory=dict)

    def play(self, case: Case, doors: Doors) -> None:
        """Raises Complaint."""
        self.counts["cases"] += 1
        for request in case.requests:
            sent = sent_by(case, request, [(line.name.encode(), line.value) for line in request.lines])
            self.counts["requests"] += 1
            self.counts["correctly signed"] += is_correctly_signed(sent)
            self.counts[str(verdict_on(request.path, sent, NOW + request.at).status)] += 1
        for door in doors:
            play(case, door(case.by_query), self.sentences)

    def share(self, name: str) -> float:
        return self.counts[name] / self.counts["requests"]

    def __str__(self) -> str:
        said = ", ".join(f"{count} {name}" for name, count in sorted(self.counts.items(), reverse=True))
        return f"{said}: {self.share('correctly signed'):.0%} correctly signed"
