"""What caches may do with an answer to a token in the URL (RFC 6750 section 2.3, RFC 9111 section 5.2.2)."""

import re
from collections.abc import Iterable
from typing import Final

_DIRECTIVE: Final = re.compile(r'(?:[^",]|"(?:[^"\\]|\\.)*")+')


def kept_private(said: Iterable[str]) -> str:
    """The Cache-Control of such an answer, for what the application has ``said`` there: never for a shared cache.

    What else it said stays. ``no-store`` stays alone, for it forbids more.
    """
    directives = [each.strip() for value in said for each in _DIRECTIVE.findall(value) if each.strip()]
    if "no-store" in map(str.lower, directives):
        return ", ".join(directives)
    return ", ".join([*(each for each in directives if each.lower() not in ("public", "private")), "private"])
