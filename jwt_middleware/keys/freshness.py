"""Freshness: how long keys are taken, when they are renewed, and how often strangers may make us ask."""

import math
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Final

from ..durations import seconds
from ..errors import ConfigurationError
from .key_set import KeySet

_WEEK: Final = 604_800  # seconds


@dataclass(frozen=True, slots=True)
class Kept:
    """A key set with its times, on the clock of whoever keeps it."""

    keys: KeySet
    flight: int  # the number of the fetch that asked for it; 0 where its source did not ask anew
    asked_at: float  # a set is as old as the question
    due_at: float  # from then on it is renewed beside the requests
    fresh_until: float  # from then on it is stale, and still serves
    serves_until: float  # from then on it serves nobody

    def in_words(self, now: float) -> str:
        """How old it is and how long it serves, for the log."""
        return f"those of {now - self.asked_at:.0f} seconds ago serve for {self.serves_until - now:.0f} more"


@dataclass(frozen=True, slots=True, init=False)
class Freshness:
    """How the keys of one issuer are kept fresh. Checked when built. Durations are in seconds or a timedelta.

    ``fresh``: how long a set is taken without asking again, unless its source says (Cache-Control does, within a minute
    and an hour). ``ahead``: the part of that time after which it is renewed beside the requests; ``jitter``: the part
    by which that comes earlier or later, at random, so that many processes do not ask at once. ``max_stale``: how long
    after the question a set still serves while its source fails; nothing that can change serves longer. ``wait``: how
    long a request waits for keys, in all. ``burst`` and ``cooldown``: whatever happens, the source is asked so many
    times, and once more after each cooldown; only renewals that come more often than that are not counted.
    ``longest_pause``: after failures nothing is asked for 1, 2, 4 ... so many seconds. ``bad_key_ids``: how many key
    ids that the source does not know are remembered, each for one cooldown. Raises ConfigurationError with every
    mistake.
    """

    fresh: float
    ahead: float
    jitter: float
    max_stale: float
    wait: float
    burst: int
    cooldown: float
    longest_pause: float
    bad_key_ids: int

    def __init__(
        self,
        *,
        fresh: float | timedelta = 300.0,  # seconds
        ahead: float = 0.8,  # part of the time that a set is fresh
        jitter: float = 0.1,  # part of what ahead comes to
        max_stale: float | timedelta = 86_400.0,  # seconds
        wait: float | timedelta = 4.8,  # seconds; with all the rest a request is answered within 5
        burst: int = 5,  # fetches
        cooldown: float | timedelta = 30.0,  # seconds
        longest_pause: float | timedelta = 60.0,  # seconds
        bad_key_ids: int = 1000,
    ) -> None:
        mistakes: list[str] = []
        durations = {"fresh": fresh, "max_stale": max_stale, "wait": wait}
        durations |= {"cooldown": cooldown, "longest_pause": longest_pause}
        for name, duration in durations.items():
            self._set(name, seconds(duration), duration, "seconds", mistakes)
        for name, part in {"ahead": ahead, "jitter": jitter}.items():
            self._set(name, None if isinstance(part, timedelta) else seconds(part), part, "a part", mistakes)
        for name, count in {"burst": burst, "bad_key_ids": bad_key_ids}.items():
            whole = isinstance(count, int) and not isinstance(count, bool)
            self._set(name, count if whole else None, count, "a whole number", mistakes)
        if not mistakes and self.ahead * (1 + self.jitter) > 1:
            mistakes.append(
                "Freshness(ahead=..., jitter=...): a set would be renewed when it is stale; make one smaller"
            )
        if mistakes:
            raise ConfigurationError(*mistakes)

    def _set(self, name: str, value: float | None, given: object, unit: str, mistakes: list[str]) -> None:
        lowest, highest = _BOUNDS[name]
        if value is None or not lowest <= value <= highest:
            mistakes.append(f"Freshness({name}={given!r}): write {lowest:g} to {highest:g}, {unit}")
        else:
            object.__setattr__(self, name, value)

    def keep(self, keys: KeySet, flight: int, took_off: float, chance: float) -> Kept:
        """Give a set that a fetch brought its times. ``chance`` is a random number from 0 up to 1."""
        asked_at = took_off - keys.age
        said = self.fresh if keys.fresh_for is None else keys.fresh_for
        lifetime = said if said == math.inf else min(said, self.max_stale)  # keys that never change need no renewal
        due = lifetime * self.ahead * (1 + self.jitter * (2 * chance - 1))
        return Kept(
            keys=keys,
            flight=0 if keys.age else flight,
            asked_at=asked_at,
            due_at=asked_at + due,
            fresh_until=asked_at + lifetime,
            serves_until=asked_at + max(lifetime, self.max_stale),
        )


_BOUNDS: Final = MappingProxyType(
    {
        "fresh": (1, _WEEK),
        "ahead": (0.1, 1),
        "jitter": (0, 0.5),
        "max_stale": (1, _WEEK),
        "wait": (0.001, 60),
        "burst": (1, 1000),
        "cooldown": (1, 3600),
        "longest_pause": (1, 3600),
        "bad_key_ids": (1, 100_000),
    }
)
