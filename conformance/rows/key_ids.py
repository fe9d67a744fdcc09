"""Group B, second part: whose key it is, and how it is found."""

from typing import Final

from ..issuer import Documents, Publish
from ..keys import public_jwk
from ..must import Must, admitted, both, fetched, invalid_token
from ..request import bearing
from ..row import Row, Try
from ..tokens import Token, beside

RS256: Final = Token("RS256 token", key="rsa")
PS256: Final = Token("PS256 token by the RSA key", key="rsa-pss")
_SECOND: Final = {"iss": beside("-second")}


def _second(*names: str) -> Publish:
    def change(documents: Documents) -> None:
        documents.usual()
        documents.beside("-second").keys(
            *(public_jwk(name, kid="ec" if name == "stranger" else name) for name in names)
        )

    return Publish("a second issuer publishes keys of its own", change)


def _asked_only(must: Must) -> Must:
    return both(must, fetched("/issuer/.well-known/openid-configuration", "/issuer/jwks"))


ROWS: Final = (
    Row(
        "B-05",
        "RFC 8725 section 3.1",
        "Which algorithms are allowed is said for each issuer.",
        (
            Try(bearing(), admitted(), setting="two-issuers", issuer=_second("rsa", "ec")),
            Try(bearing(RS256), invalid_token, setting="two-issuers"),
            Try(
                bearing(Token("RS256 token of the second issuer", _SECOND, key="rsa")),
                admitted(),
                setting="two-issuers",
            ),
            Try(bearing(Token("ES256 token of the second issuer", _SECOND)), invalid_token, setting="two-issuers"),
        ),
        note="The first issuer is trusted with ES256, the second with RS256; both publish both keys.",
    ),
    Row(
        "B-24",
        "RFC 8725 section 3.8",
        "A key counts only for the issuer that publishes it.",
        (
            Try(bearing(), admitted(), setting="two-alike", issuer=_second("stranger")),
            Try(
                bearing(Token("token signed by the second issuer, iss the first", key="stranger")),
                invalid_token,
                setting="two-alike",
            ),
            Try(bearing(Token("token of the second issuer", _SECOND, key="stranger")), admitted(), setting="two-alike"),
            Try(
                bearing(Token("token signed by the first issuer, iss the second", _SECOND)),
                invalid_token,
                setting="two-alike",
            ),
        ),
        note="Both issuers use the same key id.",
    ),
    Row(
        "B-25",
        "RFC 8725 section 3.8",
        "A caller is an issuer and a subject together.",
        (
            Try(
                bearing(),
                admitted(subject="alice", issuer="two-alike"),
                setting="two-alike",
                issuer=_second("stranger"),
            ),
            Try(
                bearing(Token("token of the second issuer", _SECOND, key="stranger")),
                admitted(subject="alice", issuer="two-alike-second"),
                setting="two-alike",
            ),
            Try(bearing(Token("token without sub and client_id", {"sub": None, "client_id": None})), invalid_token),
        ),
    ),
    Row(
        "B-27",
        "RFC 8725 section 3.10",
        "kid is looked up among the issuer's keys and used for nothing else; it is short.",
        (
            *(
                Try(bearing(Token(f"token with kid {kid}", header={"kid": kid})), invalid_token)
                for kid in ("../../etc/passwd", "' OR 1=1 --", "http://127.0.0.1/key", "")
            ),
            Try(bearing(Token("token with a kid of 2000 characters", header={"kid": "k" * 2000})), invalid_token),
            Try(bearing(Token("token whose kid is a number", header={"kid": 1})), invalid_token),
        ),
    ),
    Row(
        "B-28",
        "RFC 8725 section 3.10",
        "Keys and addresses of keys in a token's header are not followed.",
        (
            Try(bearing(), _asked_only(admitted()), setting="header-keys"),
            *(
                Try(
                    bearing(Token(f"token of a stranger with {name}", header={name: value}, key="stranger")),
                    _asked_only(invalid_token),
                    setting="header-keys",
                )
                for name, value in (
                    ("jku", beside("/evil")),
                    ("x5u", beside("/evil")),
                    ("jwk", lambda _: public_jwk("stranger")),
                    ("x5c", ["MIIB"]),
                )
            ),
        ),
    ),
)
