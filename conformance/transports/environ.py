"""A WSGI application in this process: the environ holds the bytes as they are."""

import io
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..request import Filled, Request
from ..seen import Seen, seen_from
from .log import logged

App = Callable[[Any, Any], Iterable[bytes]]

NO_WEBSOCKETS = "WSGI has no WebSockets"
_BARE = ("CONTENT_TYPE", "CONTENT_LENGTH")


@dataclass(frozen=True)
class Environ:
    """Sends by ``environ`` and ``start_response``. ``without``: the settings that do not exist here, and why."""

    app: App
    name: str = "environ"
    without: Mapping[str, str] = field(default_factory=dict)

    def lacks(self, setting: str, request: Request) -> str:
        return NO_WEBSOCKETS if request.kind == "websocket" else self.without.get(setting, "")

    def send(self, setting: str, request: Filled) -> Seen:
        with logged() as log:
            seen = _sent(self.app, setting, request)
        return replace(seen, log="\n".join(log))


def _sent(app: App, setting: str, request: Filled) -> Seen:
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": f"/{setting}{request.path}",
        "QUERY_STRING": request.query.decode("latin-1"),
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "testserver",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_LENGTH": str(len(request.body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, raw in request.headers:
        key, value = name.decode().upper().replace("-", "_"), raw.decode("latin-1")
        key = key if key in _BARE else f"HTTP_{key}"
        joint = ";" if key == "HTTP_COOKIE" else ","
        environ[key] = f"{environ[key]}{joint}{value}" if key in environ else value  # as WSGI servers join them
    begun: list[tuple[int, list[tuple[str, str]]]] = []

    def start(status: str, headers: list[tuple[str, str]], *_: Any) -> Callable[[bytes], None]:
        begun.append((int(status[:3]), list(headers)))
        return written.append

    written: list[bytes] = []
    body: Iterable[bytes] = ()
    error = ""
    try:
        body = app(environ, start)
        written += body
    except Exception as raised:  # noqa: BLE001  # a server would answer 500
        error = type(raised).__name__
    finally:
        close = getattr(body, "close", None)
        if close is not None:
            close()
    status, headers = begun[-1] if begun else (0, [])
    return replace(seen_from(status, headers, b"".join(written)), error=error)
