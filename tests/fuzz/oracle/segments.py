"""What the three segments of a token say (RFC 7515 sections 2, 5.2 and 7.1, RFC 8259)."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import Any, NoReturn

_MOST = 16_384  # bytes of a token
_DEEPEST = 32


class No(Exception):
    """The token is not good: 401."""


@dataclass(frozen=True)
class Parts:
    header: dict[str, Any]
    claims: dict[str, Any]
    signed: bytes
    signature: bytes


def parts_of(token: str) -> Parts:
    """Raises No."""
    if len(token) > _MOST or not token.isascii():
        raise No
    segments = token.encode().split(b".")
    if len(segments) != 3:
        raise No
    header, claims, signature = map(_octets, segments)
    return Parts(_object(header), _object(claims), b".".join(segments[:2]), signature)


def _octets(segment: bytes) -> bytes:
    """What would be written like this, and in no other way."""
    try:
        octets = urlsafe_b64decode(segment + b"=" * (-len(segment) % 4))
    except ValueError as error:
        raise No from error
    if not octets or urlsafe_b64encode(octets).rstrip(b"=") != segment:
        raise No
    return octets


def _object(octets: bytes) -> dict[str, Any]:
    try:
        read = json.loads(octets.decode("utf-8"), object_pairs_hook=_members, parse_constant=_no_constant)
        _look_inside(read, 1)
        json.dumps(read, ensure_ascii=False, allow_nan=False).encode("utf-8")  # no half of a character, no infinity
    except (ValueError, RecursionError) as error:
        raise No from error
    if not isinstance(read, dict):
        raise No
    return read


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        raise No
    return dict(pairs)


def _no_constant(_: str) -> NoReturn:
    raise No


def _look_inside(value: object, depth: int) -> None:
    inside = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else None
    if inside is not None:
        if depth > _DEEPEST:
            raise No
        for each in inside:
            _look_inside(each, depth + 1)
