"""What goes in and what comes out of a stack: raw scopes and environs, so that anything can be sent."""

import asyncio
import io
import sys
from collections.abc import Callable, Iterable, MutableMapping
from dataclasses import dataclass, field, replace
from typing import Any

Header = tuple[str, str]


@dataclass(frozen=True)
class Exchange:
    """A request, or a WebSocket handshake. Header values are latin-1 text, as the wire has bytes."""

    path: str
    method: str = "GET"
    headers: tuple[Header, ...] = ()
    body: bytes = b""
    kind: str = "http"
    host: str = "testserver"
    prefix: str = ""  # where the server has mounted the application: root_path, or SCRIPT_NAME
    denial: bool = True  # whether the server can answer a handshake with an HTTP response
    query: str = ""
    says: tuple[str, ...] = ()  # what the WebSocket client sends

    def with_header(self, name: str, value: str) -> "Exchange":
        return replace(self, headers=(*self.headers, (name, value)))


@dataclass
class Answer:
    """What came back. ``events`` are the types of the ASGI messages; ``error`` is what the application let out."""

    status: int = 0
    headers: list[Header] = field(default_factory=list)
    body: bytes = b""
    events: list[str] = field(default_factory=list)
    close_code: int = 0
    error: BaseException | None = None
    ran: tuple[str, ...] = ()

    def header(self, name: str) -> str:
        """The one value of a header, or an empty text. Two values are a defect of every answer."""
        values = [value for each, value in self.headers if each.lower() == name]
        assert len(values) < 2, f"{name} came {len(values)} times"
        return values[0] if values else ""

    @property
    def everything(self) -> str:
        return f"{self.headers!r} {self.body!r} {self.error!r}"


def send_asgi(app: Callable[..., Any], exchange: Exchange) -> Answer:
    return asyncio.run(_asgi(app, exchange))


async def _asgi(app: Callable[..., Any], exchange: Exchange) -> Answer:
    answer = Answer()
    websocket = exchange.kind == "websocket"
    scope: dict[str, Any] = {
        "type": exchange.kind,
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "scheme": "ws" if websocket else "http",
        "path": exchange.prefix + exchange.path,
        "raw_path": (exchange.prefix + exchange.path).encode(),
        "root_path": exchange.prefix,
        "query_string": exchange.query.encode(),
        "headers": [
            (b"host", exchange.host.encode()),
            *((name.lower().encode(), value.encode("latin-1")) for name, value in exchange.headers),
        ],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
        "state": {},
    }
    if exchange.body:
        scope["headers"].append((b"content-length", str(len(exchange.body)).encode()))
    if websocket:
        scope |= {"subprotocols": [], "extensions": {"websocket.http.response": {}} if exchange.denial else {}}
        incoming: list[dict[str, Any]] = [
            {"type": "websocket.connect"},
            *({"type": "websocket.receive", "text": text} for text in exchange.says),
        ]
        last = {"type": "websocket.disconnect", "code": 1000}
    else:
        scope["method"] = exchange.method
        half = len(exchange.body) // 2
        incoming = [
            {"type": "http.request", "body": exchange.body[:half], "more_body": True},
            {"type": "http.request", "body": exchange.body[half:], "more_body": False},
        ]
        last = {"type": "http.disconnect"}
    done = asyncio.Event()

    async def receive() -> dict[str, Any]:
        if incoming:
            return incoming.pop(0)
        if not websocket:
            await done.wait()  # a client that stays until it has its answer
        return last

    async def send(message: MutableMapping[str, Any]) -> None:
        answer.events.append(message["type"])
        kind = message["type"].removeprefix("websocket.")
        if kind == "http.response.start":
            answer.status = message["status"]
            answer.headers = [
                (name.decode("latin-1"), value.decode("latin-1")) for name, value in message.get("headers", ())
            ]
        elif kind == "http.response.body":
            answer.body += message.get("body", b"")
            if not message.get("more_body"):
                done.set()
        elif kind == "accept":
            answer.status = 101
        elif kind == "send":
            answer.body += (message.get("text") or "").encode()
        elif kind == "close":
            answer.close_code = message.get("code", 1000)
            if answer.status == 0:
                answer.status = 403  # what servers make of a close before the accept

    try:
        await asyncio.wait_for(app(scope, receive, send), 20)
    except Exception as error:
        answer.error = error
    return answer


def send_wsgi(app: Callable[..., Any], exchange: Exchange) -> Answer:
    answer = Answer()
    environ: dict[str, Any] = {
        "REQUEST_METHOD": exchange.method,
        "SCRIPT_NAME": exchange.prefix,
        "PATH_INFO": exchange.path.encode().decode("latin-1"),
        "QUERY_STRING": exchange.query,
        "SERVER_NAME": exchange.host,
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": exchange.host,
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(exchange.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "CONTENT_LENGTH": str(len(exchange.body)),
    }
    for name, value in exchange.headers:
        key = name.upper().replace("-", "_")
        key = key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"
        joint = ";" if key == "HTTP_COOKIE" else ","
        environ[key] = f"{environ[key]}{joint}{value}" if key in environ else value  # as WSGI servers join them

    def start(status: str, headers: list[Header], exc_info: Any = None) -> Callable[[bytes], None]:
        answer.status, answer.headers = int(status[:3]), list(headers)

        def write(data: bytes) -> None:
            answer.body += data

        return write

    body: Iterable[bytes] = ()
    try:
        body = app(environ, start)
        for chunk in body:
            answer.body += chunk
    except Exception as error:
        answer.error = error
    finally:
        close = getattr(body, "close", None)
        if close is not None:
            close()
    return answer
