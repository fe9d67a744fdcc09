"""Group C: the profile for access tokens (RFC 9068)."""

from typing import Final

from ..must import admitted, forbidden, invalid_token, lacks_scope
from ..request import bearing
from ..row import Row, Try
from ..tokens import GOOD, Token, ago, beside
from .challenges import ELSEWHERE, EXPIRED, FOREIGN, STRANGER, UNKNOWN
from .claims import typ

_CLAIMS: Final = ("iss", "exp", "aud", "sub", "client_id", "iat", "jti")


def _without(name: str) -> Token:
    return Token(f"token without {name}", {name: None})


def _iss(words: str, value: object) -> Try:
    return Try(bearing(Token(f"token whose iss {words}", {"iss": value})), invalid_token)


ROWS: Final = (
    Row(
        "C-01",
        "RFC 9068 section 4",
        "typ is there and is at+jwt.",
        (
            *(Try(bearing(typ(name)), admitted(), "rfc9068") for name in ("at+jwt", "at+JWT", "application/at+jwt")),
            *(Try(bearing(typ(name)), invalid_token, "rfc9068") for name in (None, "JWT", "id+jwt", "dpop+jwt")),
            Try(bearing(typ("JWT")), admitted()),
            Try(bearing(typ(None)), admitted()),
        ),
        note='Met by profile="rfc9068". Most providers write JWT, so by default JWT or no typ pass, and claims tell'
        " other kinds apart (B-30).",
    ),
    Row(
        "C-02",
        "RFC 9068 section 2.2",
        "iss, exp, aud, sub, client_id, iat and jti are all there.",
        (
            Try(bearing(), admitted(), "rfc9068"),
            *(Try(bearing(_without(name)), invalid_token, "rfc9068") for name in _CLAIMS),
            *(Try(bearing(_without(name)), invalid_token) for name in ("iss", "exp", "aud")),
            *(Try(bearing(_without(name)), admitted()) for name in ("client_id", "iat", "jti")),
        ),
        note='Met by profile="rfc9068". By default iss, exp, aud and one of sub and client_id are demanded.',
    ),
    Row(
        "C-03",
        "RFC 9068 section 4",
        "iss is the issuer that is trusted, code point for code point.",
        (
            _iss("ends with a slash", beside("/")),
            _iss("is written in capitals", lambda facts: facts.issuer.upper()),
            _iss("begins like the issuer", beside("x")),
            _iss("is percent-encoded", lambda facts: facts.issuer.replace("/default", "/%64efault")),
            _iss("is a list of the issuer", lambda facts: [facts.issuer]),
        ),
    ),
    Row(
        "C-04",
        "RFC 9068 section 4",
        "A token for a sibling of this service, by the same issuer and key, is refused.",
        (
            Try(bearing(Token("token for billing", {"aud": "billing"})), invalid_token),
            Try(bearing(Token("token for the client that asks", {"aud": "web"})), invalid_token),
        ),
    ),
    Row(
        "C-05",
        "RFC 9068 section 4",
        "The signature is verified with a key of this issuer and the algorithm of the header, never none.",
        (
            *(
                Try(bearing(Token(f"{name} token", key=key)), admitted())
                for name, key in (("ES256", "ec"), ("RS256", "rsa"))
            ),
            Try(bearing(STRANGER), invalid_token),
            Try(bearing(UNKNOWN), invalid_token),
            Try(bearing(Token("unsigned token", key="nobody")), invalid_token),
        ),
    ),
    Row(
        "C-06",
        "RFC 9068 section 4",
        "Now is before exp, give or take a few minutes at most.",
        (
            Try(bearing(Token("token that expires in a second", {"exp": ago(-1)})), admitted()),
            Try(bearing(Token("token that expires now", {"exp": ago(0)})), admitted()),
            Try(bearing(Token("token that expired 29 seconds ago", {"exp": ago(29)})), admitted()),
            Try(bearing(Token("token that expired 30 seconds ago", {"exp": ago(30)})), invalid_token),
        ),
        note="With the leeway of 30 seconds that is the default.",
    ),
    Row(
        "C-07",
        "RFC 9068 section 4",
        "Where encryption was agreed, a token that is not encrypted is refused.",
        planned="JWE",
    ),
    Row(
        "C-08",
        "RFC 9068 section 4",
        "Every such failure is reported as invalid_token.",
        tuple(
            Try(bearing(token), invalid_token)
            for token in (
                EXPIRED,
                STRANGER,
                UNKNOWN,
                FOREIGN,
                ELSEWHERE,
                typ("id+jwt"),
                _without("exp"),
                _without("aud"),
            )
        ),
    ),
    Row(
        "C-09",
        "RFC 9068 sections 2.2.3 and 4",
        "What was delegated is read from scope, one text with names between spaces.",
        (
            Try(bearing(Token("token with scope write read", {"scope": "write read"}), "/read"), admitted()),
            Try(bearing(Token("token with scope readall", {"scope": "readall"}), "/read"), lacks_scope("read")),
            Try(
                bearing(Token("token with scope read and a tab", {"scope": "read\twrite"}), "/read"),
                lacks_scope("read"),
            ),
            Try(bearing(Token("token with scope [read]", {"scope": ["read"]}), "/read"), admitted()),
            Try(bearing(Token("token with scope [read write]", {"scope": ["read write"]}), "/read"), admitted()),
            Try(bearing(Token("token with scope [readall]", {"scope": ["readall"]}), "/read"), lacks_scope("read")),
        ),
        decided="A list of such texts is read as well, for many providers write it so; each name is compared whole.",
    ),
    Row(
        "C-10",
        "RFC 9068 section 2.2.3.1, RFC 7643 section 4.1.2",
        "roles, groups and entitlements are read under these names, as texts or as objects with a value.",
        (
            Try(bearing(Token("token with roles [clerk]", {"roles": ["clerk"]}), "/clerks"), admitted()),
            Try(bearing(Token("token with groups [staff]", {"groups": ["staff"]}), "/staff"), admitted()),
            Try(
                bearing(
                    Token("token with groups as objects", {"groups": [{"value": "staff", "display": "All"}]}), "/staff"
                ),
                admitted(),
            ),
            Try(
                bearing(
                    Token("token with roles as objects", {"roles": [{"value": "clerk", "primary": True}]}), "/clerks"
                ),
                admitted(),
            ),
            Try(
                bearing(
                    Token("token with the group as a display name", {"groups": [{"value": "7", "display": "staff"}]}),
                    "/staff",
                ),
                forbidden,
            ),
            Try(
                bearing(Token("token with entitlements [premium]", {"entitlements": ["premium"]}), "/premium"),
                admitted(),
            ),
            Try(bearing(Token("token with entitlements []", {"entitlements": []}), "/premium"), forbidden),
        ),
        note='Entitlements are asked for by claim("entitlements", ...).',
    ),
    Row(
        "C-11",
        "RFC 9068 section 4",
        "A genuine caller who lacks a role is answered 403, not told that the token is bad.",
        (
            Try(bearing(GOOD, "/clerks"), forbidden),
            Try(bearing(GOOD, "/staff"), forbidden),
            Try(bearing(GOOD, "/close"), forbidden),
        ),
    ),
    Row(
        "C-12",
        "RFC 9068 sections 2.2 and 5, RFC 9700 section 4.15",
        "A machine that calls in its own name is told from a user.",
        (
            Try(bearing(), admitted(subject="alice", kind="user")),
            Try(
                bearing(Token("token whose sub is its client", {"sub": "robot", "client_id": "robot"})),
                admitted(subject="robot", kind="machine"),
            ),
            Try(
                bearing(Token("token without sub", {"sub": None, "client_id": "robot"})),
                admitted(subject="client:robot", kind="machine"),
            ),
            Try(
                bearing(Token("token of a client that is called alice", {"sub": "alice", "client_id": "alice"})),
                admitted(subject="alice", kind="machine"),
            ),
        ),
    ),
)
