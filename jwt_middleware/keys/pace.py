"""Pace: when a source may be asked again."""

from hashlib import sha256
from math import ceil

from .freshness import Freshness


class Pace:
    """Counts what was asked and what failed, and remembers key ids that were not there. Its owner holds the lock.

    Every fetch comes out of one bucket, so that whatever strangers send and whatever the source answers it is asked
    ``burst`` times and once more after each cooldown at most; and one forged token cannot block a rotation. Failures
    rest the source, so that an outage is not made worse.
    """

    def __init__(self, freshness: Freshness, now: float) -> None:
        self._freshness = freshness
        self.left = float(freshness.burst)  # fetches in the bucket
        self.renewed_every(freshness.fresh * freshness.ahead)
        self._counted_at = now
        self._failures = 0
        self._rests_until = now
        self._missing: dict[bytes, float] = {}  # until when; the oldest first

    @property
    def failing(self) -> bool:
        return self._failures > 0

    def seconds_of_rest(self, now: float) -> int:
        """For Retry-After: whole seconds, at least one."""
        refilled = (1.0 - self._in_bucket(now)) * self._freshness.cooldown if self._counts_renewals else 0.0
        return max(1, ceil(max(self._rests_until - now, refilled)))

    def renewed_every(self, seconds: float) -> None:
        """How often a set is renewed anyway. Where that is more often than the bucket fills, as with a file that is
        looked at every few seconds, renewals are not counted: they would leave nothing to unknown key ids."""
        self._counts_renewals = seconds >= self._freshness.cooldown

    def take(self, now: float, *, renewal: bool = False) -> bool:
        """Take one fetch out of the bucket; False when there is none, or when the source rests after a failure."""
        if now < self._rests_until:
            return False
        if renewal and not self._counts_renewals:
            return True
        left = self._in_bucket(now)
        if left < 1.0:
            return False
        self.left = left - 1.0
        self._counted_at = now
        return True

    def give_back(self) -> None:
        """The fetch that was taken was not made."""
        self.left += 1.0

    def failed(self, now: float) -> None:
        self._rests_until = now + min(self._freshness.longest_pause, 2.0**self._failures)
        self._failures = min(self._failures + 1, 12)  # 2**12 seconds is longer than any pause

    def succeeded(self, now: float) -> None:
        self._failures = 0
        self._rests_until = now

    def miss(self, kid: str | None, algorithm: str, asked_at: float) -> None:
        """Remember that the source, asked then, did not have this key: for one cooldown it is not asked for again.

        No longer: the issuer may bring the key into use, and whoever guesses its id must not keep it out.
        """
        name = _name(kid, algorithm)
        self._missing.pop(name, None)
        self._missing[name] = asked_at + self._freshness.cooldown
        while len(self._missing) > self._freshness.bad_key_ids:
            del self._missing[next(iter(self._missing))]

    def is_missing(self, kid: str | None, algorithm: str, now: float) -> bool:
        return now < self._missing.get(_name(kid, algorithm), now)

    def _in_bucket(self, now: float) -> float:
        return min(self._freshness.burst, self.left + (now - self._counted_at) / self._freshness.cooldown)


def _name(kid: str | None, algorithm: str) -> bytes:
    """Short, however long the key id is that a stranger made up."""
    return sha256(repr((kid, algorithm)).encode("utf-8", "surrogatepass")).digest()
