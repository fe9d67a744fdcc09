"""The table of cases: what every door must do, row by row."""

import json
from collections.abc import Callable
from typing import Any, Final

from jwt_middleware import token_in_cookie
from jwt_middleware.errors import REASONS

from .exchange import Answer, Exchange
from .routes import OWN_401, Boom
from .table import Applications, Case
from .tokens import CARRIERS, COOKIE, COOKIE_SECRET, NOW, Clock, Rotating, Told, forged, guard_for, mint

Check = Callable[[Answer], None]
REALM: Final = 'Bearer realm="orders"'


def get(path: str, *headers: tuple[str, str], method: str = "GET", **more: Any) -> Exchange:
    return Exchange(path, method, headers, **more)


def bearing(path: str, token: str, method: str = "GET", **more: Any) -> Exchange:
    return get(path, ("Authorization", f"Bearer {token}"), method=method, **more)


# What an answer must be


def refused(
    status: int, code: str = "", *, error: str = "", scopes: str = "", missing: list[str] | None = None, ran: str = ""
) -> Check:
    """A challenge, word by word, and an endpoint that did not run (or only ``ran``, and raised)."""

    def check(answer: Answer) -> None:
        assert (answer.status, answer.error) == (status, None), (
            f"{answer.status} {answer.error!r} {answer.ran} {answer.body[:200]!r}"
        )
        assert answer.ran == ((ran,) if ran else ()), f"an endpoint ran: {answer.ran}"
        problem = json.loads(answer.body)
        assert not code or problem["code"] == code, f"the code is {problem['code']}"
        reason = problem["code"]
        assert problem["detail"] == REASONS[reason], "the detail is not the fixed sentence"
        assert problem["status"] == status
        assert answer.header("content-type") == "application/problem+json"
        assert answer.header("cache-control") == "no-store"
        assert answer.header("content-length") == str(len(answer.body))
        expected = REALM
        if error:
            expected += f', error="{error}", error_description="{REASONS[reason]}"'
        if scopes:
            expected += f', scope="{scopes}"'
        found = answer.header("www-authenticate")
        if status == 503:
            assert found == "" and int(answer.header("retry-after")) >= 1
        else:
            assert found == expected, f"the challenge is {found}"
        assert problem.get("missing", []) == (missing or []), f"missing is {problem.get('missing')}"

    return check


def anonymous(code: str = "token_missing") -> Check:
    return refused(401, code)


def invalid(code: str = "") -> Check:
    return refused(401, code, error="invalid_token")


def malformed(code: str = "") -> Check:
    return refused(400, code, error="invalid_request")


def ran(path: str, who: str = "alice", status: int = 200, body: bytes | None = None) -> Check:
    def check(answer: Answer) -> None:
        assert (answer.status, answer.error) == (status, None), (
            f"{answer.status} {answer.error!r} {answer.body[:200]!r}"
        )
        assert answer.ran == (f"{path} {who}",), f"what ran is {answer.ran}"
        assert answer.body == (who.encode() if body is None else body), f"the body is {answer.body!r}"
        assert not answer.header("www-authenticate")

    return check


def theirs(*statuses: int) -> Check:
    """The framework's own answer, from no endpoint of ours."""

    def check(answer: Answer) -> None:
        assert answer.error is None, repr(answer.error)
        assert answer.status in statuses, f"the status is {answer.status}"
        assert not answer.header("www-authenticate")
        assert answer.header("content-type") != "application/problem+json"
        assert answer.ran == ()

    return check


CASES: Final[list[Case]] = []


def row(name: str, exchange: Exchange, check: Check, *needs: str, **variant: Any) -> None:
    """Add a row that is one request and one answer."""

    def holds(applications: Applications) -> None:
        check(applications.send(exchange, **variant))

    CASES.append(Case(name, holds, needs))


def case(name: str, *needs: str) -> Callable[[Callable[[Applications], None]], Callable[[Applications], None]]:
    """Add a row that takes several steps."""

    def add(check: Callable[[Applications], None]) -> Callable[[Applications], None]:
        CASES.append(Case(name, check, needs))
        return check

    return add


GOOD: Final = mint()
READER: Final = mint(scope="orders:read")
EXPIRED: Final = mint(exp=NOW - 31)
AUTH: Final = ("Authorization", f"Bearer {GOOD}")

# Credentials that cannot be read

row("two Authorization headers are 400", get("/private", AUTH, AUTH), malformed())
row(
    "two Authorization headers are 400, good first",
    get("/private", AUTH, ("Authorization", "Bearer x.y.z")),
    malformed(),
)
row("two Authorization headers are 400, good last", get("/private", ("Authorization", "Basic YTpi"), AUTH), malformed())
row("two Authorization headers are 400 on a public route", get("/public", AUTH, AUTH), malformed())
row(
    "two Authorization headers pass an unguarded route as nobody",
    get("/unguarded", AUTH, AUTH),
    ran("/unguarded", "anonymous"),
)
for title, value in (
    ("no token", "Bearer"),
    ("two words", "Bearer one two"),
    ("an empty value", ""),
    ("odd bytes", "Bearer \xff\xfe"),
    ("a tab", "Bearer\tabc"),
    ("characters outside of token68", 'Bearer "abc"'),
):
    row(
        f"an Authorization header with {title} is 400",
        get("/private", ("Authorization", value)),
        malformed("header_malformed"),
    )

# No token

row("no token is 401 without an error code", get("/private"), anonymous())
row("another scheme is no token", get("/private", ("Authorization", "Basic YTpi")), anonymous())
row("a cookie is no token unless it is configured", get("/private", ("Cookie", f"{COOKIE}={GOOD}")), anonymous())
row("the route's requirement is not asked of an anonymous caller", get("/clerk"), anonymous())
row("a negated requirement refuses an anonymous caller", get("/not-banned"), anonymous())
row(
    "a view that demands refuses an anonymous caller of a public route",
    get("/public-demands"),
    refused(401, "token_missing", ran="/public-demands anonymous"),
)
row(
    "a view that demands refuses every caller of an unguarded path",
    bearing("/unguarded-path-demands", mint(scope="orders:read", roles=[])),
    refused(401, "token_missing", ran="/unguarded-path-demands anonymous"),
)
row(
    "headers that look like ours name nobody",
    get("/private", ("X-User", "alice"), ("Remote-User", "alice"), ("Jwt-Middleware.Principal", "alice")),
    anonymous(),
)
row("a method that nobody knows is guarded", get("/private", method="BREW"), anonymous())

# A token that is not acceptable

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
    ("a token that is too large", mint(filler="x" * 20_000), "token_too_large"),
):
    row(f"{title} is 401 invalid_token", bearing("/private", token), invalid(code))
row("an invalid token is refused on a public route", bearing("/public", "x.y.z"), invalid("token_malformed"))
row("an expired token is refused on a public route", bearing("/public", EXPIRED), invalid("token_expired"))
row("an expired token is nobody on an unguarded route", bearing("/unguarded", EXPIRED), ran("/unguarded", "anonymous"))
row("an expired token is refused on a public path", bearing("/public-path", EXPIRED), invalid("token_expired"))
row(
    "an expired token is nobody on an unguarded path",
    bearing("/unguarded-path", EXPIRED),
    ran("/unguarded-path", "anonymous"),
)
row("a bad token on an unknown path is 401", bearing("/unknown", EXPIRED), invalid("token_expired"), "in front")
row("a revoked token is 401", bearing("/private", mint(jti="gone")), invalid("token_revoked"), revoked=("gone",))
row("a token that is not revoked passes", bearing("/private", mint(jti="here")), ran("/private"), revoked=("gone",))


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


# Too little right

row("a genuine caller passes", bearing("/private", GOOD), ran("/private"))
row("the scheme is read in any case", get("/private", ("Authorization", f"bEaReR  {GOOD}")), ran("/private"))
row("a machine is its client", bearing("/private", mint(None, client_id="robot")), ran("/private", "client:robot"))
row("the scope that is needed is enough", bearing("/orders", READER), ran("/orders"))
row(
    "too few scopes are 403 insufficient_scope",
    bearing("/orders", GOOD),
    refused(
        403, "requirement_not_met", error="insufficient_scope", scopes="orders:read", missing=["scope orders:read"]
    ),
)
row(
    "a scope that only begins alike is not enough",
    bearing("/orders", mint(scope="orders:readonly orders")),
    refused(403, error="insufficient_scope", scopes="orders:read", missing=["scope orders:read"]),
)
row(
    "a 403 names all scopes that are needed",
    bearing("/both", READER),
    refused(403, error="insufficient_scope", scopes="orders:read orders:write", missing=["scope orders:write"]),
)
row("all scopes that are needed are enough", bearing("/both", mint(scope="orders:write orders:read")), ran("/both"))
EITHER: Final = ["role clerk or scope orders:write or scope admin"]
row(
    "of alternatives the first that scopes alone cure is named",
    bearing("/either", READER),
    refused(403, error="insufficient_scope", scopes="orders:read orders:write", missing=EITHER),
)
row("one alternative is enough", bearing("/either", mint(scope="admin")), ran("/either"))
row("the other alternative is enough, too", bearing("/either", mint(roles=["clerk"])), ran("/either"))
row(
    "a missing role is 403 without an error code",
    bearing("/clerk", mint(scope="clerk", roles=["boss"])),
    refused(403, "requirement_not_met", missing=["role clerk"]),
)
row("the role that is needed is enough", bearing("/clerk", mint(roles=["boss", "clerk"])), ran("/clerk"))
row("a role that is a text is one role", bearing("/clerk", mint(roles="clerk")), ran("/clerk"))
row(
    "a role that is a text is not its letters or words",
    bearing("/clerk", mint(roles="clerk boss")),
    refused(403, missing=["role clerk"]),
)
row("a missing group is 403 without an error code", bearing("/group", GOOD), refused(403, missing=["group staff"]))
row("the group that is needed is enough", bearing("/group", mint(groups=["staff"])), ran("/group"))
row(
    "a missing permission is 403 without an error code",
    bearing("/permission", mint(permissions=["orders.open"])),
    refused(403, missing=["permission orders.close"]),
)
row(
    "the permission that is needed is enough",
    bearing("/permission", mint(permissions=["orders.close"])),
    ran("/permission"),
)
row(
    "scope and role missing: scopes alone would not cure, so no error code",
    bearing("/mixed", GOOD),
    refused(403, missing=["scope orders:read", "role clerk"]),
)
row("who is known not to be banned passes", bearing("/not-banned", mint(roles=[])), ran("/not-banned"))
row(
    "who is banned is refused",
    bearing("/not-banned", mint(roles=["banned"])),
    refused(403, missing=["not role('banned')"]),
)
row(
    "who is not known to be free of a ban is refused",
    bearing("/not-banned", GOOD),
    refused(403, missing=["not role('banned')"]),
)
row("a tenant sees its own", bearing("/tenants/acme", mint(tenant="acme")), ran("/tenants/{tenant_id}"), "parameters")
row(
    "a tenant does not see another's",
    bearing("/tenants/other", mint(tenant="acme")),
    refused(403, missing=["claim tenant equal to path('tenant_id')"]),
    "parameters",
)
row(
    "who has no tenant sees none",
    bearing("/tenants/None", GOOD),
    refused(403, missing=["claim tenant equal to path('tenant_id')"]),
    "parameters",
)
row("a good token on a public route is known", bearing("/public", GOOD), ran("/public"))

# Refusals inside the application

row(
    "a refusal that a view demands becomes the challenge",
    bearing("/demands", mint(roles=[])),
    refused(403, error="insufficient_scope", scopes="orders:read", missing=["scope orders:read"], ran="/demands alice"),
)
row(
    "an AuthError that a view raises becomes the challenge",
    bearing("/forbids", GOOD),
    refused(403, missing=["a good reason"], ran="/forbids alice"),
)
row(
    "an outage that a view meets is 503",
    bearing("/outage", GOOD),
    refused(503, "revocations_unavailable", ran="/outage alice"),
)
row(
    "the application's own catch-all does not swallow a refusal of a view",
    bearing("/forbids", GOOD),
    refused(403, missing=["a good reason"], ran="/forbids alice"),
    "catch-all",
    catch_all=True,
)
row(
    "the application's own catch-all does not swallow a refusal of require",
    bearing("/clerk", GOOD),
    refused(403, missing=["role clerk"]),
    "catch-all",
    catch_all=True,
)
row(
    "the application's own catch-all does not swallow the door's refusal",
    get("/private"),
    anonymous(),
    "catch-all",
    catch_all=True,
)
row(
    "the application's own catch-all still catches its own",
    bearing("/boom", GOOD),
    ran("/boom", status=418, body=b"caught"),
    "catch-all",
    catch_all=True,
)


@case("the application's own exceptions pass untouched")
def _boom(applications: Applications) -> None:
    answer = applications.send(bearing("/boom", GOOD))
    assert isinstance(answer.error, Boom), f"{answer.status} {answer.error!r}"
    assert answer.ran == ("/boom alice",)
    assert not answer.header("www-authenticate")


@case("the application's own 401 passes untouched")
def _own_401(applications: Applications) -> None:
    answer = applications.send(bearing("/own-401", GOOD))
    assert (answer.status, answer.body, answer.error) == (401, b"own", None)
    for name, value in OWN_401:
        assert answer.header(name.lower()) == value


row("a streamed body sees its caller to the end", bearing("/stream", GOOD), ran("/stream", body=b"alice;alice;alice;"))
row(
    "the body of a request arrives untouched",
    bearing("/echo", GOOD, "POST", body=b"\x00one\xfftwo" * 50),
    ran("/echo", body=b"\x00one\xfftwo" * 50),
)

# Outages

for title, exchange, needs in (
    ("", bearing("/private", GOOD), ()),
    (" on a public route", bearing("/public", GOOD), ()),
    (" on a public path", bearing("/public-path", GOOD), ()),
    (" on an unknown path", bearing("/unknown", GOOD), ("in front",)),
):
    row(f"keys out of reach are 503{title}", exchange, refused(503, "keys_unavailable"), *needs, out_of_reach=True)
row(
    "keys out of reach do not matter on a public route without a token",
    get("/public"),
    ran("/public", "anonymous"),
    out_of_reach=True,
)
row(
    "keys out of reach do not matter on an unguarded route",
    bearing("/unguarded", GOOD),
    ran("/unguarded", "anonymous"),
    out_of_reach=True,
)
row("keys out of reach: who sends nothing is told 401", get("/private"), anonymous(), out_of_reach=True)

# Methods


@case("HEAD is refused like GET, without a body")
def _head(applications: Applications) -> None:
    for exchange, status in (
        (get("/private", method="HEAD"), 401),
        (bearing("/private", EXPIRED, "HEAD"), 401),
        (bearing("/clerk", GOOD, "HEAD"), 403),
        (bearing("/forbids", GOOD, "HEAD"), 403),
        (bearing("/public", EXPIRED, "HEAD"), 401),
    ):
        answer = applications.send(exchange)
        plain = applications.send(Exchange(exchange.path, "GET", exchange.headers))
        assert (answer.status, answer.error) == (status, None), f"{exchange.path}: {answer.status} {answer.error!r}"
        assert answer.header("www-authenticate") == plain.header("www-authenticate") != ""
        assert answer.ran == plain.ran
    good = applications.send(bearing("/private", GOOD, "HEAD"))
    assert (good.status, good.ran) == (200, ("/private alice",))
    assert applications.send(get("/public", method="HEAD")).ran == ("/public anonymous",)


@case("a refused HEAD carries no body")
def _head_body(applications: Applications) -> None:
    for exchange in (
        get("/private", method="HEAD"),
        bearing("/clerk", GOOD, "HEAD"),
        bearing("/forbids", GOOD, "HEAD"),
    ):
        assert applications.send(exchange).body == b"", exchange.path


ORIGIN: Final = ("Origin", "https://app.example")
WANTS: Final = ("Access-Control-Request-Method", "GET")


@case("HEAD on an unknown path is refused, without a body", "in front")
def _head_unknown(applications: Applications) -> None:
    answer = applications.send(get("/unknown", method="HEAD"))
    assert (answer.status, answer.body, answer.error) == (401, b"", None), f"{answer.status} {answer.error!r}"


@case("a CORS preflight passes to what answers preflights, and runs no endpoint", "in front")
def _preflight(applications: Applications) -> None:
    for path, statuses in (("/private", (200, 204, 405)), ("/clerk", (200, 204, 405)), ("/unknown", (401, 404, 405))):
        answer = applications.send(get(path, ORIGIN, WANTS, method="OPTIONS"))
        assert answer.error is None
        assert answer.status in statuses, f"{path}: {answer.status}"
        assert answer.ran == (), f"an endpoint ran: {answer.ran}"


row("a bare OPTIONS does not pass", get("/private", method="OPTIONS"), anonymous())
row("an OPTIONS with an Origin alone does not pass", get("/private", ORIGIN, method="OPTIONS"), anonymous())
row("an OPTIONS without an Origin does not pass", get("/private", WANTS, method="OPTIONS"), anonymous())
row("the headers of a preflight on a GET do not pass", get("/private", ORIGIN, WANTS), anonymous())
row(
    "a preflight with a bad token does not pass",
    bearing("/private", EXPIRED, "OPTIONS").with_header(*ORIGIN).with_header(*WANTS),
    invalid("token_expired"),
)
row("wrong method on a public route: the framework's 405", get("/public", method="DELETE"), theirs(405), "methods")
row("wrong method on a private route: 401", get("/private", method="DELETE"), anonymous())
row("wrong method with a good token: the framework's 405", bearing("/private", GOOD, "DELETE"), theirs(405), "methods")

# Cookies

BAD_COOKIE: Final = ("Cookie", f"{COOKIE}={EXPIRED}")
BOB: Final = mint("bob")
BOB_COOKIE: Final = ("Cookie", f"{COOKIE}={BOB}")
row("a configured cookie names its caller", get("/private", BOB_COOKIE), ran("/private", "bob"), cookie=True)
row("header and cookie: only the header counts", get("/private", BOB_COOKIE, AUTH), ran("/private"), cookie=True)
row("header and cookie: a bad cookie does not matter", get("/private", BAD_COOKIE, AUTH), ran("/private"), cookie=True)
row(
    "header and cookie: a bad header is not mended by a good cookie",
    get("/private", BOB_COOKIE, ("Authorization", f"Bearer {EXPIRED}")),
    invalid("token_expired"),
    cookie=True,
)
row(
    "header and cookie: another scheme in the header is no reason to look at the cookie",
    get("/private", BOB_COOKIE, ("Authorization", "Basic YTpi")),
    anonymous(),
    cookie=True,
)
row(
    "header and cookie: a malformed header is 400",
    get("/private", BOB_COOKIE, ("Authorization", "Bearer")),
    malformed(),
    cookie=True,
)
row("a bad cookie is refused on a public route", get("/public", BAD_COOKIE), invalid("token_expired"), cookie=True)
row(
    "a cookie alone does not authorise an unsafe method",
    get("/echo", BOB_COOKIE, method="POST", body=b"x"),
    refused(403, "csrf_failed"),
    "own CSRF check",
    cookie=True,
)


CSRF: Final = token_in_cookie(COOKIE, secret=COOKIE_SECRET)
PROOF: Final = CSRF.csrf_token(BOB)
OTHER_PROOF: Final = CSRF.csrf_token(GOOD)
HOME: Final = ("Origin", "http://testserver")


def posting(*headers: tuple[str, str], proof: str = PROOF, repeated: str = PROOF) -> Exchange:
    """An unsafe method with Bob's cookie, the CSRF cookie ``proof`` beside it, and what a script repeats of it."""
    cookies = ("Cookie", f"{COOKIE}={BOB}; csrf_token={proof}")
    return get("/echo", cookies, ("X-CSRF-Token", repeated), *headers, method="POST", body=b"x")


row(
    "a cookie with its proof, from here, authorises an unsafe method",
    posting(HOME),
    ran("/echo", "bob", body=b"x"),
    "own CSRF check",
    cookie=True,
)
for title, exchange in (
    ("from another site", posting(("Origin", "https://evil.example"))),
    ("from who knows where", posting()),
    ("from a site that the browser calls another", posting(("Sec-Fetch-Site", "same-site"))),
    ("that is not repeated", posting(HOME, repeated="")),
    ("that nobody signed", posting(HOME, proof="a.b", repeated="a.b")),
    ("of another token", posting(HOME, proof=OTHER_PROOF, repeated=OTHER_PROOF)),
):
    row(
        f"a cookie with a proof {title} authorises nothing unsafe",
        exchange,
        refused(403, "csrf_failed"),
        "own CSRF check",
        cookie=True,
    )


@case("a cookie alone does not authorise an unsafe method, by the framework's own check", "framework's CSRF check")
def _csrf(applications: Applications) -> None:
    answer = applications.send(get("/echo", BOB_COOKIE, method="POST", body=b"x"), cookie=True)
    assert (answer.status, answer.ran, answer.error) == (403, (), None), (
        f"{answer.status} {answer.ran} {answer.error!r}"
    )
    ran("/echo", body=b"x")(applications.send(bearing("/echo", GOOD, "POST", body=b"x"), cookie=True))


FRAMEWORKS_PROOF: Final = "a" * 32


def posting_to_framework(*headers: tuple[str, str], repeated: str = FRAMEWORKS_PROOF) -> Exchange:
    """The same with the framework's own proof, which is Django's."""
    cookies = ("Cookie", f"{COOKIE}={BOB}; csrftoken={FRAMEWORKS_PROOF}")
    return get("/echo", cookies, ("X-CSRFToken", repeated), *headers, method="POST", body=b"x")


row(
    "a cookie with the framework's own proof authorises an unsafe method",
    posting_to_framework(HOME),
    ran("/echo", "bob", body=b"x"),
    "framework's CSRF check",
    cookie=True,
)
for title, exchange in (
    ("from another site", posting_to_framework(("Origin", "https://evil.example"))),
    ("that is not repeated", posting_to_framework(HOME, repeated="")),
    ("that was never given", posting_to_framework(HOME, repeated="b" * 32)),
):
    row(
        f"a cookie with a proof of the framework's {title} authorises nothing unsafe",
        exchange,
        refused(403, "csrf_failed"),
        "framework's CSRF check",
        cookie=True,
    )


# What an anonymous caller meets

row("anonymous on a public route: 200", get("/public"), ran("/public", "anonymous"))
row("anonymous on an unguarded route: 200", get("/unguarded"), ran("/unguarded", "anonymous"))
row("anonymous on a public path: 200", get("/public-path"), ran("/public-path", "anonymous"))
row("anonymous on an unguarded path: 200", get("/unguarded-path"), ran("/unguarded-path", "anonymous"))
row("anonymous below a public path: 200", get("/files/one"), ran("/files/one", "anonymous"))
row("a path that climbs out of a public path: 401", get("/files/../private"), anonymous(), "in front")
row("two slashes below a public path: 401", get("/files//private"), anonymous(), "in front")
row("a backslash below a public path: 401", get("/files/..\\private"), anonymous(), "in front")
row("anonymous on a path that is public for GET: 200", get("/get-only-path"), ran("/get-only-path", "anonymous"))
row("anonymous on a path that is public for GET, with POST: 401", get("/get-only-path", method="POST"), anonymous())
row("a longer path than a public one: 401", get("/public-path/more"), anonymous(), "in front")
row("another case than a public path: 401", get("/Public-path"), anonymous(), "in front")
row("anonymous on an unknown path: 401", get("/unknown"), anonymous(), "in front")
row("a good token on an unknown path: the framework's 404", bearing("/unknown", GOOD), theirs(404))
row("anonymous on a slash redirect: 401", get("/slash"), anonymous(), "redirect")
row(
    "a good token on a slash redirect: the framework's own",
    bearing("/slash", GOOD),
    theirs(301, 302, 307, 308),
    "redirect",
)
row("anonymous on a static file: 401", get("/static/file.txt"), anonymous(), "static")
row("a good token on a static file: the file", bearing("/static/file.txt", GOOD), theirs(200), "static")
row("anonymous on a static file that does not exist: 401", get("/static/none.txt"), anonymous(), "static")
for page in ("/docs", "/redoc", "/openapi.json"):
    row(f"anonymous on {page}: 401", get(page), anonymous(), "docs")
    row(f"a good token on {page}: 200", bearing(page, GOOD), theirs(200), "docs")


@case("guarded_paths guard these and touch nothing else", "guarded paths")
def _guarded_paths(applications: Applications) -> None:
    for path in ("/orders", "/private"):
        anonymous()(applications.send(get(path), guarded_paths=("/orders", "/private")))
    for header in ((), (AUTH,), (("Authorization", "Bearer x.y.z"),)):
        answer = applications.send(get("/group-free", *header), guarded_paths=("/orders", "/private"))
        assert answer.status == 404 and not answer.header("www-authenticate")
        outside = applications.send(get("/own-401", *header), guarded_paths=("/orders", "/private"))
        assert (outside.status, outside.ran, outside.header("x-own")) == (401, ("/own-401 anonymous",), "yes")
    ran("/private")(applications.send(bearing("/private", GOOD), guarded_paths=("/orders", "/private")))


# An application that its server has mounted below a prefix

for place, who in (("/public-path", "anonymous"), ("/unguarded-path", "anonymous"), ("/files/one", "anonymous")):
    row(f"below a prefix, anonymous on {place}: 200", get(place, prefix="/shop"), ran(place, who))
row("below a prefix, anonymous on a public route: 200", get("/public", prefix="/shop"), ran("/public", "anonymous"))
row("below a prefix, anonymous elsewhere: 401", get("/private", prefix="/shop"), anonymous())
row("below a prefix, a genuine caller passes", bearing("/private", GOOD, prefix="/shop"), ran("/private"))
for prefix in ("/public-path", "/public", "/files", "/unguarded", "/public-path/public-path"):
    row(f"a prefix that is called {prefix} opens nothing", get("/private", prefix=prefix), anonymous())
row("a path that is public below another prefix: 401", get("/shop/public-path"), anonymous(), "in front")


@case("guarded_paths are those below the prefix", "guarded paths")
def _guarded_below_a_prefix(applications: Applications) -> None:
    guarded = ("/orders", "/private")
    anonymous()(applications.send(get("/private", prefix="/shop"), guarded_paths=guarded))
    anonymous()(applications.send(get("/private", prefix="/own-401"), guarded_paths=guarded))
    outside = applications.send(get("/own-401", prefix="/shop"), guarded_paths=guarded)
    assert (outside.ran, outside.header("x-own")) == (("/own-401 anonymous",), "yes")


# Mounted applications

row("anonymous on a mounted application: 401", get("/mounted/private"), anonymous(), "mount")
row(
    "anonymous on an unknown path of a mounted application: 401",
    get("/mounted/unknown"),
    anonymous(),
    "mount",
    "in front",
)
row("a mounted application sees the caller", bearing("/mounted/private", GOOD), ran("/mounted/private"), "mount")
row(
    "a mounted application's requirement is asked",
    bearing("/mounted/clerk", GOOD),
    refused(403, missing=["role clerk"]),
    "mount",
)
row(
    "an AuthError in a mounted application becomes the challenge",
    bearing("/mounted/forbids", GOOD),
    refused(403, missing=["a good reason"], ran="/mounted/forbids alice"),
    "mount",
)
row(
    "anonymous on a public route of a mounted application: 200",
    get("/mounted/public"),
    ran("/mounted/public", "anonymous"),
    "mount",
    "marks below mounts",
)
row("anonymous on a foreign mounted application: 401", get("/foreign/public"), anonymous(), "foreign mount")
row(
    "a good token on a foreign mounted application: its answer",
    bearing("/foreign/public", GOOD),
    ran("/foreign"),
    "foreign mount",
)
row(
    "anonymous on a mount with a middleware of its own: 401, whatever the mark",
    get("/layered/public"),
    anonymous(),
    "layered mount",
)

# Marks that must not count

row(
    "public for GET, required for POST: GET passes",
    get("/by-method"),
    ran("/by-method GET", "anonymous"),
    "marks by method",
)
row(
    "public for GET, required for POST: POST does not", get("/by-method", method="POST"), anonymous(), "marks by method"
)


@case("public for GET, required for POST: HEAD like GET", "marks by method")
def _head_by_method(applications: Applications) -> None:
    answer = applications.send(get("/by-method", method="HEAD"))
    assert (answer.status, answer.ran) == (200, ("/by-method GET anonymous",))


row("a public class is public", get("/public-class"), ran("/public-class", "anonymous"), "classes")
row("a subclass of a public class is not public", get("/subclass"), anonymous(), "classes")
row("a class whose GET is public: GET passes", get("/method-class"), ran("/method-class GET", "anonymous"), "classes")
row("a class whose GET is public: POST does not", get("/method-class", method="POST"), anonymous(), "classes")
row(
    "a required class asks before any of its methods",
    bearing("/required-class", GOOD),
    refused(403, missing=["role clerk"]),
    "classes",
)
row(
    "a required class lets pass who has the role",
    bearing("/required-class", mint(roles=["clerk"])),
    ran("/required-class"),
    "classes",
)
row("public by a converter: the number passes", get("/item/7"), ran("/item number", "anonymous"), "converters")
row("public by a converter: the text does not", get("/item/secret"), anonymous(), "converters")
row(
    "public on one host: that host passes",
    get("/by-host", host="open.example"),
    ran("/by-host open", "anonymous"),
    "hosts",
)
row("public on one host: another does not", get("/by-host"), anonymous(), "hosts")
row("a mark that was lost in a decorator without wraps does not count", get("/lost-mark"), anonymous(), "marks")
row(
    "a path rewritten by a middleware in between: the mark of what was asked does not count",
    get("/public", ("X-Rewrite", "/private")),
    anonymous(),
    "rewriting",
)
row(
    "a path rewritten in a copy of the request: the same",
    get("/public", ("X-Rewrite-Copy", "/private")),
    anonymous(),
    "rewriting",
)
row(
    "a method rewritten by a middleware in between: the same",
    get("/by-method", ("X-Method", "POST")),
    anonymous(),
    "rewriting",
    "marks by method",
)
row(
    "a generator endpoint is asked before its first element",
    bearing("/generates", GOOD),
    refused(403, missing=["role clerk"]),
    "generators",
)
row(
    "a generator endpoint runs for who has the role",
    bearing("/generates", mint(roles=["clerk"])),
    ran("/generates", body=b"alice;alice;alice;"),
    "generators",
)

# WebSockets


def handshake(path: str, token: str = "", **more: Any) -> Exchange:
    return Exchange(path, "GET", (("Authorization", f"Bearer {token}"),) if token else (), kind="websocket", **more)


def handshake_refused(status: int, code: str, **more: Any) -> Check:
    inner = refused(status, code, **more)

    def check(answer: Answer) -> None:
        assert answer.events[0] == "websocket.http.response.start", answer.events
        inner(answer)

    return check


def closed_before_accept(answer: Answer) -> None:
    assert answer.events == ["websocket.close"] and answer.error is None, f"{answer.events} {answer.error!r}"
    assert answer.ran == ()


row(
    "a WebSocket without a token is refused before accept",
    handshake("/ws"),
    handshake_refused(401, "token_missing"),
    "websocket",
)
row(
    "a WebSocket with a bad token is refused before accept",
    handshake("/ws", EXPIRED),
    handshake_refused(401, "token_expired", error="invalid_token"),
    "websocket",
)
row(
    "a WebSocket on an unknown path is refused before accept",
    handshake("/unknown"),
    handshake_refused(401, "token_missing"),
    "websocket",
)
row(
    "a WebSocket of a caller with too few scopes is refused before accept",
    handshake("/ws-orders", GOOD),
    handshake_refused(
        403, "requirement_not_met", error="insufficient_scope", scopes="orders:read", missing=["scope orders:read"]
    ),
    "websocket",
)
row(
    "a WebSocket is closed where the server knows no other refusal",
    handshake("/ws", denial=False),
    closed_before_accept,
    "websocket",
)
row(
    "a WebSocket with too few scopes is closed where the server knows no other refusal",
    handshake("/ws-orders", GOOD, denial=False),
    closed_before_accept,
    "websocket",
)
row(
    "a WebSocket with a cookie from another site is refused before accept",
    handshake("/ws").with_header(*BOB_COOKIE).with_header("Origin", "https://evil.example"),
    handshake_refused(403, "csrf_failed"),
    "websocket",
    cookie=True,
)
row(
    "a WebSocket with a cookie from who knows where is refused before accept",
    handshake("/ws").with_header(*BOB_COOKIE),
    handshake_refused(403, "csrf_failed"),
    "websocket",
    cookie=True,
)
row(
    "a WebSocket while keys are out of reach is 503",
    handshake("/ws", GOOD),
    handshake_refused(503, "keys_unavailable"),
    "websocket",
    out_of_reach=True,
)


@case("a WebSocket of a genuine caller is accepted", "websocket")
def _accepted(applications: Applications) -> None:
    for path, token, who in (("/ws", GOOD, "alice"), ("/ws-orders", READER, "alice")):
        answer = applications.send(handshake(path, token))
        assert answer.events[:2] == ["websocket.accept", "websocket.send"] and answer.error is None, (
            f"{answer.events} {answer.error!r}"
        )
        assert answer.body == who.encode() and answer.ran == (f"{path} {who}",)


@case("a WebSocket with a cookie from here is accepted", "websocket")
def _accepted_by_cookie(applications: Applications) -> None:
    answer = applications.send(handshake("/ws").with_header(*BOB_COOKIE).with_header(*HOME), cookie=True)
    assert (answer.status, answer.ran, answer.error) == (101, ("/ws bob",), None), f"{answer.status} {answer.error!r}"


@case("a public WebSocket takes who sends no token, and not who sends a bad one", "websocket", "websocket marks")
def _public_websocket(applications: Applications) -> None:
    assert applications.send(handshake("/ws-public")).ran == ("/ws-public anonymous",)
    handshake_refused(401, "token_expired", error="invalid_token")(applications.send(handshake("/ws-public", EXPIRED)))


@case("a refusal after a WebSocket was accepted closes it", "websocket")
def _refused_after_accept(applications: Applications) -> None:
    answer = applications.send(handshake("/ws-late", GOOD))
    assert answer.events == ["websocket.accept", "websocket.close"] and answer.error is None, (
        f"{answer.events} {answer.error!r}"
    )
    assert answer.close_code in (3003, 1008)


@case("a lifespan reaches the application untouched", "lifespan")
def _lifespan(applications: Applications) -> None:
    assert applications.stack.extras["lifespan"]() == ["startup", "shutdown"]


# Mistakes of the developer


@case("require without the middleware refuses and explains to the developer", "require")
def _without_middleware(applications: Applications) -> None:
    for exchange in (get("/clerk"), bearing("/clerk", mint(roles=["clerk"]))):
        answer = applications.send(exchange, unguarded_application=True)
        assert answer.ran == (), f"it ran: {answer.ran}"
        assert "ConfigurationError" in repr(answer.error) and "JWTMiddleware" in str(answer.error), repr(answer.error)


@case("require above the route decorator fails when the module is imported", "route decorators")
def _misplaced(applications: Applications) -> None:
    from jwt_middleware import ConfigurationError

    try:
        applications.stack.extras["misplaced"]()
    except ConfigurationError as error:
        assert "require" in str(error)
    else:
        raise AssertionError("nobody complained")


@case("public together with require fails when the module is imported", "marks")
def _contradiction(applications: Applications) -> None:
    import importlib

    from jwt_middleware import ConfigurationError, authenticated

    door = importlib.import_module(applications.stack.door)

    def view() -> None: ...

    requiring = door.require(authenticated)
    for mark in (door.public, door.unguarded):
        for inner, outer in ((requiring, mark), (mark, requiring)):
            view.__dict__.clear()
            try:
                outer(inner(view))
            except ConfigurationError:
                continue
            raise AssertionError("nobody complained")
    try:
        door.require()
    except ConfigurationError:
        return
    raise AssertionError("an empty require() was taken")


# Nothing of a token comes back; callers are kept apart


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
        (get("/public"), ["public"]),
        (get("/public-path"), ["public"]),
        (bearing("/public", EXPIRED), ["token_expired"]),
    ):
        applications.sent(built, exchange)
        assert told.reasons == reasons, f"{exchange.path}: {told.reasons}"
        told.reasons.clear()


@case("what is decided of an unknown path is told once, too", "in front")
def _told_of_unknown(applications: Applications) -> None:
    told = Told()
    built = applications.fresh(observers=[told])
    for exchange, reason in ((get("/unknown"), "token_missing"), (bearing("/unknown", GOOD), "admitted")):
        applications.sent(built, exchange)
        assert told.reasons == [reason]
        told.reasons.clear()


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
