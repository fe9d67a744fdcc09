"""Group A, first part: where a token may stand in a request."""

from typing import Final

from ..must import (
    admitted,
    body,
    both,
    field,
    forbidden,
    invalid_token,
    lacks_scope,
    malformed,
    no_credentials,
    no_field,
)
from ..request import PROTECTED, authorization, bearing, get, header, post
from ..row import Row, Try
from ..tokens import GOOD, Token

_FORM: Final = "application/x-www-form-urlencoded"
_EXPIRED: Final = Token("expired token", {"exp": lambda facts: facts.now - 31})

ROWS: Final = (
    Row(
        "A-01",
        "RFC 9110 section 11.1",
        "The name of the scheme is read in any letter case.",
        (
            Try(get(PROTECTED, authorization("bEaReR ", GOOD)), admitted()),
            Try(get(PROTECTED, authorization("bearer ", GOOD)), admitted()),
            Try(get(PROTECTED, authorization("BEARER ", GOOD)), admitted()),
        ),
    ),
    Row(
        "A-02",
        "RFC 6750 section 2.1",
        "Every protected route takes a token from the Authorization field.",
        (Try(bearing(), admitted(subject="alice")), Try(bearing(path="/echo", method="POST"), admitted())),
    ),
    Row(
        "A-03",
        "RFC 6750 section 2.1, RFC 9110 section 11.2",
        "After the scheme and its spaces stands one token68 and nothing else; what breaks this grammar is malformed.",
        (
            Try(get(PROTECTED, authorization("Bearer one two")), malformed),
            Try(get(PROTECTED, authorization('Bearer one"two')), malformed),
            Try(get(PROTECTED, authorization("Bearer")), malformed),
            Try(get(PROTECTED, authorization("Bearer ")), malformed),
            Try(get(PROTECTED, authorization("Bearer\t", GOOD)), malformed),
            Try(get(PROTECTED, authorization("Bearer ", GOOD, ", realm=x")), malformed),
            Try(get(PROTECTED, authorization("Bearer \xe9\xff")), malformed),
            Try(get(PROTECTED, authorization("Bearer a\x00b")), malformed, server_first=("uvicorn", "gunicorn")),
        ),
    ),
    Row(
        "A-04",
        "RFC 6750 section 2.1",
        "More than one space may stand between the scheme and the token.",
        (Try(get(PROTECTED, authorization("Bearer   ", GOOD)), admitted()),),
    ),
    Row(
        "A-05",
        "RFC 6750 sections 2 and 3.1",
        "Who sends a token in two ways, or two tokens in one way, sends a malformed request.",
        (
            Try(get(PROTECTED, authorization("Bearer ", GOOD), authorization("Bearer ", GOOD)), malformed),
            Try(get(PROTECTED, authorization("Bearer ", GOOD), authorization("Basic YTpi")), malformed),
            Try(get(PROTECTED, authorization("Basic YTpi"), authorization("Bearer ", GOOD)), malformed),
            Try(
                get(PROTECTED, authorization("Bearer ", GOOD), query=("access_token=", GOOD)),
                malformed,
                setting="query",
            ),
            Try(
                get(PROTECTED, query=("access_token=", GOOD, "&access_token=", GOOD)),
                malformed,
                setting="query",
            ),
        ),
        note="The body is never a place for tokens, nor is the query unless it is configured: what stands there is the"
        " application's.",
    ),
    Row(
        "A-06",
        "RFC 6750 section 2.3, OAuth 2.1 section 5.1",
        "A token in the query is not taken.",
        (
            Try(get(PROTECTED, query=("access_token=", GOOD)), no_credentials),
            Try(get(PROTECTED, query=("access_token=", GOOD)), admitted(subject="alice"), setting="query"),
            Try(get(PROTECTED, query=("access_token=", _EXPIRED)), invalid_token, setting="query"),
        ),
        decided="It is off, and no token by default. token_in_query_that_leaks_into_logs, whose name says what it costs,"
        " switches it on for old clients that can do nothing else.",
    ),
    Row(
        "A-07",
        "RFC 6750 section 2.2",
        "Tokens in a body count only where forms do, if at all.",
        (
            Try(post("/echo", _FORM, ("access_token=", GOOD)), no_credentials),
            Try(post("/echo", "application/json", ('{"access_token":"', GOOD, '"}')), no_credentials),
            Try(
                post(
                    "/echo",
                    "multipart/form-data; boundary=b",
                    ('--b\r\nContent-Disposition: form-data; name="access_token"\r\n\r\n', GOOD, "\r\n--b--\r\n"),
                ),
                no_credentials,
            ),
        ),
        note="A body is never read for a token, so every such request carries no credentials.",
    ),
    Row(
        "A-08",
        "RFC 6750 section 2.2",
        "Looking for a token leaves the body to the application.",
        (
            Try(
                post("/echo", _FORM, ("access_token=none&a=1",), authorization("Bearer ", GOOD)),
                both(admitted(), body(b"access_token=none&a=1")),
            ),
        ),
    ),
    Row(
        "A-12",
        "RFC 6750 section 3.1",
        "Another scheme is no credentials.",
        (
            Try(get(PROTECTED, authorization("Basic YTpi")), no_credentials),
            Try(get(PROTECTED, authorization("Digest username=a, realm=b")), no_credentials),
            Try(get(PROTECTED, authorization("Negotiate YTpi")), no_credentials),
        ),
    ),
    Row(
        "A-15",
        "RFC 6750 section 3.1",
        "Whether the token is good is decided before what it allows.",
        (
            Try(bearing(_EXPIRED, "/read"), invalid_token),
            Try(bearing(_EXPIRED, "/clerks"), invalid_token),
            Try(bearing(GOOD, "/read"), lacks_scope("read")),
        ),
    ),
    Row(
        "A-32",
        "RFC 6750 section 5.3, RFC 6265bis section 8.8",
        "A token in a cookie comes with a defence against requests that another site makes.",
        (
            Try(get(PROTECTED, header("Cookie", "session=", GOOD)), admitted(subject="alice"), setting="cookie"),
            Try(
                get(
                    "/echo", header("Cookie", "session=", GOOD), header("Origin", "https://evil.example"), method="POST"
                ),
                forbidden,
                setting="cookie",
            ),
            Try(get("/echo", header("Cookie", "session=", GOOD), method="POST"), forbidden, setting="cookie"),
            Try(get(PROTECTED, header("Cookie", "session=", GOOD)), no_credentials),
        ),
        note="Whoever sets the cookie sets it Secure and HttpOnly; this package sets none.",
    ),
    Row(
        "A-25",
        "RFC 6750 section 2.3",
        "Answers to a token in the query say Cache-Control: private.",
        (
            Try(
                get(PROTECTED, query=("access_token=", GOOD)),
                both(admitted(), field("Cache-Control", "private")),
                setting="query",
            ),
            Try(
                get("/cached", query=("access_token=", GOOD)),
                both(admitted(), field("Cache-Control", "max-age=60, private")),
                setting="query",
            ),
            Try(bearing(), both(admitted(), no_field("Cache-Control")), setting="query"),
            Try(
                get("/read", query=("access_token=", GOOD)),
                both(lacks_scope("read"), field("Cache-Control", "no-store")),
                setting="query",
            ),
        ),
        note="Where the switch of A-06 is on. What else the application says stays, but for public; no-store stays alone.",
    ),
)
