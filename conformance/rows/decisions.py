"""Group F, first part: what a genuine caller may do."""

from typing import Final

from ..must import admitted, forbidden, invalid_token, lacks_scope, no_credentials
from ..request import bearing, get
from ..row import Row, Try
from ..tokens import GOOD, Token
from .challenges import EXPIRED

_READ: Final = Token("token with scope read", {"scope": "read"})


def _scoped(scope: str) -> Token:
    return Token(f"token with scope {scope}", {"scope": scope})


def _acting(*chain: str, scope: str | None = None) -> Token:
    act: dict[str, object] = {}
    for name in reversed(chain):
        act = {"sub": name, "act": act} if act else {"sub": name}
    said = "" if scope is None else f" with scope {scope}"
    return Token(f"token of alice by {' for '.join(chain)}{said}", {"act": act, **({"scope": scope} if scope else {})})


def _details(type_: str, action: str) -> Token:
    details = [{"type": "account", "actions": ["read"]}, {"type": type_, "actions": [action]}]
    return Token(f"token with authorization to {action} a {type_}", {"authorization_details": details})


ROWS: Final = (
    Row(
        "F-01",
        "OAuth 2.1 sections 5 and 5.2",
        "Every request is judged; a route that says nothing of itself is closed.",
        (
            Try(get("/nobody-said-anything-of-this"), no_credentials),
            Try(get("/public"), admitted(subject="")),
            Try(bearing(EXPIRED, "/public"), invalid_token),
        ),
    ),
    Row(
        "F-02",
        "RFC 6749 section 3.3",
        "Scopes are compared whole, in any order and with their letter case.",
        (
            *(Try(bearing(_scoped(scope), "/read"), admitted()) for scope in ("read", "write read")),
            *(
                Try(bearing(_scoped(scope), "/read"), lacks_scope("read"))
                for scope in ("Read", "readall", "read:all", "re ad")
            ),
        ),
    ),
    Row(
        "F-03",
        "RFC 6749 section 3.3",
        "Whether all or any of several are needed is visible; without a word all are.",
        (
            Try(bearing(_READ, "/read-and-write"), lacks_scope("read write")),
            Try(bearing(_scoped("write read"), "/read-and-write"), admitted()),
        ),
    ),
    Row(
        "F-04",
        "MCP authorization 2026-07-28, runtime scope errors",
        "A wider scope holds the narrower ones, and a challenge still names the narrow one.",
        (
            *(Try(bearing(_scoped(scope), "/read-by-rank"), admitted()) for scope in ("admin", "write", "read")),
            Try(bearing(_scoped("other"), "/read-by-rank"), lacks_scope("read")),
            *(
                Try(bearing(_scoped(scope), "/read"), admitted(), "scope-hierarchy")
                for scope in ("admin", "write", "read")
            ),
            Try(bearing(_scoped("other"), "/read"), lacks_scope("read"), "scope-hierarchy"),
            Try(bearing(_scoped("admin"), "/read"), lacks_scope("read")),
        ),
        note="The mapping of the issuer says it, or the route: the narrow scope first, the wider ones as alternatives.",
    ),
    Row(
        "F-05",
        "RFC 9068 section 4",
        "Roles, groups, entitlements, permissions and scopes are different things.",
        (
            Try(bearing(_scoped("clerk staff orders.close"), "/clerks"), forbidden),
            Try(bearing(_scoped("clerk staff orders.close"), "/staff"), forbidden),
            Try(bearing(_scoped("clerk staff orders.close"), "/close"), forbidden),
            Try(bearing(Token("token with group clerk", {"groups": ["clerk"]}), "/clerks"), forbidden),
            Try(bearing(Token("token with role read", {"roles": ["read"]}), "/read"), lacks_scope("read")),
        ),
    ),
    Row(
        "F-06",
        "RFC 8693 section 4.1",
        "Of a chain of actors only the outermost counts.",
        (
            Try(bearing(_acting("b", "a"), "/for-b"), admitted()),
            Try(bearing(_acting("b", "a"), "/for-a"), forbidden),
            Try(bearing(GOOD, "/for-b"), forbidden),
        ),
    ),
    Row(
        "F-07",
        "least privilege",
        "Who acts for a user may do what both may do, never what one of them may.",
        (
            Try(bearing(_acting("b", scope="read"), "/read-for-b"), admitted()),
            Try(bearing(_acting("c", scope="read"), "/read-for-b"), forbidden),
            Try(bearing(_acting("c", "b", scope="read"), "/read-for-b"), forbidden),
            Try(bearing(_acting("b", scope="other"), "/read-for-b"), lacks_scope("read")),
            Try(bearing(_scoped("read"), "/read-for-b"), forbidden),
        ),
        note="The route demands both: what the user was granted, and who acts.",
    ),
    Row(
        "F-15",
        "RFC 9396 sections 2 and 6",
        "What a token says in authorization_details can be demanded.",
        (
            Try(bearing(_details("payment", "initiate"), "/pay"), admitted()),
            Try(bearing(_details("payment", "read"), "/pay"), forbidden),
            Try(bearing(_details("invoice", "initiate"), "/pay"), forbidden),
            Try(bearing(GOOD, "/pay"), forbidden),
        ),
        decided="What the entries mean is each service's own, so there is no requirement ready-made: the application"
        " subclasses Requirement, in a dozen lines here.",
    ),
    Row(
        "F-20",
        "RFC 9700 sections 2.3 and 4.10.2",
        "A token may be refused for one object, by the caller and the parameters of the route.",
        (
            Try(bearing(GOOD, "/objects/alice"), admitted()),
            Try(bearing(GOOD, "/objects/bob"), forbidden),
        ),
    ),
)
