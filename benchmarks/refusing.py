"""Who may be measured: whoever takes the good token and refuses every bad one. The others are left out."""

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

T = TypeVar("T")


def who_refuses(
    contestants: Mapping[str, Callable[[], T]], takes: Callable[[T, str], bool], good: str, bad: Iterable[str]
) -> dict[str, T]:
    """The contestants that are fit to be measured, made. ``takes`` says whether one of them takes a token.

    Who is not installed, cannot be made, refuses the good token or takes a bad one is left out.
    """
    bad = tuple(bad)
    fit = {}
    for name, make in contestants.items():
        try:
            made = make()
            if takes(made, good) and not any(takes(made, text) for text in bad):
                fit[name] = made
        except Exception:  # noqa: BLE001  # a library that is missing, or does not know the algorithm
            continue
    return fit


def passes(check: Callable[[str], object], token: str) -> bool:
    """Whether a ``check`` that raises for bad tokens takes this one."""
    try:
        check(token)
    except Exception:  # noqa: BLE001  # a library refuses with whatever it likes
        return False
    return True
