"""Rests: for how long nothing is asked for after a failure."""

import math
from dataclasses import dataclass
from typing import Final

from ..errors import TokenOutage

LONGEST_REST: Final = 30.0  # seconds; Retry-After may ask for ten times as much


@dataclass(frozen=True, slots=True)
class _Rest:
    until: float
    failures: int
    error: TokenOutage


class Rests:
    """Rests of single tokens by key, or of all while the token endpoint is out of reach. Its owner holds the lock."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._rests: dict[bytes | None, _Rest] = {}  # None: of all; the oldest first

    def error(self, key: bytes, now: float) -> TokenOutage | None:
        """What is said again while this token may not be asked for, or None."""
        resting = [rest for rest in map(self._rests.get, (None, key)) if rest is not None and now < rest.until]
        if not resting:
            return None
        longest = max(resting, key=lambda each: each.until)
        return said_again(longest.error, math.ceil(longest.until - now))

    def failed(self, key: bytes, error: TokenOutage, now: float) -> None:
        """Rest for 1, 2, 4 ... seconds, or as long as the token endpoint asks for, within bounds."""
        place = None if error.status == 503 else key
        before = self._rests.pop(place, None)
        failures = 0 if before is None else min(before.failures + 1, 12)
        seconds = max(min(LONGEST_REST, 2.0**failures), min(10 * LONGEST_REST, float(error.retry_after)))
        while len(self._rests) >= self._most:
            del self._rests[next(iter(self._rests))]
        self._rests[place] = _Rest(now + seconds, failures, error)

    def succeeded(self, key: bytes) -> None:
        self._rests.pop(key, None)
        self._rests.pop(None, None)

    def __len__(self) -> int:
        return len(self._rests)


def said_again(error: TokenOutage, retry_after: int) -> TokenOutage:
    """Another one that says the same: one exception is not raised in two threads."""
    made = TokenOutage(str(error), status=error.status, retry_after=retry_after, refused=error.refused)
    made.__cause__ = error.__cause__
    return made
