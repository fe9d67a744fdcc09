"""Servers on the loopback interface that keep every byte they receive: targets, hostile ones, and a token endpoint."""

import contextlib
import json
import ssl
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

Answer = Callable[["Received"], "Say"]


class Say:
    """What to answer."""

    def __init__(self, status: int = 200, body: bytes = b"", **headers: str | list[str]) -> None:
        self.status = status
        self.body = body
        self.headers = [
            (name.replace("_", "-"), each)
            for name, value in headers.items()
            for each in ([value] if isinstance(value, str) else value)
        ]


class Received:
    """One request."""

    def __init__(self, method: str, path: str, headers: dict[str, str], body: bytes) -> None:
        self.method = method
        self.path = path
        self.headers = headers
        self.body = body

    @property
    def token(self) -> str | None:
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token if scheme == "Bearer" else None

    @property
    def form(self) -> list[tuple[str, str]]:
        return parse_qsl(self.body.decode(), keep_blank_values=True)


def _nothing(received: Received) -> Say:
    return Say()


class Listener:
    """Answers by path, else with 200 and nothing. ``octets`` is all it was sent; ``requests`` what it understood."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.answers: dict[str, Answer] = {}
        self.requests: list[Received] = []
        self.octets = bytearray()
        listener = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                super().setup()
                self.rfile: Any = _Tee(self.rfile, listener.octets)

            def _answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", "0")))
                if self.headers.get("transfer-encoding"):
                    body = _chunks(self.rfile)
                received = Received(
                    self.command, self.path, {name.lower(): value for name, value in self.headers.items()}, body
                )
                listener.requests.append(received)
                said = listener.answers.get(self.path.partition("?")[0], _nothing)(received)
                with contextlib.suppress(OSError):  # the client has gone: it may
                    self.send_response(said.status)
                    for name, value in said.headers:
                        self.send_header(name, value)
                    self.send_header("content-length", str(len(said.body)))
                    self.end_headers()
                    if self.command != "HEAD":
                        self.wfile.write(said.body)

            do_GET = do_HEAD = do_POST = do_PUT = do_CONNECT = _answer

            def log_message(self, format: str, *args: Any) -> None: ...

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 200

            def handle_error(self, request: Any, client_address: Any) -> None: ...  # a client that hung up

        self._server = Server(("127.0.0.1", 0), Handler)
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.port: int = self._server.server_address[1]
        self.origin = f"{'http' if tls is None else 'https'}://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    @property
    def tokens(self) -> list[str | None]:
        return [each.token for each in self.requests]

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class TokenServer(Listener):
    """Hands out ``token-1``, ``token-2`` ... What it says besides is in ``said``; ``failure`` instead of a token."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(tls)
        self.said: dict[str, Any] = {"token_type": "Bearer", "expires_in": 300}
        self.failure: Say | None = None
        self.metadata: dict[str, Any] = {"issuer": self.origin, "token_endpoint": f"{self.origin}/token"}
        self.may_answer = threading.Event()
        self.may_answer.set()
        self._given = 0
        self._lock = threading.Lock()
        self.answers["/.well-known/openid-configuration"] = lambda _: Say(body=json.dumps(self.metadata).encode())
        self.answers["/token"] = self._token

    @property
    def asked(self) -> list[Received]:
        return [each for each in self.requests if each.path == "/token"]

    def _token(self, received: Received) -> Say:
        self.may_answer.wait(20)
        if self.failure is not None:
            return self.failure
        with self._lock:
            self._given += 1
            said = {"access_token": f"token-{self._given}", **self.said}
        return Say(body=json.dumps(said).encode(), content_type="application/json", cache_control="no-store")


class _Tee:
    """A file of which all that is read is kept."""

    def __init__(self, file: Any, kept: bytearray) -> None:
        self._file = file
        self._kept = kept

    def readline(self, size: int = -1) -> bytes:
        return self._noted(self._file.readline(size))

    def read(self, size: int = -1) -> bytes:
        return self._noted(self._file.read(size)) if size else b""

    def _noted(self, octets: bytes) -> bytes:
        self._kept += octets
        return octets

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


def _chunks(file: Any) -> bytes:
    body = b""
    while size := int(file.readline().split(b";")[0], 16):
        body += file.read(size)
        file.readline()
    file.readline()
    return body
