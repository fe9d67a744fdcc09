"""Credentials that are missing, or cannot be read."""

from typing import Final

from ..exchange import Answer
from ..table import Applications
from ..tokens import COOKIE, mint
from .answers import anonymous, invalid, malformed, ran, refused
from .rows import AUTH, EXPIRED, GOOD, bearing, case, get, row

IN_QUERY: Final = f"access_token={GOOD}"


@case("no shared cache may keep the answer to a token in the query")
def _in_query(applications: Applications) -> None:
    for path, check in (("/private", ran("/private")), ("/public", ran("/public")), ("/own-401", _own)):
        answer = applications.send(get(path, query=IN_QUERY), query=True)
        check(answer)
        assert answer.header("cache-control") == "private", path
    streamed = applications.send(get("/stream", query=IN_QUERY), query=True)
    assert (streamed.body, streamed.header("cache-control")) == (b"alice;" * 3, "private")
    for exchange in (bearing("/private", GOOD), get("/public"), bearing("/public", GOOD)):
        assert not applications.send(exchange, query=True).header("cache-control"), "nothing came in the query"
    anonymous()(applications.send(get("/private", query=IN_QUERY)))


@case("a refusal of a token in the query is kept by no cache at all")
def _refused_in_query(applications: Applications) -> None:
    for path, code in (("/clerk", "requirement_not_met"), ("/forbids", "requirement_not_met")):
        answer = applications.send(get(path, query=IN_QUERY), query=True)
        assert (answer.status, code in answer.body.decode()) == (403, True)
        assert answer.header("cache-control") == "no-store", path
    invalid("token_expired")(applications.send(get("/private", query=f"access_token={EXPIRED}"), query=True))


def _own(answer: Answer) -> None:
    assert (answer.status, answer.error) == (401, None)


# one row, one line: it is a table
# fmt: off
ROWS: Final = (
    _in_query,
    _refused_in_query,
    row("two Authorization headers are 400", get("/private", AUTH, AUTH), malformed()),
    row("two Authorization headers are 400, good first", get("/private", AUTH, ("Authorization", "Bearer x.y.z")), malformed()),
    row("two Authorization headers are 400, good last", get("/private", ("Authorization", "Basic YTpi"), AUTH), malformed()),
    row("two Authorization headers are 400 on a public route", get("/public", AUTH, AUTH), malformed()),
    row("two Authorization headers pass an unguarded route as nobody", get("/unguarded", AUTH, AUTH), ran("/unguarded", "anonymous")),
    *(
        row(f"an Authorization header with {title} is 400", get("/private", ("Authorization", value)), malformed("header_malformed"))
        for title, value in (
            ("no token", "Bearer"),
            ("two words", "Bearer one two"),
            ("an empty value", ""),
            ("odd bytes", "Bearer \xff\xfe"),
            ("a tab", "Bearer\tabc"),
            ("characters outside of token68", 'Bearer "abc"'),
        )
    ),
    row("no token is 401 without an error code", get("/private"), anonymous()),
    row("another scheme is no token", get("/private", ("Authorization", "Basic YTpi")), anonymous()),
    row("a cookie is no token unless it is configured", get("/private", ("Cookie", f"{COOKIE}={GOOD}")), anonymous()),
    row("the route's requirement is not asked of an anonymous caller", get("/clerk"), anonymous()),
    row("a negated requirement refuses an anonymous caller", get("/not-banned"), anonymous()),
    row(
        "a view that demands refuses an anonymous caller of a public route",
        get("/public-demands"),
        refused(401, "token_missing", ran="/public-demands anonymous"),
    ),
    row(
        "a view that demands refuses every caller of an unguarded path",
        bearing("/unguarded-path-demands", mint(scope="orders:read", roles=[])),
        refused(401, "token_missing", ran="/unguarded-path-demands anonymous"),
    ),
    row(
        "headers that look like ours name nobody",
        get("/private", ("X-User", "alice"), ("Remote-User", "alice"), ("Jwt-Middleware.Principal", "alice")),
        anonymous(),
    ),
    row("a method that nobody knows is guarded", get("/private", method="BREW"), anonymous()),
)
# fmt: on
