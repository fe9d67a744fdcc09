"""WebSocket handshakes and lifespans."""

from typing import Any, Final

from ..exchange import Answer, Exchange
from ..table import Applications
from .answers import refused
from .cookies import BOB_COOKIE, HOME
from .rows import EXPIRED, GOOD, READER, Check, case, row


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


# one row, one line: it is a table
# fmt: off
ROWS: Final = (
    row("a WebSocket without a token is refused before accept", handshake("/ws"), handshake_refused(401, "token_missing"), "websocket"),
    row(
        "a WebSocket with a bad token is refused before accept",
        handshake("/ws", EXPIRED),
        handshake_refused(401, "token_expired", error="invalid_token"),
        "websocket",
    ),
    row("a WebSocket on an unknown path is refused before accept", handshake("/unknown"), handshake_refused(401, "token_missing"), "websocket"),
    row(
        "a WebSocket of a caller with too few scopes is refused before accept",
        handshake("/ws-orders", GOOD),
        handshake_refused(
            403, "requirement_not_met", error="insufficient_scope", scopes="orders:read", missing=["scope orders:read"]
        ),
        "websocket",
    ),
    row("a WebSocket is closed where the server knows no other refusal", handshake("/ws", denial=False), closed_before_accept, "websocket"),
    row(
        "a WebSocket with too few scopes is closed where the server knows no other refusal",
        handshake("/ws-orders", GOOD, denial=False),
        closed_before_accept,
        "websocket",
    ),
    row(
        "a WebSocket with a cookie from another site is refused before accept",
        handshake("/ws").with_header(*BOB_COOKIE).with_header("Origin", "https://evil.example"),
        handshake_refused(403, "csrf_failed"),
        "websocket",
        cookie=True,
    ),
    row(
        "a WebSocket with a cookie from who knows where is refused before accept",
        handshake("/ws").with_header(*BOB_COOKIE),
        handshake_refused(403, "csrf_failed"),
        "websocket",
        cookie=True,
    ),
    row(
        "a WebSocket while keys are out of reach is 503",
        handshake("/ws", GOOD),
        handshake_refused(503, "keys_unavailable"),
        "websocket",
        out_of_reach=True,
    ),
    _accepted,
    _accepted_by_cookie,
    _public_websocket,
    _refused_after_accept,
    _lifespan,
)
# fmt: on
