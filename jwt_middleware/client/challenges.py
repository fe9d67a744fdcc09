"""What a server that refused us says of it: the challenges in WWW-Authenticate (RFC 9110 section 11.6.1)."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

_MAX_SIZE: Final = 8192  # characters of all challenges together
_TOKEN: Final = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # RFC 9110 section 5.6.2
_QUOTED: Final = r'"(?:[\t \x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t \x21-\x7e\x80-\xff])*"'
_EMPTY: Final = re.compile(r"[ \t]*(?:,[ \t]*)*")  # a list may have empty members (RFC 9110 section 5.6.1)
_SCHEME: Final = re.compile(_TOKEN)
_PARAMETER: Final = re.compile(rf"({_TOKEN})[ \t]*=[ \t]*({_TOKEN}|{_QUOTED})(?=[ \t]*(?:,|$))")
_TOKEN68: Final = re.compile(r"([A-Za-z0-9._~+/-]+=*)(?=[ \t]*(?:,|$))")
_COMMA: Final = re.compile(r"[ \t]*(?:,[ \t]*)+")
_ESCAPED: Final = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True)
class ReceivedChallenge:
    """One challenge; nothing of it may be believed. ``scheme`` and the names of ``parameters`` are in lower case."""

    scheme: str
    parameters: Mapping[str, str] = field(hash=False)
    token68: str = ""


def received_challenges(values: Iterable[str]) -> tuple[ReceivedChallenge, ...]:
    """The challenges of these field lines, several on a line or one. A line that cannot be read says nothing.

    Whoever refused us may be hostile: all lines together are read up to 8192 characters.
    """
    found: list[ReceivedChallenge] = []
    left = _MAX_SIZE
    for value in values:
        left -= len(value)
        if left < 0:
            break
        found += _of_line(value) or ()
    return tuple(found)


def says_invalid_token(values: Iterable[str]) -> bool:
    """Whether a bearer challenge says that the token we sent is not good (RFC 6750 section 3.1)."""
    return any(
        each.scheme == "bearer" and each.parameters.get("error") == "invalid_token"
        for each in received_challenges(values)
    )


def _of_line(value: str) -> list[ReceivedChallenge] | None:
    found: list[ReceivedChallenge] = []
    at = _end(_EMPTY.match(value))
    while at < len(value):
        scheme = _SCHEME.match(value, at)
        if scheme is None:
            return None
        at = scheme.end()
        begins = _blanks(value, at)
        parameters: dict[str, str] = {}
        token68 = _TOKEN68.match(value, begins) if begins > at and not _PARAMETER.match(value, begins) else None
        if token68 is not None:
            at = token68.end()
        elif begins > at:
            read = _parameters(value, begins, parameters)
            if read is None:
                return None
            at = read
        found.append(
            ReceivedChallenge(scheme[0].lower(), MappingProxyType(parameters), "" if token68 is None else token68[1])
        )
        comma = _COMMA.match(value, at)
        if comma is None:
            return found if not value[at:].strip(" \t") else None
        at = comma.end()
    return found


def _parameters(value: str, at: int, found: dict[str, str]) -> int | None:
    """Where the parameters end that begin ``at``; a comma and another parameter go on, a comma and a scheme do not."""
    while parameter := _PARAMETER.match(value, at):
        name, said = parameter[1].lower(), parameter[2]
        if name in found:  # a parameter occurs once in a challenge (RFC 9110 section 11.2)
            return None
        found[name] = _ESCAPED.sub(r"\1", said[1:-1]) if said.startswith('"') else said
        comma = _COMMA.match(value, parameter.end())
        if comma is None or not _PARAMETER.match(value, comma.end()):
            return parameter.end()
        at = comma.end()
    return at if at == len(value) or value[at] == "," else None


def _blanks(value: str, at: int) -> int:
    while at < len(value) and value[at] == " ":
        at += 1
    return at


def _end(match: "re.Match[str] | None") -> int:
    return 0 if match is None else match.end()
