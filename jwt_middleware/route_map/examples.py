"""An example of what stands in a path: texts that parameters of many kinds take."""

from collections.abc import Callable
from typing import Final
from uuid import UUID

VALUES: Final = (
    *("some-value", "json", "7919", "79", "7", "7919.5", "some/value", "ab", "1234", "2026", "12", "v1"),
    *(str(UUID(int=7919)), "2026-01-02", "2026-01-02T03:04:05", ".json"),
)
_LONGEST: Final = 64  # characters; of a digest
_ALIKE: Final = tuple(each * length for length in range(1, _LONGEST + 1) for each in ("a", "A", "7"))


def fitting(fits: Callable[[str], object]) -> str | None:
    """The first text for which ``fits`` says something true, or None where none does."""
    return next((each for each in (*VALUES, *_ALIKE) if fits(each)), None)
