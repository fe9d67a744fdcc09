"""Group A, second part: the challenge, to the letter."""

from typing import Final

from ..must import (
    both,
    does_not_start,
    field,
    forbidden,
    invalid_token,
    keeps_the_token,
    lacks_scope,
    malformed,
    no_credentials,
    parameter,
)
from ..request import PROTECTED, authorization, bearing, get
from ..row import Row, Try
from ..tokens import GOOD, Token, ago

EXPIRED: Final = Token("expired token", {"exp": ago(31)})
STRANGER: Final = Token("token signed by a stranger", key="stranger")
UNKNOWN: Final = Token("token with an unknown key id", header={"kid": "unknown"})
FOREIGN: Final = Token("token for another audience", {"aud": "billing"})
ELSEWHERE: Final = Token("token of another issuer", {"iss": "https://elsewhere.example"})
WITHDRAWN: Final = Token("revoked token", {"jti": "withdrawn"})
_ODD: Final = '"\\\r\nx-injected: 1\r\n\u00e9\U0001f600'
_CARRIERS: Final = tuple(
    Token(f"token whose {place} holds quotes, line breaks and emoji", **{where: {place: _ODD}})  # type: ignore[arg-type]  # by name
    for where, place in (
        ("claims", "iss"),
        ("claims", "aud"),
        ("claims", "scope"),
        ("header", "kid"),
        ("header", "typ"),
        ("header", "alg"),
    )
)

ROWS: Final = (
    Row(
        "A-09",
        "RFC 9110 sections 11.6.1 and 15.5.2, RFC 6750 section 3",
        "Every 401 carries a challenge.",
        (
            Try(get(PROTECTED), no_credentials),
            *(Try(bearing(token), invalid_token) for token in (EXPIRED, STRANGER, UNKNOWN, FOREIGN, ELSEWHERE)),
            Try(get(PROTECTED, authorization("Bearer garbage")), invalid_token),
            Try(bearing(WITHDRAWN), invalid_token, setting="revocations"),
        ),
    ),
    Row(
        "A-10",
        "RFC 6750 section 3",
        "A 403 for a missing scope carries a challenge, too.",
        (Try(bearing(GOOD, "/read"), lacks_scope("read")),),
    ),
    Row(
        "A-11",
        "RFC 6750 section 3.1",
        "Who sent no credentials is not told of an error.",
        (Try(get(PROTECTED), no_credentials), Try(get("/read"), no_credentials), Try(get("/clerks"), no_credentials)),
    ),
    Row(
        "A-13",
        "RFC 6750 section 3.1",
        "A token that is not acceptable is answered 401 with error invalid_token.",
        (
            *(Try(bearing(token), invalid_token) for token in (EXPIRED, STRANGER, UNKNOWN, FOREIGN, ELSEWHERE)),
            Try(get(PROTECTED, authorization("Bearer x.y.z")), invalid_token),
            Try(bearing(WITHDRAWN), invalid_token, setting="revocations"),
        ),
    ),
    Row(
        "A-14",
        "RFC 6750 section 3.1",
        "A 403 for missing scopes names every scope that this operation needs.",
        (
            Try(
                bearing(Token("token with scope read", {"scope": "read"}), "/read-and-write"), lacks_scope("read write")
            ),
            Try(bearing(GOOD, "/read-and-write"), lacks_scope("read write")),
        ),
    ),
    Row(
        "A-16",
        "RFC 6750 section 3",
        "No parameter comes twice in one challenge.",
        (
            Try(get(PROTECTED), no_credentials),
            Try(bearing(EXPIRED), invalid_token),
            Try(get(PROTECTED, authorization("Bearer a b")), malformed),
            Try(bearing(GOOD, "/read-and-write"), lacks_scope("read write")),
        ),
        note="A strict reader takes every challenge apart; it refuses a parameter that comes twice.",
    ),
    Row(
        "A-17",
        "RFC 6750 section 3",
        "Parameters hold only the characters they may hold, whatever a token holds.",
        (
            *(
                Try(bearing(token), both(invalid_token, keeps_the_token))
                for token in _CARRIERS
                if "scope" not in token.words
            ),
            *(Try(bearing(token, "/read"), lacks_scope("read")) for token in _CARRIERS if "scope" in token.words),
            Try(get(PROTECTED), does_not_start, setting="odd-realm"),
        ),
        note="Every text is fixed, comes from the requirement, or is refused when the guard is built.",
    ),
    Row(
        "A-18",
        "RFC 9110 section 11.2",
        "Names of parameters are unique in any letter case, and every value is a token or a quoted string.",
        (
            Try(get(PROTECTED), no_credentials),
            Try(bearing(EXPIRED), invalid_token),
            Try(bearing(GOOD, "/read-and-write"), lacks_scope("read write")),
        ),
    ),
    Row(
        "A-19",
        "RFC 9110 section 11.5",
        "realm is a quoted string.",
        (Try(get(PROTECTED), field("WWW-Authenticate", 'Bearer realm="orders"')),),
        note="The realm is the audience unless another one is named.",
    ),
    Row(
        "A-20",
        "RFC 6750 section 3",
        "The scheme is spelt Bearer, and at least one parameter follows.",
        (
            Try(get(PROTECTED), both(no_credentials, parameter("realm", "orders"))),
            Try(bearing(EXPIRED), both(invalid_token, parameter("realm", "orders"))),
            Try(bearing(GOOD, "/clerks"), both(forbidden, parameter("realm", "orders"))),
        ),
    ),
    Row(
        "A-21",
        "RFC 9110 section 11.6.1",
        "Each challenge has a field line of its own.",
        (
            Try(get(PROTECTED), no_credentials),
            Try(get(PROTECTED, authorization("Basic YTpi")), no_credentials),
            Try(bearing(EXPIRED), invalid_token),
        ),
        note="One scheme is offered, so there is one line with one challenge.",
    ),
)
