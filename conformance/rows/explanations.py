"""Group F, second part: how a no is explained."""

from typing import Final

from jwt_middleware.errors import REASONS

from ..must import body, both, forbidden, invalid_token, lacks_scope, no_credentials, problem, unavailable
from ..request import PROTECTED, bearing, get, header
from ..row import Row, Try
from ..tokens import GOOD
from .challenges import EXPIRED, FOREIGN
from .other_answers import DOWN

ROWS: Final = (
    Row(
        "F-08",
        "RFC 9470 section 3",
        "A login that is too weak or too old is answered 401 with an error of its own.",
        planned="step-up",
    ),
    Row(
        "F-09",
        "RFC 9470 section 3",
        "The challenge names the strengths that would do, and how old a login may be.",
        planned="step-up",
    ),
    Row(
        "F-10",
        "RFC 9470 section 3",
        "Scopes that are missing besides stand in the same challenge.",
        planned="step-up",
    ),
    Row(
        "F-11",
        "RFC 9470 section 6.1",
        "How old a login is comes from auth_time, not from when the token was issued.",
        planned="step-up",
    ),
    Row(
        "F-12",
        "RFC 9470 section 6",
        "A token that says nothing of the login is not enough where it matters.",
        planned="step-up",
    ),
    Row(
        "F-16",
        "RFC 9457 section 3",
        "A body that explains a refusal is a problem document, whose status is the real one.",
        (
            Try(get(PROTECTED), both(no_credentials, problem(code="token_missing"))),
            Try(bearing(EXPIRED), both(invalid_token, problem(code="token_expired"))),
            Try(bearing(GOOD, "/read"), both(lacks_scope("read"), problem(code="requirement_not_met"))),
            Try(bearing(GOOD, "/clerks"), both(forbidden, problem(code="requirement_not_met"))),
            Try(bearing(), both(unavailable, problem(code="keys_unavailable")), "outage-explained", DOWN),
        ),
    ),
    Row(
        "F-17",
        "RFC 9457 section 3.1",
        "type is a URI that is stable for each problem, title is constant, and detail holds nothing internal.",
        (
            Try(
                bearing(EXPIRED),
                both(invalid_token, problem(type="https://docs.example/token_expired", title="Unauthorized")),
                "explained",
            ),
            Try(
                bearing(GOOD, "/clerks"),
                both(forbidden, problem(type="https://docs.example/requirement_not_met", title="Forbidden")),
                "explained",
            ),
            Try(bearing(EXPIRED), both(invalid_token, problem(type="about:blank", title="Unauthorized"))),
            Try(bearing(FOREIGN), both(invalid_token, problem(detail=REASONS["audience_mismatch"]))),
        ),
        note="type is a page of the service's own where Guard(error_uri=...) names one, else about:blank; code is stable"
        " either way. detail is a fixed sentence.",
    ),
    Row(
        "F-18",
        "RFC 9457 section 3.2",
        "The body mirrors the challenge, which stays what counts.",
        (
            Try(bearing(EXPIRED), both(invalid_token, problem(error="invalid_token"))),
            Try(
                bearing(GOOD, "/read-and-write"),
                both(lacks_scope("read write"), problem(error="insufficient_scope", scope="read write")),
            ),
            Try(bearing(GOOD, "/clerks"), both(forbidden, problem(error=None, scope=None, missing=["role clerk"]))),
        ),
    ),
    Row(
        "F-19",
        "RFC 9110 section 12.5.1",
        "Whatever the caller would like to read, the challenge is there.",
        (
            *(
                Try(get(PROTECTED, header("Accept", kind)), both(no_credentials, problem(code="token_missing")))
                for kind in ("text/html", "application/json", "image/png", "*/*;q=0")
            ),
            Try(bearing(EXPIRED), both(invalid_token, body(b"the token has expired")), "plain-text"),
            Try(
                bearing(EXPIRED),
                both(invalid_token, body(b'{"detail": "the token has expired", "code": "token_expired"}')),
                "detail-and-code",
            ),
        ),
        note="There is no redirect to a page for logging in. Guard(refusal_body=...) chooses another body for a service.",
    ),
)
