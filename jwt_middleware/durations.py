"""Durations at the public edge: seconds or a timedelta in, float seconds out."""

from datetime import timedelta
from math import isfinite

Duration = float | timedelta


def seconds(duration: object) -> float | None:
    """``duration`` in seconds; None for what is none, such as a truth value, a text or an infinite number."""
    if isinstance(duration, timedelta):
        return duration.total_seconds()
    if isinstance(duration, bool) or not isinstance(duration, int | float) or not isfinite(duration):
        return None
    return float(duration)


def checked(duration: Duration, name: str, where: str, mistakes: list[str], *, least: float, most: float) -> float:
    """``duration`` in seconds; what is none, or out of bounds, becomes a mistake."""
    found = seconds(duration)
    if found is None or not least <= found <= most:
        mistakes.append(f"{where}: {name} is {duration!r}; write {least:g} to {most:g} seconds, or a timedelta")
        return least
    return found
