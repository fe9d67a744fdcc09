"""A real HTTP server on the loopback interface that does what a test wants of it, faults included."""

import contextlib
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.threads import threads_end

Answer = Callable[[BaseHTTPRequestHandler], None]


class Web:
    """``answers`` by path; whatever else is asked for is 404. ``asked`` are the paths asked for, ``peers`` by whom.

    By ``protocol`` HTTP/1.1 connections are kept.
    """

    def __init__(self, tls: ssl.SSLContext | None = None, protocol: str = "HTTP/1.0") -> None:
        self.answers: dict[str, Answer] = {}
        self.asked: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.peers: list[tuple[str, int]] = []
        self.over = threading.Event()
        web = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = protocol

            def do_GET(self) -> None:
                web.asked.append(self.path)
                web.peers.append(self.client_address)
                web.headers.append({name.lower(): value for name, value in self.headers.items()})
                with contextlib.suppress(OSError):  # the client has gone: it may
                    web.answers.get(self.path, status(404))(self)

            def log_message(self, format: str, *args: Any) -> None: ...

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: Any, client_address: Any) -> None: ...  # a client that hung up

        self._server = Server(("127.0.0.1", 0), Handler)
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.origin = f"{'http' if tls is None else 'https'}://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def stop(self) -> None:
        self.over.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def body(content: bytes, code: int = 200, /, **headers: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(code)
        for name, value in {"content_type": "application/json", **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("content-length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    return answer


def document(value: object, /, **headers: str) -> Answer:
    return body(json.dumps(value).encode(), **headers)


def status(code: int, /, **headers: str) -> Answer:
    return body(b'{"keys": []}', code, **headers)


@pytest.fixture
def web() -> Iterator[Web]:
    server = Web()
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def _no_thread_stays_behind() -> Iterator[None]:
    yield
    threads_end()
