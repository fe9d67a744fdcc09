"""Nothing of a token comes back, every decision is told, and callers are kept apart."""

from typing import Final

from ..table import Applications
from ..tokens import CARRIERS, ISSUER, NOW, Told, forged, mint
from .answers import anonymous, invalid, ran, refused
from .rows import AUTH, EXPIRED, GOOD, bearing, case, get


@case("nothing that a token says of itself is part of an answer")
def _carriers(applications: Applications) -> None:
    for text in CARRIERS:
        evil = f"evil{text}evil"
        for token in (
            forged({"alg": evil}, {"iss": "https://issuer.example"}),
            forged(
                {"alg": "EdDSA", "kid": evil},
                {"iss": "https://issuer.example", "aud": "orders", "exp": NOW + 9, "sub": "x"},
            ),
            forged({"alg": "EdDSA", "typ": evil}, {"iss": evil}),
            forged({"alg": "EdDSA", "kid": "one"}, {"iss": evil, "aud": evil, "exp": evil, "sub": evil}),
            mint(aud=evil),
            mint(iss=evil),
            mint(exp=evil),
        ):
            answer = applications.send(bearing("/private", token))
            assert (answer.status, answer.ran) == (401, ()), f"{answer.status} {answer.ran}"
            assert "evil" not in answer.everything and not answer.header("x-injected")
        forbidden = applications.send(bearing("/clerk", mint(evil, roles=[evil], scope=evil)))
        assert forbidden.status == 403 and "evil" not in forbidden.everything
        odd = applications.send(get("/private", ("Authorization", f"Bearer {evil}")))
        assert odd.status == 400 and "evil" not in odd.everything


@case("every decision is told once, with its reason")
def _told(applications: Applications) -> None:
    told = Told()
    built = applications.fresh(observers=[told])
    for exchange, reasons in (
        (get("/private"), ["token_missing"]),
        (get("/private", AUTH, AUTH), ["several_tokens"]),
        (bearing("/private", EXPIRED), ["token_expired"]),
        (bearing("/private", GOOD), ["admitted"]),
        (bearing("/private", GOOD), ["admitted"]),
        (bearing("/clerk", GOOD), ["admitted", "requirement_not_met"]),
        (bearing("/demands", GOOD), ["admitted", "requirement_not_met"]),
        (bearing("/forbids", GOOD), ["admitted", "requirement_not_met"]),
        (bearing("/forbids", GOOD), ["admitted", "requirement_not_met"]),
        (bearing("/outage", GOOD), ["admitted", "revocations_unavailable"]),
        (get("/public"), ["public"]),
        (get("/public-path"), ["public"]),
        (bearing("/public", EXPIRED), ["token_expired"]),
    ):
        applications.sent(built, exchange)
        assert told.reasons == reasons, f"{exchange.path}: {told.reasons}"
        for decision in told.decisions:
            assert (decision.method, decision.path) == (exchange.method, exchange.path), decision
            assert decision.admitted or (decision.failed and decision.checks), decision
            if reasons[0] == "admitted":
                assert (decision.subject, decision.issuer) == ("alice", ISSUER), decision
        told.decisions.clear()


@case("what is decided of an unknown path is told once, too", "in front")
def _told_of_unknown(applications: Applications) -> None:
    told = Told()
    built = applications.fresh(observers=[told])
    for exchange, reason in ((get("/unknown"), "token_missing"), (bearing("/unknown", GOOD), "admitted")):
        applications.sent(built, exchange)
        assert told.reasons == [reason]
        told.decisions.clear()


@case("callers one after another are kept apart")
def _kept_apart(applications: Applications) -> None:
    for who in ("alice", "bob", "", "alice", "", "bob"):
        exchange = bearing("/public", mint(who)) if who else get("/public")
        ran("/public", who or "anonymous")(applications.send(exchange))
    anonymous()(applications.send(get("/private")))
    invalid()(applications.send(bearing("/private", EXPIRED)))
    anonymous()(applications.send(get("/private")))


@case("a refused request leaves nothing for the next one")
def _nothing_left(applications: Applications) -> None:
    for exchange in (
        bearing("/clerk", GOOD),
        bearing("/forbids", GOOD),
        bearing("/boom", GOOD),
        bearing("/stream", GOOD),
    ):
        applications.send(exchange)
        ran("/public", "anonymous")(applications.send(get("/public")))


@case("two requests that share a remembered token cannot affect each other")
def _shared(applications: Applications) -> None:
    token = mint("carol", roles=["clerk"], scope="orders:read", extra={"list": [1], "dict": {"a": 1}})
    applications.send(bearing("/private", token))
    ran("/orders", "carol")(applications.send(bearing("/orders", token)))
    refused(403, error="insufficient_scope", scopes="orders:read orders:write", missing=["scope orders:write"])(
        applications.send(bearing("/both", token))
    )
    ran("/clerk", "carol")(applications.send(bearing("/clerk", token)))
    ran("/private", "carol")(applications.send(bearing("/private", token)))  # this endpoint tries to change its caller
    refused(403, error="insufficient_scope", scopes="orders:read orders:write", missing=["scope orders:write"])(
        applications.send(bearing("/both", token))
    )


@case("two guarded applications in one thread do not see each other's callers")
def _two_applications(applications: Applications) -> None:
    one, two = applications.fresh(), applications.fresh()
    for _ in range(2):
        ran("/private")(applications.sent(one, bearing("/private", GOOD)))
        anonymous()(applications.sent(two, get("/private")))
        ran("/public", "anonymous")(applications.sent(two, get("/public")))
        ran("/private", "bob")(applications.sent(two, bearing("/private", mint("bob"))))
        ran("/public", "anonymous")(applications.sent(one, get("/public")))


# one row, one line: it is a table
# fmt: off
ROWS: Final = (
    _carriers,
    _told,
    _told_of_unknown,
    _kept_apart,
    _nothing_left,
    _shared,
    _two_applications,
)
# fmt: on
