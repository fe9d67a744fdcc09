"""The issuer: a real HTTP server that publishes metadata and keys, well or badly, and remembers who asked."""

import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

from .certificate import self_signed
from .keys import JWK, public_jwk


@dataclass(frozen=True)
class Answer:
    """What one path answers. ``drip``: seconds between single bytes."""

    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})
    drip: float = 0.0


class Documents:
    """What the issuer ``url`` publishes."""

    def __init__(self, url: str, answers: dict[str, Answer]) -> None:
        self.url = url
        self._path = urlsplit(url).path
        self._answers = answers

    def usual(self) -> "Documents":
        """Metadata in OpenID Connect's place, and three good keys."""
        self.openid()
        self.keys(public_jwk("ec"), public_jwk("rsa"), public_jwk("ed"))
        return self

    def beside(self, suffix: str) -> "Documents":
        """What another issuer publishes, whose URL is this one and ``suffix``: as usual."""
        return Documents(self.url + suffix, self._answers).usual()

    def openid(self, **changes: object) -> None:
        """Metadata where OpenID Connect appends it."""
        self.put("/.well-known/openid-configuration", self.metadata(**changes))

    def oauth(self, **changes: object) -> None:
        """Metadata where RFC 8414 inserts it, and only there."""
        self.no_openid()
        self._answers[f"/.well-known/oauth-authorization-server{self._path}"] = self.metadata(**changes)

    def no_openid(self) -> None:
        self._answers.pop(f"{self._path}/.well-known/openid-configuration", None)

    def metadata(self, **changes: object) -> Answer:
        document = {"issuer": self.url, "jwks_uri": f"{self.url}/jwks", **changes}
        return Answer(json.dumps(document, ensure_ascii=False).encode())

    def keys(self, *jwks: JWK) -> None:
        self.put("/jwks", Answer(json.dumps({"keys": jwks}).encode()))

    def put(self, path: str, answer: Answer) -> None:
        """Answer so below the issuer's URL."""
        self._answers[self._path + path] = answer


@dataclass(frozen=True)
class Publish:
    """A change of what the issuer publishes, in words."""

    words: str
    change: Callable[[Documents], None]


def keys(words: str, jwks: Callable[[], list[JWK]]) -> Publish:
    """Publish exactly these keys, which are made when they are needed."""
    return Publish(f"the issuer publishes {words}", lambda documents: documents.keys(*jwks()))


class IssuerServer:
    """Serves every issuer's documents, over plain HTTP and over TLS with a certificate that nobody knows."""

    def __init__(self, plain: int, tls: int, answers: dict[str, Answer], asked: list[str]) -> None:
        self.plain = f"http://127.0.0.1:{plain}"
        self.tls = f"https://127.0.0.1:{tls}"
        self.asked = asked
        self._answers = answers

    def url(self, transport: str, setting: str) -> str:
        """The issuer that an application behind ``transport`` trusts in this setting."""
        return issuer_url(self.plain, self.tls, transport, setting)

    def documents(self, transport: str, setting: str) -> Documents:
        return Documents(self.url(transport, setting), self._answers)

    def publish(self, transport: str, setting: str) -> None:
        """Let the issuer of this setting publish what is usual."""
        self.documents(transport, setting).usual()


def issuer_url(plain: str, tls: str, transport: str, setting: str) -> str:
    return f"{tls if setting == 'tls' else plain}/{transport}/{setting}"


@contextmanager
def serving_issuers() -> Iterator[IssuerServer]:
    """An issuer server on two free ports of the loopback interface."""
    answers: dict[str, Answer] = {}
    asked: list[str] = []

    class Asked(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            answer = answers.get(self.path, Answer(b"nothing here", 404))
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            try:
                if not answer.drip:
                    self.wfile.write(answer.body)
                for byte in answer.body if answer.drip else b"":
                    self.wfile.write(bytes([byte]))
                    time.sleep(answer.drip)  # the fault itself
            except OSError:
                return  # whoever asked has had enough

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    with TemporaryDirectory() as folder, _listening(Asked) as plain, _listening(Asked, Path(folder)) as tls:
        yield IssuerServer(plain.server_port, tls.server_port, answers, asked)


class _Quiet(ThreadingHTTPServer):
    block_on_close = False
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: who does not trust the certificate hangs up."""


@contextmanager
def _listening(asked: type[BaseHTTPRequestHandler], certificate: Path | None = None) -> Iterator[ThreadingHTTPServer]:
    with _Quiet(("127.0.0.1", 0), asked) as server:
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self_signed(certificate))
            server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
