"""Tokens that are not acceptable, and keys that are out of reach."""

from typing import Any, Final

from ..table import Applications
from ..tokens import NOW, Clock, Rotating, forged, guard_for, mint
from .answers import anonymous, invalid, ran, refused
from .rows import EXPIRED, GOOD, bearing, case, get, row


@case("a token that is revoked between two requests is refused at the second")
def _revoked_meanwhile(applications: Applications) -> None:
    from jwt_middleware import Guard

    guard = guard_for(revoked=("other",))
    assert isinstance(guard, Guard)
    built = applications.fresh(guard=guard)
    token = mint(jti="soon")
    ran("/private")(applications.sent(built, bearing("/private", token)))
    store: Any = guard._authenticator._revocations
    store.revoke_token("https://issuer.example", "soon", until=NOW + 1000)
    invalid("token_revoked")(applications.sent(built, bearing("/private", token)))


@case("a token that expires between two requests is refused at the second")
def _expired_meanwhile(applications: Applications) -> None:
    clock = Clock()
    built = applications.fresh(clock=clock)
    ran("/private")(applications.sent(built, bearing("/private", GOOD)))
    clock.now += 310
    ran("/private")(applications.sent(built, bearing("/private", GOOD)))  # within the leeway
    clock.now += 30
    invalid("token_expired")(applications.sent(built, bearing("/private", GOOD)))


@case("a token whose key is withdrawn between two requests is refused at the second")
def _withdrawn_meanwhile(applications: Applications) -> None:
    keys = Rotating()
    built = applications.fresh(keys=keys)
    ran("/private")(applications.sent(built, bearing("/private", GOOD)))
    keys.rotate()
    ran("/private")(applications.sent(built, bearing("/private", mint(by_stranger=True, header={"kid": "two"}))))
    invalid("key_unknown")(applications.sent(built, bearing("/private", GOOD)))


@case("a token is remembered for one guard alone")
def _one_guard_alone(applications: Applications) -> None:
    orders, billing = applications.fresh(), applications.fresh(audience="billing")
    for _ in range(2):
        ran("/private")(applications.sent(orders, bearing("/private", GOOD)))
        answer = applications.sent(billing, bearing("/private", GOOD))
        assert answer.status == 401 and answer.header("www-authenticate").startswith(
            'Bearer realm="billing", error="invalid_token"'
        )


@case("a tampered copy of a token that was just seen is refused")
def _tampered(applications: Applications) -> None:
    ran("/private")(applications.send(bearing("/private", GOOD)))
    head, body, signature = GOOD.split(".")
    other = mint("mallory").split(".")[1]
    invalid("signature_invalid")(applications.send(bearing("/private", f"{head}.{other}.{signature}")))
    flipped = ("A" if signature[5] != "A" else "B").join((signature[:5], signature[6:]))
    invalid("signature_invalid")(applications.send(bearing("/private", f"{head}.{body}.{flipped}")))


# one row, one line: it is a table
# fmt: off
ROWS: Final = (
    *(
        row(f"{title} is 401 invalid_token", bearing("/private", token), invalid(code))
        for title, token, code in (
            ("garbage", "x.y.z", "token_malformed"),
            ("a JWT of two segments", "eyJhbGciOiJub25lIn0.e30", "token_malformed"),
            ("an expired token", EXPIRED, "token_expired"),
            ("a token of the future", mint(nbf=NOW + 60), "token_not_yet_valid"),
            ("a token for another audience", mint(aud="billing"), "audience_mismatch"),
            ("a token of another issuer", mint(iss="https://elsewhere.example"), "issuer_untrusted"),
            ("a token that a stranger signed", mint(by_stranger=True), "signature_invalid"),
            ("a token with an unknown key id", mint(header={"kid": "two"}), "key_unknown"),
            ("an unsigned token", forged({"alg": "none"}, {"iss": "https://issuer.example"}, b""), ""),
            ("a token that says HS256", forged({"alg": "HS256", "kid": "one"}, {}), "algorithm_refused"),
            ("a token without an expiry", mint(exp=None), "claim_missing"),
            ("a token that names nobody", mint(None), "claim_missing"),
            ("an ID token", mint(nonce="n"), "kind_refused"),
            ("a sender-bound token", mint(cnf={"jkt": "x"}), "sender_bound"),
            ("a token with a chain of actors that nobody can read", mint(act={"sub": "inventory", "act": "orders"}), "claim_malformed"),
            ("a token that is too large", mint(filler="x" * 20_000), "token_too_large"),
        )
    ),
    row("an invalid token is refused on a public route", bearing("/public", "x.y.z"), invalid("token_malformed")),
    row("an expired token is refused on a public route", bearing("/public", EXPIRED), invalid("token_expired")),
    row("an expired token is nobody on an unguarded route", bearing("/unguarded", EXPIRED), ran("/unguarded", "anonymous")),
    row("an expired token is refused on a public path", bearing("/public-path", EXPIRED), invalid("token_expired")),
    row("an expired token is nobody on an unguarded path", bearing("/unguarded-path", EXPIRED), ran("/unguarded-path", "anonymous")),
    row("a bad token on an unknown path is 401", bearing("/unknown", EXPIRED), invalid("token_expired"), "in front"),
    row("a revoked token is 401", bearing("/private", mint(jti="gone")), invalid("token_revoked"), revoked=("gone",)),
    row("a token that is not revoked passes", bearing("/private", mint(jti="here")), ran("/private"), revoked=("gone",)),
    _revoked_meanwhile,
    _expired_meanwhile,
    _withdrawn_meanwhile,
    _one_guard_alone,
    _tampered,
    *(
        row(f"keys out of reach are 503{title}", exchange, refused(503, "keys_unavailable"), *needs, out_of_reach=True)
        for title, exchange, needs in (
            ("", bearing("/private", GOOD), ()),
            (" on a public route", bearing("/public", GOOD), ()),
            (" on a public path", bearing("/public-path", GOOD), ()),
            (" on an unknown path", bearing("/unknown", GOOD), ("in front",)),
        )
    ),
    row("keys out of reach do not matter on a public route without a token", get("/public"), ran("/public", "anonymous"), out_of_reach=True),
    row("keys out of reach do not matter on an unguarded route", bearing("/unguarded", GOOD), ran("/unguarded", "anonymous"), out_of_reach=True),
    row("keys out of reach: who sends nothing is told 401", get("/private"), anonymous(), out_of_reach=True),
)
# fmt: on
