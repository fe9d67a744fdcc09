"""Strict reading of the three segments of a signed JWT (RFC 7515 section 7.1, RFC 8725 section 3)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from types import MappingProxyType
from typing import Final, NoReturn

from ..base64url import decode
from ..errors import InvalidToken

# parameters that change what the signature means or what the payload is; no access token needs them
_REFUSED_PARAMETERS: Final = frozenset({"crit", "b64", "zip", "enc"})
_MAX_KID: Final = 1024  # characters
_MAX_NESTING: Final = 32  # of objects and arrays, in header and claims


@dataclass(frozen=True, slots=True)
class Unverified:
    """What a token says of itself before verification: nothing here may be believed."""

    algorithm: str
    kid: str | None = field(repr=False)
    kind: str  # of token: the media type ``typ`` in lower case without ``application/``, empty if absent
    signing_input: bytes = field(repr=False)
    payload: bytes = field(repr=False)
    signature: bytes = field(repr=False)


def read(token: str, max_size: int) -> Unverified:
    """Take a token apart. ``max_size`` is in bytes. Raises InvalidToken for everything but three canonical segments.

    The payload is decoded but not parsed: that waits for the signature.
    """
    if len(token) > max_size:
        raise InvalidToken("token_too_large")
    try:
        raw = token.encode("ascii")
    except UnicodeEncodeError:
        raise InvalidToken from None
    if raw.count(b".") != 2:
        raise InvalidToken
    signing_input, _, signature = raw.rpartition(b".")
    header_segment, _, payload = signing_input.partition(b".")
    header = parse_object(decode_segment(header_segment))
    if not _REFUSED_PARAMETERS.isdisjoint(header):
        raise InvalidToken
    algorithm, kid, kind = header.get("alg"), header.get("kid"), header.get("typ", "")
    if not isinstance(algorithm, str) or not isinstance(kind, str):
        raise InvalidToken
    if "kid" in header and (not isinstance(kid, str) or len(kid) > _MAX_KID):
        raise InvalidToken
    return Unverified(
        algorithm,
        kid if isinstance(kid, str) else None,
        kind.lower().removeprefix("application/"),
        signing_input,
        decode_segment(payload),
        decode_segment(signature),
    )


def decode_segment(segment: bytes) -> bytes:
    """Decode one segment. Raises InvalidToken."""
    try:
        return decode(segment)
    except ValueError:
        raise InvalidToken from None


def parse_object(content: bytes) -> Mapping[str, object]:
    """Parse one JSON object, deeply read-only (RFC 8259, RFC 7515 section 5.2).

    Refuses what is not UTF-8, duplicate names, NaN and Infinity, numbers that overflow, lone surrogates, deep nesting.
    """
    try:
        text = content.decode("utf-8")
        if text.count("[") + text.count("{") > _MAX_NESTING and _nesting(text) > _MAX_NESTING:
            raise InvalidToken
        parsed: object = json.loads(
            text, object_pairs_hook=_object, parse_constant=_refuse_constant, parse_float=_finite
        )
        if "\\u" in text and _has_surrogate(text):
            raise InvalidToken
    except (ValueError, RecursionError):  # not UTF-8, not JSON, or an integer of thousands of digits
        raise InvalidToken from None
    if not isinstance(parsed, MappingProxyType):
        raise InvalidToken
    return parsed


def _object(pairs: list[tuple[str, object]]) -> Mapping[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("duplicate member")
    for name, value in pairs:
        if isinstance(value, list):
            members[name] = _frozen(value)
    return MappingProxyType(members)


def _frozen(values: list[object]) -> tuple[object, ...]:
    return tuple(_frozen(value) if isinstance(value, list) else value for value in values)


def _refuse_constant(_: str) -> NoReturn:
    raise ValueError("not a JSON number")


def _finite(text: str) -> float:
    number = float(text)
    if not isfinite(number):
        raise ValueError("number out of range")
    return number


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
