"""One JSON object, read so that no two readers could read it differently (RFC 8259, RFC 7515 section 5.2)."""

import json
from collections.abc import Callable, Mapping
from math import isfinite
from types import MappingProxyType
from typing import Final, NoReturn

from ..errors import InvalidToken

_MAX_NESTING: Final = 32  # of objects and arrays, in header and claims


def parse_object(content: bytes) -> Mapping[str, object]:
    """Parse one JSON object, deeply read-only. Raises InvalidToken.

    Refuses what is not UTF-8, duplicate names, NaN and Infinity, numbers that overflow, lone surrogates, deep nesting.
    """
    try:
        text = content.decode("utf-8")
        if text.count("[") + text.count("{") > _MAX_NESTING and _nesting(text) > _MAX_NESTING:
            raise InvalidToken
        text = text.strip(" \t\n\r")
        parsed, end = _scan(text, 0)
        if end != len(text) or ("\\" in text and _has_surrogate(text)):
            raise InvalidToken
    except (ValueError, StopIteration, RecursionError):  # not UTF-8, not JSON, or an integer of thousands of digits
        raise InvalidToken from None
    if not isinstance(parsed, MappingProxyType):
        raise InvalidToken
    return parsed


def _object(pairs: list[tuple[str, object]]) -> Mapping[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("duplicate member")
    for name, value in pairs:
        if type(value) is list:
            for each in value:
                if type(each) is list:
                    members[name] = _frozen(value)
                    break
            else:
                members[name] = tuple(value)
    return MappingProxyType(members)


def _frozen(values: list[object]) -> tuple[object, ...]:
    return tuple([_frozen(each) if isinstance(each, list) else each for each in values])


def _refuse_constant(_: str) -> NoReturn:
    raise ValueError("not a JSON number")


def _finite(text: str) -> float:
    number = float(text)
    if not isfinite(number):
        raise ValueError("number out of range")
    return number


# Made once, and without the steps in between: json.loads would make a decoder for each token.
_scan: Final[Callable[[str, int], tuple[object, int]]] = json.JSONDecoder(
    object_pairs_hook=_object, parse_constant=_refuse_constant, parse_float=_finite
).scan_once  # type: ignore[attr-defined]  # an attribute since Python 2.6, which its stubs do not name


def _has_surrogate(text: str) -> bool:
    """Whether an escape leaves half of a character behind. Parsed again: escapes are rare, and pairs are fine."""
    try:
        json.dumps(json.loads(text), ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        return True
    return False


def _nesting(text: str) -> int:
    depth = deepest = 0
    in_string = escaped = False
    for character in text:
        if in_string:
            if escaped:
                escaped = False
            elif character == "\\":
                escaped = True
            elif character == '"':
                in_string = False
        elif character == '"':
            in_string = True
        elif character in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif character in "]}":
            depth -= 1
    return deepest
