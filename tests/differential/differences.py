"""What we refuse and PyJWT takes, by name. A name says: for this alone we refuse, and the other one does not."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeGuard

from tests.forgery.recipe import NOW

from .reading import Part, Reading

LEEWAY: Final = 30  # seconds
MAX_SIZE: Final = 16_384  # bytes
_MAX_NESTING: Final = 32
_FARTHEST: Final = 2**53


@dataclass(frozen=True)
class Difference:
    """``holds`` must be enough for us to refuse: that is tested for every token of which it holds."""

    name: str
    section: str
    why: str
    holds: Callable[[Reading], bool]


def _odd(what: str) -> Callable[[Reading], bool]:
    return lambda reading: any(what in part.odd for part in reading.parts)


def _times(holds: Callable[[Any], bool]) -> Callable[[Reading], bool]:
    def one_of_them(reading: Reading) -> bool:
        return any(
            holds(value) for name in ("exp", "nbf", "iat") if (value := reading.claims.members.get(name)) is not None
        )

    return one_of_them


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _begins_within_a_second(reading: Reading) -> bool:
    begins = [value for name in ("nbf", "iat") if _is_number(value := reading.claims.members.get(name))]
    return any(int(value) <= NOW + LEEWAY < value for value in begins if abs(value) < _FARTHEST)


def _kind(part: Part) -> object:
    """None where no kind is named at all."""
    if "typ" not in part.members:
        return None
    said = part.members["typ"]
    return said.lower().removeprefix("application/") if isinstance(said, str) else repr(said)


def _says(reading: Reading, *names: str) -> bool:
    """Whether one of these claims is there, where ``typ`` does not settle the kind."""
    return _kind(reading.header) != "at+jwt" and any(name in reading.claims.members for name in names)


def _names_another_kind(reading: Reading) -> bool:
    words = {"id", "id_token", "refresh", "refresh_token", "offline", "logout", "logout_token"}
    said = [reading.claims.members.get(name) for name in ("typ", "token_use", "token_type", "type")]
    return _kind(reading.header) != "at+jwt" and any(isinstance(each, str) and each.lower() in words for each in said)


def _speaks_of_itself(reading: Reading) -> bool:
    issuer = reading.claims.members.get("iss")
    return _kind(reading.header) != "at+jwt" and issuer is not None and issuer == reading.claims.members.get("sub")


def _empty_audience(reading: Reading) -> bool:
    audience = reading.claims.members.get("aud")
    return isinstance(audience, list) and "" in audience


def _odd_id(reading: Reading) -> bool:
    members = reading.claims.members
    odd_session = "sid" in members and not (isinstance(members["sid"], str) and members["sid"])
    return odd_session or members.get("jti") == ""


DIFFERENCES: Final = (
    Difference(
        "padding",
        "RFC 7515 section 2",
        "base64url has no padding here; else one token has several texts, and what knows it by its text knows one",
        lambda reading: "=" in reading.token,
    ),
    Difference(
        "another encoding than UTF-8",
        "RFC 7515 section 5.2, RFC 7519 section 7.2",
        "who guesses the encoding may read what nobody else reads; a byte order mark is part of it",
        _odd("no UTF-8"),
    ),
    Difference(
        "half a character",
        "RFC 8259 section 8.2",
        "such a text cannot be written into an answer, a log or a database",
        _odd("half a character"),
    ),
    Difference(
        "a name twice",
        "RFC 7515 section 4, RFC 7519 section 4",
        "two readers could take two different values",
        _odd("a name twice"),
    ),
    Difference(
        "no JSON number",
        "RFC 8259 section 6",
        "NaN, Infinity and what overflows to it compare in odd ways",
        _odd("no JSON number"),
    ),
    Difference(
        "nested too deeply",
        "RFC 8725 section 3.3, RFC 8259 section 9",
        "a reader sets a limit before any work",
        lambda reading: any(part.depth > _MAX_NESTING for part in reading.parts),
    ),
    Difference(
        "too large",
        "RFC 9110 section 15.5",
        "a reader sets a limit before any work",
        lambda reading: len(reading.token) > MAX_SIZE,
    ),
    Difference(
        "a time that is no number",
        "RFC 7519 section 2",
        "a NumericDate is a JSON number, and neither a text nor true",
        _times(lambda value: isinstance(value, str | bool)),
    ),
    Difference(
        "a time beyond all calendars",
        "RFC 7519 section 2",
        "where a float no longer tells one second from the next, no token ends",
        _times(lambda value: _is_number(value) and abs(value) > _FARTHEST),
    ),
    Difference(
        "a beginning within the next second",
        "RFC 7519 sections 4.1.5 and 2",
        "a NumericDate may have a fraction, which is compared as it stands",
        _begins_within_a_second,
    ),
    Difference(
        "a parameter that changes what is signed or how it is read",
        "RFC 7515 section 4.1.11, RFC 7797 section 3, RFC 7516 section 4.1.3",
        "no access token needs crit, b64, zip or enc",
        lambda reading: any(name in reading.header.members for name in ("crit", "b64", "zip", "enc")),
    ),
    Difference(
        "another kind of token by typ",
        "RFC 8725 section 3.11, RFC 9068 section 4",
        "a token that says it is another kind is none for us",
        lambda reading: _kind(reading.header) not in ("at+jwt", "jwt", None),
    ),
    Difference(
        "an ID token",
        "RFC 8725 section 3.12, OpenID Connect Core section 2",
        "it tells a client who has logged in, and is no key to anything",
        lambda reading: _says(reading, "nonce", "at_hash", "c_hash", "s_hash"),
    ),
    Difference(
        "an event or a proof",
        "RFC 8725 section 3.12, RFC 8417 section 2, RFC 9449 section 4.2",
        "security events, logout tokens and proofs of possession are no keys",
        lambda reading: _says(reading, "events", "htm", "htu"),
    ),
    Difference(
        "a kind that is named in the claims",
        "RFC 8725 section 3.12",
        "issuers that write no typ into the header name the kind there",
        _names_another_kind,
    ),
    Difference(
        "a client assertion",
        "RFC 7523 section 3, RFC 8725 section 3.12",
        "the client speaks of itself, to the issuer",
        _speaks_of_itself,
    ),
    Difference(
        "bound to its sender",
        "RFC 7800 section 3, RFC 9449 section 7.2, RFC 8705 section 3",
        "it is never a bearer token: whoever has stolen it could use it",
        lambda reading: "cnf" in reading.claims.members,
    ),
    Difference(
        "an id that is no text",
        "RFC 7519 section 4.1.7",
        "by these a token is withdrawn: what cannot be named cannot be",
        _odd_id,
    ),
    Difference(
        "an empty audience beside ours",
        "RFC 7519 section 4.1.3",
        "each audience is a StringOrURI that somebody can be",
        _empty_audience,
    ),
)


def ends_within_this_second(reading: Reading) -> bool:
    """The one thing that we take and the other one does not: it cuts the fraction off ``exp``, and ends a second early.

    RFC 7519 section 2 allows a fraction, and section 4.1.4 compares it as it stands.
    """
    ends = reading.claims.members.get("exp")
    return _is_number(ends) and abs(ends) < _FARTHEST and int(ends) <= NOW - LEEWAY < ends
