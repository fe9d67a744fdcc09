"""An application behind a real server: the bytes of the request line and the fields are written as they are."""

import socket
import struct
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from http.client import HTTPException, HTTPResponse

from ..request import Filled, Request
from ..seen import Seen, seen_from
from .environ import NO_WEBSOCKETS

_PATIENCE = 30.0  # seconds
_HANDSHAKE = b"Upgrade: websocket\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n"


def nothing_logged() -> str:
    return ""


@dataclass(frozen=True)
class Sockets:
    """Sends over one connection per request. ``place`` stands before the path, with the setting's name in it.

    ``marked``: whether the application marks its answers. ``log`` gives what was logged since it was asked last.
    ``without``: the settings that do not exist here, and why. ``routes``: other paths for those that rows know.
    """

    name: str
    address: tuple[str, int]
    place: str = "/{setting}"
    websockets: bool = True
    marked: bool = True
    log: Callable[[], str] = nothing_logged
    without: Mapping[str, str] = field(default_factory=dict)
    routes: Mapping[str, str] = field(default_factory=dict)

    def lacks(self, setting: str, request: Request) -> str:
        if request.kind == "websocket" and not self.websockets:
            return NO_WEBSOCKETS
        return self.without.get(setting, "") if request.denial else "this server has denial responses"

    def send(self, setting: str, request: Filled) -> Seen:
        self.log()
        with socket.create_connection(self.address, _PATIENCE) as connection:
            seen = self._sent(connection, setting, request)
        return replace(seen, log=self.log())

    def _sent(self, connection: socket.socket, setting: str, request: Filled) -> Seen:
        with suppress(OSError):  # the server may have enough before the end; it may have said why
            connection.sendall(self._written(setting, request))
        response = HTTPResponse(connection, method=request.method)
        try:
            response.begin()
            if response.status == 101:
                return seen_from(101, response.getheaders(), b"", closed=_close_code(response), marked=self.marked)
            return seen_from(response.status, response.getheaders(), response.read(), marked=self.marked)
        except (OSError, HTTPException):
            return seen_from(0, [], b"", marked=self.marked)  # closed without a word
        finally:
            response.close()

    def _written(self, setting: str, request: Filled) -> bytes:
        path = self.routes.get(request.path, request.path)
        target = self.place.format(setting=setting).encode() + path.encode()
        target += b"?" + request.query if request.query else b""
        fields = b"".join(name + b": " + value + b"\r\n" for name, value in request.headers)
        host = ":".join(map(str, self.address)).encode()
        upgrade = _HANDSHAKE if request.kind == "websocket" else b""
        connection = b"Upgrade" if request.kind == "websocket" else b"close"
        length = f"Content-Length: {len(request.body)}\r\n".encode() if request.body else b""
        line = request.method.encode() + b" " + target + b" HTTP/1.1\r\nHost: " + host + b"\r\n"
        return line + fields + upgrade + length + b"Connection: " + connection + b"\r\n\r\n" + request.body


def _close_code(response: HTTPResponse) -> int:
    """Read frames of the server (RFC 6455 section 5.2) up to the close frame."""
    while True:
        first, length = response.fp.read(2)
        if length == 126:
            (length,) = struct.unpack("!H", response.fp.read(2))
        payload = response.fp.read(length)
        if first & 0x0F == 0x8:
            return int.from_bytes(payload[:2])
