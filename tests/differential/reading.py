"""Reading: a token as the most lenient reader would read it, and what is odd about it. Decides nothing."""

import json
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from math import isinf
from typing import Any, Final

_TWICE: Final = "a name twice"
_NO_NUMBER: Final = "no JSON number"
_HALF: Final = "half a character"


@dataclass(frozen=True)
class Part:
    """Header or claims: the octets, the members (of a name that comes twice the last), and what is odd."""

    octets: bytes
    members: dict[str, Any]
    odd: frozenset[str]
    depth: int


@dataclass(frozen=True)
class Reading:
    token: str
    header: Part
    claims: Part

    @property
    def parts(self) -> tuple[Part, Part]:
        return self.header, self.claims


def read(token: str) -> Reading | None:
    """None for what nobody can read."""
    segments = token.split(".")
    if len(segments) != 3:
        return None
    try:
        header, claims = (
            _part(urlsafe_b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4))) for text in segments[:2]
        )
    except (ValueError, RecursionError):
        return None
    return Reading(token, header, claims)


def _part(octets: bytes) -> Part:
    odd: set[str] = set()

    def an_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(pairs)) != len(pairs):
            odd.add(_TWICE)
        return dict(pairs)

    def constant(_: str) -> float:
        odd.add(_NO_NUMBER)
        return 0.0

    def fraction(text: str) -> float:
        if isinf(float(text)):
            odd.add(_NO_NUMBER)
        return float(text)

    members = json.loads(octets, object_pairs_hook=an_object, parse_constant=constant, parse_float=fraction)
    if not isinstance(members, dict):
        raise ValueError("no object")
    try:
        octets.decode()
        json.dumps(members, ensure_ascii=False).encode()
    except UnicodeDecodeError:
        odd.add("no UTF-8")
    except UnicodeEncodeError:
        odd.add(_HALF)
    if b"\x00" in octets or octets.startswith(b"\xef\xbb\xbf"):
        odd.add("no UTF-8")
    return Part(octets, members, frozenset(odd), _depth(members))


def _depth(value: object) -> int:
    if isinstance(value, dict):
        return 1 + max(map(_depth, value.values()), default=0)
    return 1 + max(map(_depth, value), default=0) if isinstance(value, list) else 0
