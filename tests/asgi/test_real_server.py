"""The ASGI door under uvicorn, called by real clients."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx2
import pytest
import uvicorn
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from jwt_middleware import current_principal, scope
from jwt_middleware.asgi import App, JWTMiddleware, Receive, Scope, Send, demand
from tests.asgi.driving import EXP, ending, guard_for, mint, respond


@contextmanager
def served(app: App) -> Iterator[str]:
    """The host and port of ``app`` under uvicorn; it takes connections from the first moment on."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        server = uvicorn.Server(
            uvicorn.Config(app, log_config=None, lifespan="on", ws="auto", timeout_graceful_shutdown=5)
        )
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        try:
            yield f"127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(20)
        assert not thread.is_alive()


async def app(asked: Scope, receive: Receive, send: Send) -> None:
    if asked["type"] == "lifespan":
        for _ in range(2):
            await send({"type": f"{(await receive())['type']}.complete"})
    elif asked["type"] == "websocket":
        await receive()
        if asked["path"] == "/orders":
            demand(scope("orders:read"))
        await send({"type": "websocket.accept"})
        while (message := await receive())["type"] == "websocket.receive":
            await send({"type": "websocket.send", "text": f"{current_principal().subject}: {message['text']}"})
    elif asked["path"] == "/stream":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(3):
            await send({"type": "http.response.body", "body": current_principal().subject.encode(), "more_body": True})
        await send({"type": "http.response.body"})
    elif asked["path"] == "/orders":
        demand(scope("orders:read"))
    else:
        await respond(send, current_principal().subject.encode() or b"anonymous")


def connected(host: str, path: str, sent: dict[str, str]) -> ClientConnection:
    name, _, port = host.partition(":")
    through = socket.create_connection((name, int(port)))  # and through no proxy of this machine
    return connect(f"ws://{host}{path}", sock=through, additional_headers=sent)


def headers(**changes: Any) -> dict[str, str]:
    return {"Authorization": f"Bearer {mint(**changes)}"}


@pytest.fixture(scope="module")
def host() -> Iterator[str]:
    guarded = JWTMiddleware(app, guard=guard_for(), public_paths=["/h\u00e4"])
    with served(guarded) as found:
        yield found


def test_requests_pass_or_are_refused(host: str) -> None:
    with httpx2.Client(base_url=f"http://{host}", trust_env=False) as client:
        assert client.get("/", headers=headers()).text == "alice"
        assert client.get("/stream", headers=headers()).text == "alicealicealice"
        assert client.get("/").status_code == 401
        assert client.get("/h%C3%A4").text == "anonymous"
        assert client.get("/orders", headers=headers()).status_code == 403
        twice = client.get("/", headers=[("Authorization", "Bearer a"), ("Authorization", "Bearer b")])
        assert twice.status_code == 400
        head = client.head("/")
        assert (head.status_code, head.content) == (401, b"")
        assert int(head.headers["content-length"]) > 0
        posted = client.post("/", content=b"x" * 100_000)
        assert posted.status_code == 401
        assert client.get("/", headers=headers()).text == "alice", "the connection is still of use"


def test_a_websocket_is_refused_before_it_is_accepted(host: str) -> None:
    for path, sent, status in (
        ("/", {}, 401),
        ("/", {"Authorization": "Bearer x.y.z"}, 401),
        ("/orders", headers(), 403),
    ):
        with (
            pytest.raises(InvalidStatus) as refused,
            connected(host, path, sent),
        ):
            pass
        response = refused.value.response
        assert response.status_code == status
        assert response.headers["WWW-Authenticate"].startswith('Bearer realm="orders"')
        assert response.headers.get_all("Content-Length") == [str(len(response.body))]


def test_a_websocket_of_a_genuine_caller_is_accepted(host: str) -> None:
    with connected(host, "/", headers()) as connection:
        connection.send("hello")
        assert connection.recv(10) == "alice: hello"


def test_a_websocket_lives_until_its_token_expires() -> None:
    sent = headers(exp=EXP)
    with served(ending(app, 0.1)) as host, connected(host, "/", sent) as connection:
        with pytest.raises(ConnectionClosed) as closed:
            connection.recv(20)
        assert closed.value.rcvd is not None
        assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (3000, "token_expired")
