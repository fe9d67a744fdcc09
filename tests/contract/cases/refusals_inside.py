"""Refusals, outages and exceptions inside the application."""

from typing import Final

from ..routes import OWN_401, Boom
from ..table import Applications
from ..tokens import mint
from .answers import anonymous, ran, refused
from .rows import GOOD, bearing, case, get, row


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


# one row, one line: it is a table
# fmt: off
ROWS: Final = (
    row(
        "a refusal that a view demands becomes the challenge",
        bearing("/demands", mint(roles=[])),
        refused(403, error="insufficient_scope", scopes="orders:read", missing=["scope orders:read"], ran="/demands alice"),
    ),
    row("an AuthError that a view raises becomes the challenge", bearing("/forbids", GOOD), refused(403, missing=["a good reason"], ran="/forbids alice")),
    row("an outage that a view meets is 503", bearing("/outage", GOOD), refused(503, "revocations_unavailable", ran="/outage alice")),
    row("a token that a view cannot get for a call of its own is 503, and no challenge", bearing("/token-outage", GOOD), refused(503, "token_unavailable", ran="/token-outage alice")),
    row("a token that is refused to a view is 502, and no challenge", bearing("/token-refused", GOOD), refused(502, "token_unavailable", ran="/token-refused alice")),
    row(
        "the application's own catch-all does not swallow a refusal of a view",
        bearing("/forbids", GOOD),
        refused(403, missing=["a good reason"], ran="/forbids alice"),
        "catch-all",
        catch_all=True,
    ),
    row(
        "the application's own catch-all does not swallow a refusal of require",
        bearing("/clerk", GOOD),
        refused(403, missing=["role clerk"]),
        "catch-all",
        catch_all=True,
    ),
    row("the application's own catch-all does not swallow the door's refusal", get("/private"), anonymous(), "catch-all", catch_all=True),
    row(
        "the application's own catch-all still catches its own",
        bearing("/boom", GOOD),
        ran("/boom", status=418, body=b"caught"),
        "catch-all",
        catch_all=True,
    ),
    _boom,
    _own_401,
    row("a streamed body sees its caller to the end", bearing("/stream", GOOD), ran("/stream", body=b"alice;alice;alice;")),
    row("the body of a request arrives untouched", bearing("/echo", GOOD, "POST", body=b"\x00one\xfftwo" * 50), ran("/echo", body=b"\x00one\xfftwo" * 50)),
)
# fmt: on
