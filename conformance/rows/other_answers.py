"""Group A, third part: what else an answer must and must not say."""

from typing import Final

from ..issuer import Answer, Documents, Publish
from ..must import (
    admitted,
    body,
    both,
    closed,
    does_not_start,
    field,
    forbidden,
    invalid_token,
    keeps_the_token,
    lacks_scope,
    no_credentials,
    parameter,
    refused,
    status,
    unavailable,
)
from ..request import PROTECTED, authorization, bearing, get, header, websocket
from ..row import Row, Try
from ..tokens import GOOD, Token, ahead
from .challenges import ELSEWHERE, EXPIRED, FOREIGN, STRANGER, UNKNOWN

_ORIGIN: Final = header("Origin", "https://app.example")
_SHORT: Final = Token("token for half a second", {"exp": ahead(0.5)})
_WANTS: Final = header("Access-Control-Request-Method", "GET")


def _down(documents: Documents) -> None:
    for path in ("/.well-known/openid-configuration", "/jwks"):
        documents.put(path, Answer(b"", 500))


DOWN: Final = Publish("the issuer answers 500", _down)

ROWS: Final = (
    Row(
        "A-23",
        "RFC 6750 section 3",
        "An error may be explained at a page that error_uri names.",
        (
            Try(
                bearing(EXPIRED),
                both(invalid_token, parameter("error_uri", "https://docs.example/token_expired")),
                "explained",
            ),
            Try(get(PROTECTED), no_credentials, "explained"),
            Try(get(PROTECTED), does_not_start, "page-without-host"),
            Try(get(PROTECTED), does_not_start, "page-with-quotes"),
        ),
        note="By Guard(error_uri=...), whose {code} stands for the reason code.",
    ),
    Row(
        "A-24",
        "RFC 6750 section 5.3, RFC 9700 section 4.9",
        "No token and no part of one stands in an answer or in the log.",
        (
            *(Try(bearing(token), both(invalid_token, keeps_the_token)) for token in (EXPIRED, STRANGER, UNKNOWN)),
            *(Try(bearing(token), both(invalid_token, keeps_the_token)) for token in (FOREIGN, ELSEWHERE)),
            Try(bearing(GOOD, "/read"), both(lacks_scope("read"), keeps_the_token)),
            Try(
                get(PROTECTED, authorization("Bearer ", GOOD, " x")),
                both(refused(400, "invalid_request"), keeps_the_token),
            ),
            Try(bearing(), both(unavailable, keeps_the_token), setting="outage-and-log", issuer=DOWN),
        ),
        note="The log is read down to DEBUG.",
    ),
    Row(
        "A-26",
        "RFC 9111 section 3.5",
        "Refusals are kept by no cache; what the application says of its own answers stays.",
        (
            Try(get(PROTECTED), both(no_credentials, field("Cache-Control", "no-store"))),
            Try(bearing(EXPIRED), both(invalid_token, field("Cache-Control", "no-store"))),
            Try(bearing(GOOD, "/read"), both(lacks_scope("read"), field("Cache-Control", "no-store"))),
            Try(bearing(GOOD, "/clerks"), both(forbidden, field("Cache-Control", "no-store"))),
            Try(bearing(GOOD, "/cached"), both(admitted(), field("Cache-Control", "max-age=60"))),
        ),
    ),
    Row(
        "A-27",
        "RFC 9110 section 9.3.2",
        "HEAD is answered like GET, without a body.",
        (
            Try(get(PROTECTED, method="HEAD"), both(no_credentials, body(b""))),
            Try(bearing(EXPIRED, method="HEAD"), both(invalid_token, body(b""))),
            Try(bearing(GOOD, "/read", "HEAD"), both(lacks_scope("read"), body(b""))),
            Try(bearing(method="HEAD"), both(admitted(), body(b""))),
        ),
    ),
    Row(
        "A-28",
        "Fetch standard section 4.8, RFC 9449 section 7.1",
        "A CORS preflight, which carries no credentials, is not challenged; every other OPTIONS is.",
        (
            Try(get("/cors", _ORIGIN, _WANTS, method="OPTIONS"), status(200)),
            Try(get("/cors", method="OPTIONS"), no_credentials),
            Try(get("/cors", _ORIGIN, _WANTS), no_credentials),
            Try(get(PROTECTED, _ORIGIN, _WANTS, method="OPTIONS"), status(200), setting="cors"),
            Try(get(PROTECTED, method="OPTIONS"), no_credentials),
            Try(get(PROTECTED, _ORIGIN, method="OPTIONS"), no_credentials),
            Try(get(PROTECTED, _WANTS, method="OPTIONS"), no_credentials),
            Try(get(PROTECTED, _ORIGIN, _WANTS), no_credentials),
        ),
    ),
    Row(
        "A-29",
        "RFC 9449 sections 7.1 and 8",
        "Scripts of another origin may read the challenge.",
        (
            Try(
                get(PROTECTED, _ORIGIN),
                both(no_credentials, field("Access-Control-Expose-Headers", "WWW-Authenticate")),
                setting="cors",
            ),
        ),
        decided="CORS belongs to the application's CORS middleware, which stands outside of the guard and is told to expose"
        " WWW-Authenticate; refusals pass through it.",
    ),
    Row(
        "A-30",
        "RFC 9110 section 15.5.4",
        "A resource may be hidden by 404 from callers who may not know of it.",
        (
            Try(bearing(GOOD, "/hidden"), both(status(404), body(b"there is nothing here"))),
            Try(bearing(Token("token of a clerk", {"roles": ["clerk"]}), "/hidden"), admitted()),
        ),
        decided="The application answers its own 404 after a look at the principal; it passes untouched. A switch on"
        " requirements would hide mistakes in them as well.",
    ),
    Row(
        "A-31",
        "RFC 9110 section 15.6.4",
        "Where nothing can be decided, because keys are out of reach, the answer is 503 and blames no token.",
        (
            Try(bearing(), unavailable, setting="outage", issuer=DOWN),
            Try(get(PROTECTED), no_credentials, setting="outage"),
        ),
    ),
    Row(
        "A-33",
        "ASGI specification, RFC 6455 section 7.4",
        "A WebSocket is authenticated before it is accepted, and closed when its token expires.",
        (
            Try(websocket(PROTECTED), no_credentials),
            Try(websocket(PROTECTED, authorization("Bearer ", EXPIRED)), invalid_token),
            Try(websocket(PROTECTED, denial=False), closed(1008)),
            Try(websocket(PROTECTED, authorization("Bearer ", GOOD)), both(status(101), closed(1000))),
            Try(
                websocket("/stays", authorization("Bearer ", _SHORT)),
                both(status(101), closed(3000)),
                setting="no-leeway",
            ),
            Try(
                bearing(_SHORT, "/events"),
                both(status(200, "200, and the stream ends"), field("Content-Type", "text/event-stream")),
                setting="no-leeway",
            ),
        ),
        note="A server without denial responses closes with 1008, which it turns into a 403. Streams of events end with"
        " the token where the application asks for it: until_expiry(...).",
    ),
)
