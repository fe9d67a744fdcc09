"""A strict reader of one WWW-Authenticate field (RFC 9110 sections 5.6 and 11.6.1, RFC 6750 section 3)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

_NAME: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_QUOTED: Final = re.compile(r'"((?:[\t \x21\x23-\x5b\x5d-\x7e]|\\[\t \x21-\x7e])*)"')  # no bytes beyond ASCII
_NEXT: Final = re.compile(r"[ \t]*,[ \t]*")
# which characters each parameter of a Bearer challenge may hold, unquoted (RFC 6750 section 3)
_LEGAL: Final = {
    "error": re.compile(r"[\x20\x21\x23-\x5b\x5d-\x7e]+"),
    "error_description": re.compile(r"[\x20\x21\x23-\x5b\x5d-\x7e]+"),
    "error_uri": re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[\x21\x23-\x5b\x5d-\x7e]+"),
    "scope": re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*"),
}


@dataclass(frozen=True)
class Challenge:
    """One challenge: its scheme as it was written, and its parameters by lower-case name."""

    scheme: str
    parameters: Mapping[str, str]


def challenges(field: str) -> Sequence[Challenge]:
    """Read one field line. Raises ValueError that says where it is not to the letter."""
    found = []
    place = 0
    while True:
        challenge, place = _challenge(field, place)
        found.append(challenge)
        if place == len(field):
            return found


def _challenge(field: str, place: int) -> tuple[Challenge, int]:
    scheme, place = _token(field, place)
    parameters: dict[str, str] = {}
    if place < len(field) and field[place] != ",":
        if field[place] != " ":
            raise ValueError(f"after {scheme} a space must stand")
        place += 1
        while True:
            name, place = _token(field, place)
            if field[place : place + 1] != "=":
                raise ValueError(f"{name} has no value")
            value, place = _value(field, place + 1, name.lower())
            if name.lower() in parameters:
                raise ValueError(f"{name} comes twice")
            parameters[name.lower()] = value
            after = _NEXT.match(field, place)
            if after is None or not re.match(rf"{_NAME.pattern}=", field[after.end() :]):
                break  # the end, or a comma before another challenge
            place = after.end()
    if place < len(field):
        after = _NEXT.match(field, place)
        if after is None:
            raise ValueError(f"something odd stands after {scheme}")
        place = after.end()
        if place == len(field):
            raise ValueError("a comma stands at the end")
    for name, legal in _LEGAL.items():
        if scheme.lower() == "bearer" and name in parameters and not legal.fullmatch(parameters[name]):
            raise ValueError(f"{name} holds what it must not hold")
    return Challenge(scheme, parameters), place


def _token(field: str, place: int) -> tuple[str, int]:
    found = _NAME.match(field, place)
    if found is None:
        raise ValueError(f"no name stands at character {place}")
    return found[0], found.end()


def _value(field: str, place: int, name: str) -> tuple[str, int]:
    quoted = _QUOTED.match(field, place)
    if quoted is not None:
        return re.sub(r"\\(.)", r"\1", quoted[1]), quoted.end()
    if name == "realm":
        raise ValueError("realm is not quoted")  # RFC 9110 section 11.5
    return _token(field, place)
