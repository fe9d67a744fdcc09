"""Methods: HEAD, preflights, and methods that a route does not know."""

from typing import Final

from ..exchange import Exchange
from ..table import Applications
from .answers import anonymous, invalid, theirs
from .rows import EXPIRED, GOOD, bearing, case, get, row


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


# one row, one line: it is a table
# fmt: off
ROWS: Final = (
    _head,
    _head_body,
    _head_unknown,
    _preflight,
    row("a bare OPTIONS does not pass", get("/private", method="OPTIONS"), anonymous()),
    row("an OPTIONS with an Origin alone does not pass", get("/private", ORIGIN, method="OPTIONS"), anonymous()),
    row("an OPTIONS without an Origin does not pass", get("/private", WANTS, method="OPTIONS"), anonymous()),
    row("the headers of a preflight on a GET do not pass", get("/private", ORIGIN, WANTS), anonymous()),
    row(
        "a preflight with a bad token does not pass",
        bearing("/private", EXPIRED, "OPTIONS").with_header(*ORIGIN).with_header(*WANTS),
        invalid("token_expired"),
    ),
    row("wrong method on a public route: the framework's 405", get("/public", method="DELETE"), theirs(405), "methods"),
    row("wrong method on a private route: 401", get("/private", method="DELETE"), anonymous()),
    row("wrong method with a good token: the framework's 405", bearing("/private", GOOD, "DELETE"), theirs(405), "methods"),
)
# fmt: on
