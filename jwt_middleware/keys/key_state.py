"""KeyState: what is known of one issuer's keys at this moment."""

from dataclasses import dataclass

from .freshness import Kept


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyState:
    """For operators and health routes; holds no key and no secret.

    ``usable``: whether keys are there that serve. ``stale``: whether they serve although they should have been renewed.
    ``fetched_at``: when their source was asked for them, in seconds since the epoch, and ``age``, in seconds; None when
    there are none. ``last_error``: the class name of what the last fetch failed with, empty after one that succeeded.
    """

    issuer: str
    usable: bool
    stale: bool
    fetched_at: float | None
    age: float | None
    last_error: str


def key_state(issuer: str, kept: Kept | None, now: float, wall_clock: float, last_error: str) -> KeyState:
    """``now`` is on the clock of ``kept``; ``wall_clock`` is the same moment in seconds since the epoch."""
    age = None if kept is None else now - kept.asked_at
    return KeyState(
        issuer=issuer,
        usable=kept is not None and now < kept.serves_until,
        stale=kept is not None and now >= kept.fresh_until,
        fetched_at=None if age is None else wall_clock - age,
        age=age,
        last_error=last_error,
    )
