"""Group B, fifth part: what the claims and the kind of a token must be."""

from typing import Final

from ..must import admitted, invalid_token
from ..request import bearing
from ..row import Row, Try
from ..tokens import Token, ago, ahead, beside


def _aud(words: str, value: object) -> Token:
    return Token(f"token with {words}", {"aud": value})


def typ(value: str | None) -> Token:
    return Token("token without typ" if value is None else f"token with typ {value}", header={"typ": value})


_BACKCHANNEL: Final[dict[str, object]] = {"http://schemas.openid.net/event/backchannel-logout": {}}
_SESSION_REVOKED: Final[dict[str, object]] = {"https://schemas.openid.net/secevent/caep/event-type/session-revoked": {}}
# each with the media type that its specification names, and with none, where only claims tell
_OTHERS: Final[tuple[tuple[str, dict[str, object], str | None], ...]] = (
    ("ID token", {"nonce": "n"}, "JWT"),
    ("ID token with at_hash", {"at_hash": "h"}, None),
    ("ID token with c_hash", {"c_hash": "h"}, None),
    ("logout token", {"events": _BACKCHANNEL, "exp": ahead(60)}, "logout+jwt"),
    ("logout token without typ", {"events": _BACKCHANNEL}, None),
    ("security event token", {"events": _SESSION_REVOKED}, "secevent+jwt"),
    ("security event token that says JWT", {"events": _SESSION_REVOKED}, "JWT"),
    ("DPoP proof", {"htm": "GET", "htu": "https://api.example/"}, "dpop+jwt"),
    ("DPoP proof that says JWT", {"htm": "GET", "htu": "https://api.example/"}, "JWT"),
    ("refresh token by claim typ", {"typ": "Refresh"}, "JWT"),
    ("refresh token by claim token_use", {"token_use": "refresh"}, "JWT"),
    ("refresh token by claim token_type", {"token_type": "refresh"}, "JWT"),
    ("client assertion", {}, "client-authentication+jwt"),
    ("client assertion without typ", {"sub": beside("")}, None),
    ("transaction token", {"txn": "1", "req_wl": "w"}, "txntoken+jwt"),
    ("signed introspection answer", {"token_introspection": {"active": True}}, "token-introspection+jwt"),
    ("workload identity token", {}, "wit+jwt"),
)

ROWS: Final = (
    Row(
        "B-26",
        "RFC 8725 section 3.9, RFC 7519 section 4.1.3",
        "aud names this service, as a text or in a list; without it a token is for nobody.",
        (
            Try(bearing(_aud("aud orders", "orders")), admitted()),
            Try(bearing(_aud("aud [billing, orders]", ["billing", "orders"])), admitted()),
            *(
                Try(bearing(_aud(words, value)), invalid_token)
                for words, value in (
                    ("no aud", None),
                    ("aud billing", "billing"),
                    ("aud [billing]", ["billing"]),
                    ("aud []", []),
                    ("an empty aud", ""),
                    ("aud 7", 7),
                    ("aud orders and more", "orders and more"),
                    ("aud Orders", "Orders"),
                    ("aud [orders, 7]", ["orders", 7]),
                )
            ),
        ),
    ),
    Row(
        "B-29",
        "RFC 8725 section 3.11, RFC 7515 section 4.1.9",
        "typ is a media type: application/ may be left out, letter case does not matter, and another one is refused.",
        (
            *(Try(bearing(typ(name)), admitted(), "rfc9068") for name in ("at+jwt", "AT+JWT", "application/at+jwt")),
            *(
                Try(bearing(typ(name)), invalid_token, "rfc9068")
                for name in ("jwt", "JWT", "id+jwt", "text/at+jwt", None)
            ),
            *(Try(bearing(typ(name)), admitted()) for name in ("at+jwt", "Application/AT+JWT", "JWT", "jwt", None)),
            *(Try(bearing(typ(name)), invalid_token) for name in ("id+jwt", "text/at+jwt", "at+jwt ", "")),
        ),
        note='Met by profile="rfc9068". By default JWT or no typ pass as well, and claims tell other kinds apart (B-30).',
    ),
    Row(
        "B-30",
        "RFC 8725 section 3.12",
        "Other kinds of token from the same issuer are no access tokens.",
        (
            *(Try(bearing(Token(words, claims, {"typ": kind})), invalid_token) for words, claims, kind in _OTHERS),
            Try(bearing(Token("ID token", {"nonce": "n"}, {"typ": "JWT"})), admitted(), "id-tokens"),
            Try(
                bearing(Token("refresh token by claim typ", {"typ": "Refresh"}, {"typ": "JWT"})),
                invalid_token,
                "id-tokens",
            ),
        ),
        note="By typ where it says the kind, else by claims that only the other kind has. Where callers really send ID"
        " tokens, accept_id_tokens=True takes these, and no other kind.",
    ),
    Row(
        "B-37",
        "RFC 7519 sections 4.1.4 and 4.1.5",
        "A token counts before exp and from nbf on, give or take a small leeway.",
        (
            Try(bearing(Token("token that expired 25 seconds ago", {"exp": ago(25)})), admitted()),
            Try(bearing(Token("token that expired 30 seconds ago", {"exp": ago(30)})), invalid_token),
            Try(bearing(Token("token that counts in 30 seconds", {"nbf": ahead(30)})), admitted()),
            Try(bearing(Token("token that counts in 31 seconds", {"nbf": ahead(31)})), invalid_token),
            Try(bearing(Token("token that expires now", {"exp": ago(0)})), invalid_token, "no-leeway"),
            Try(bearing(Token("token that expires in a second", {"exp": ahead(1)})), admitted(), "no-leeway"),
            Try(bearing(Token("token that counts in a second", {"nbf": ahead(1)})), invalid_token, "no-leeway"),
            Try(bearing(Token("token without exp", {"exp": None})), invalid_token),
        ),
        note="The leeway is 30 seconds by default and 300 at most.",
    ),
    Row(
        "B-38",
        "FAPI 2.0 Security Profile section 5.3.2.1",
        "iat and nbf a few seconds ahead are a clock's fault; more than a minute ahead is refused.",
        tuple(
            Try(bearing(Token(f"token with {name} {seconds} seconds ahead", {name: ahead(seconds)})), must)
            for name in ("iat", "nbf")
            for seconds, must in ((5, admitted()), (61, invalid_token))
        ),
    ),
    Row(
        "B-39",
        "RFC 7519 section 4.1.6",
        "A service may refuse tokens that were issued too long ago.",
        (
            Try(bearing(Token("token of ten minutes ago", {"iat": ago(600)})), invalid_token, "max-age"),
            Try(bearing(Token("token of four minutes ago", {"iat": ago(240)})), admitted(), "max-age"),
            Try(bearing(Token("token without iat", {"iat": None})), invalid_token, "max-age"),
        ),
    ),
    Row(
        "B-40",
        "RFC 7519 section 4, RFC 7800 section 3.1",
        "Claims that nobody knows are ignored; one that binds the token to its sender is not.",
        (
            Try(
                bearing(Token("token with claims that nobody knows", {"x": 1, "https://a.example/y": {"z": []}})),
                admitted(),
            ),
            Try(
                bearing(Token("token with cnf jkt", {"cnf": {"jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}})),
                invalid_token,
            ),
            Try(bearing(Token("token with cnf x5t#S256", {"cnf": {"x5t#S256": "AAAA"}})), invalid_token),
            Try(bearing(Token("token with an unknown cnf", {"cnf": {"new": 1}})), invalid_token),
            Try(bearing(Token("token with an empty cnf", {"cnf": {}})), invalid_token),
        ),
    ),
)
