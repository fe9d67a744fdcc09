"""What ``error.type`` says of an exception: one of few words, and never a text that somebody else has chosen."""

from typing import Final

from ...errors import REASONS, AuthError

OTHER: Final = "_OTHER"  # the conventions' word for what is not listed
_LET_IN: Final = ("admitted", "public", "unguarded", "preflight")
_REASONS: Final = frozenset({*REASONS, *_LET_IN})


def error_type(error: BaseException) -> str:
    """The reason code of a refusal, else the name of the class."""
    return reason_code(error.reason) if isinstance(error, AuthError) else type(error).__name__


def reason_code(reason: str) -> str:
    """A reason that is documented; an application may have made up others, and any number of them."""
    return reason if reason in _REASONS else OTHER
