"""A token in a cookie, and the proof that goes with it."""

from typing import Final

from jwt_middleware import token_in_cookie

from ..exchange import Exchange
from ..table import Applications
from ..tokens import COOKIE, COOKIE_SECRET, mint
from .answers import anonymous, invalid, malformed, ran, refused
from .rows import AUTH, EXPIRED, GOOD, bearing, case, get, row

BAD_COOKIE: Final = ("Cookie", f"{COOKIE}={EXPIRED}")
BOB: Final = mint("bob")
BOB_COOKIE: Final = ("Cookie", f"{COOKIE}={BOB}")
CSRF: Final = token_in_cookie(COOKIE, secret=COOKIE_SECRET)
PROOF: Final = CSRF.csrf_token(BOB)
OTHER_PROOF: Final = CSRF.csrf_token(GOOD)
HOME: Final = ("Origin", "http://testserver")


def posting(*headers: tuple[str, str], proof: str = PROOF, repeated: str = PROOF) -> Exchange:
    """An unsafe method with Bob's cookie, the CSRF cookie ``proof`` beside it, and what a script repeats of it."""
    cookies = ("Cookie", f"{COOKIE}={BOB}; csrf_token={proof}")
    return get("/echo", cookies, ("X-CSRF-Token", repeated), *headers, method="POST", body=b"x")


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


# one row, one line: it is a table
# fmt: off
ROWS: Final = (
    row("a configured cookie names its caller", get("/private", BOB_COOKIE), ran("/private", "bob"), cookie=True),
    row("header and cookie: only the header counts", get("/private", BOB_COOKIE, AUTH), ran("/private"), cookie=True),
    row("header and cookie: a bad cookie does not matter", get("/private", BAD_COOKIE, AUTH), ran("/private"), cookie=True),
    row(
        "header and cookie: a bad header is not mended by a good cookie",
        get("/private", BOB_COOKIE, ("Authorization", f"Bearer {EXPIRED}")),
        invalid("token_expired"),
        cookie=True,
    ),
    row(
        "header and cookie: another scheme in the header is no reason to look at the cookie",
        get("/private", BOB_COOKIE, ("Authorization", "Basic YTpi")),
        anonymous(),
        cookie=True,
    ),
    row("header and cookie: a malformed header is 400", get("/private", BOB_COOKIE, ("Authorization", "Bearer")), malformed(), cookie=True),
    row("a bad cookie is refused on a public route", get("/public", BAD_COOKIE), invalid("token_expired"), cookie=True),
    row(
        "a cookie alone does not authorise an unsafe method",
        get("/echo", BOB_COOKIE, method="POST", body=b"x"),
        refused(403, "csrf_failed"),
        "own CSRF check",
        cookie=True,
    ),
    row("a cookie with its proof, from here, authorises an unsafe method", posting(HOME), ran("/echo", "bob", body=b"x"), "own CSRF check", cookie=True),
    *(
        row(f"a cookie with a proof {title} authorises nothing unsafe", exchange, refused(403, "csrf_failed"), "own CSRF check", cookie=True)
        for title, exchange in (
            ("from another site", posting(("Origin", "https://evil.example"))),
            ("from who knows where", posting()),
            ("from a site that the browser calls another", posting(("Sec-Fetch-Site", "same-site"))),
            ("that is not repeated", posting(HOME, repeated="")),
            ("that nobody signed", posting(HOME, proof="a.b", repeated="a.b")),
            ("of another token", posting(HOME, proof=OTHER_PROOF, repeated=OTHER_PROOF)),
        )
    ),
    _csrf,
    row(
        "a cookie with the framework's own proof authorises an unsafe method",
        posting_to_framework(HOME),
        ran("/echo", "bob", body=b"x"),
        "framework's CSRF check",
        cookie=True,
    ),
    *(
        row(
                f"a cookie with a proof of the framework's {title} authorises nothing unsafe",
                exchange,
                refused(403, "csrf_failed"),
                "framework's CSRF check",
                cookie=True,
            )
        for title, exchange in (
            ("from another site", posting_to_framework(("Origin", "https://evil.example"))),
            ("that is not repeated", posting_to_framework(HOME, repeated="")),
            ("that was never given", posting_to_framework(HOME, repeated="b" * 32)),
        )
    ),
)
# fmt: on
