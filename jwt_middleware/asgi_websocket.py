"""A WebSocket ends when its token does."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

EXPIRED: Final = 3000  # close code "unauthorized" of the WebSocket registry
_log: Final = logging.getLogger("jwt_middleware")


class ExpiringSocket:
    """One accepted connection that is closed when its token expires, by one timer and no task.

    The application sees the end as it sees every other: ``receive`` gives a disconnect, ``send`` raises OSError (ASGI
    specification, "Send after disconnect").
    """

    def __init__(self, seconds_left: float, receive: Receive, send: Send) -> None:
        self._seconds_left = seconds_left
        self._receive = receive
        self._send = send
        self._timer: asyncio.TimerHandle | None = None
        self._closing: asyncio.Task[None] | None = None

    async def receive(self) -> Message:
        if self._closing is not None:
            return {"type": "websocket.disconnect", "code": EXPIRED, "reason": "token_expired"}
        return await self._receive()

    async def send(self, message: Message) -> None:
        if self._closing is not None:
            raise OSError("the token of this connection has expired")
        if message["type"] == "websocket.accept":
            self._timer = asyncio.get_running_loop().call_later(max(0.0, self._seconds_left), self._expire)
        elif message["type"] == "websocket.close":
            self.stop()
        await self._send(message)

    def stop(self) -> None:
        """The connection has ended by itself: nothing is left to close."""
        if self._timer is not None:
            self._timer.cancel()

    def _expire(self) -> None:
        self._closing = asyncio.get_running_loop().create_task(self._close())

    async def _close(self) -> None:
        try:
            await self._send({"type": "websocket.close", "code": EXPIRED, "reason": "token_expired"})
        except Exception as error:  # noqa: BLE001  # the peer was faster; servers raise what they like
            _log.debug("a connection whose token expired was closed already: %s", type(error).__name__)
