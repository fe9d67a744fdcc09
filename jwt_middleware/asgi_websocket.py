"""A WebSocket ends when its token does."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

from .events import event

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

# close codes of the WebSocket registry for what HTTP calls 401, 403 and 503; 1008 is "policy violation"
_CLOSE_CODES: Final = {401: 3000, 403: 3003, 503: 1013}
EXPIRED: Final = _CLOSE_CODES[401]
_log: Final = logging.getLogger("jwt_middleware")


def close_code(status: int) -> int:
    """The code that closes an accepted connection where HTTP would answer ``status``."""
    return _CLOSE_CODES.get(status, 1008)


async def close(send: Send, code: int, reason: str) -> None:
    """Close an accepted connection. The peer may have been faster, and servers say so each in their own way."""
    try:
        await send({"type": "websocket.close", "code": code, "reason": reason})
    except Exception as error:  # noqa: BLE001  # as said
        _log.debug(
            "a connection was closed already when it was to be: %s",
            type(error).__name__,
            extra=event("socket_closed_before", error=type(error).__name__),
        )


class ExpiringSocket:
    """One accepted connection that is closed when its token expires, by one timer and no task before.

    The application sees the end as it sees every other: ``receive`` gives a disconnect, ``send`` raises OSError (ASGI
    specification, "Send after disconnect"). Under another event loop than asyncio there is no timer: there the next
    ``receive`` or ``send`` ends the connection.
    """

    def __init__(self, seconds_left: float, receive: Receive, send: Send) -> None:
        self._ends_at = time.monotonic() + seconds_left
        self._receive = receive
        self._send = send
        self._accepted = False
        self._closed = False
        self._timer: asyncio.TimerHandle | None = None
        self._closing: asyncio.Task[None] | None = None

    async def receive(self) -> Message:
        if not self._has_expired():
            message = await self._receive()
            if message["type"] == "websocket.disconnect":
                self._end()
            if message["type"] != "websocket.receive" or not self._has_expired():
                return message
        await self._close()
        return {"type": "websocket.disconnect", "code": EXPIRED, "reason": "token_expired"}

    async def send(self, message: Message) -> None:
        if self._has_expired():
            await self._close()
            if message["type"] == "websocket.close":
                return
            raise OSError("the token of this connection has expired")
        if message["type"] == "websocket.close":
            self._end()
        await self._send(message)
        if message["type"] == "websocket.accept":
            self._accepted = True
            self._set_timer()

    async def stop(self) -> None:
        """The application has finished; a close that is under way is waited for, so that its code reaches the peer."""
        self._end()
        if self._closing is not None:
            await asyncio.wait([self._closing])

    def _end(self) -> None:
        """Somebody else has closed the connection: there is nothing left to be closed."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()

    def _has_expired(self) -> bool:
        return self._accepted and time.monotonic() >= self._ends_at

    def _set_timer(self) -> None:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:  # trio
            return
        self._timer = loop.call_later(max(0.0, self._ends_at - time.monotonic()), self._expire)

    def _expire(self) -> None:
        self._ends_at = 0.0  # the clocks of loop and machine may differ by a little
        self._closing = asyncio.get_running_loop().create_task(self._close())

    async def _close(self) -> None:
        if not self._closed:
            self._closed = True
            await close(self._send, EXPIRED, "token_expired")
