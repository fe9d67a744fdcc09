"""Credentials that are missing, or cannot be read."""

from typing import Final

from ..tokens import COOKIE, mint
from .answers import anonymous, malformed, ran, refused
from .rows import AUTH, GOOD, bearing, get, row

# one row, one line: it is a table
# fmt: off
ROWS: Final = (
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
