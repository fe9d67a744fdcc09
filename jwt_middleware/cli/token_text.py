"""A token from a file or from standard input. Never from an argument: those stand in histories and process lists."""

from typing import Final, TextIO

from .mistake import Mistake

_MOST: Final = 65_536  # characters


def token_from(file: TextIO) -> str:
    """The one token that the file holds; ``Bearer`` before it is left out. Raises Mistake."""
    words = file.read(_MOST + 1).split()
    if words and words[0].lower() == "bearer":
        words = words[1:]
    if len(words) != 1 or len(words[0]) > _MOST:
        raise Mistake("hand in exactly one token, in a file or on standard input")
    return words[0]
