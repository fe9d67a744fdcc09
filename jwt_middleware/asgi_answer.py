"""An answer of an ASGI application, changed on its way out."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

from .access.caching import kept_private

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]

_CACHE_CONTROL: Final = b"cache-control"


def sent_privately(send: Send) -> Send:
    """The answer to a token in the URL, which no shared cache may keep."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            fields = list(message.get("headers", ()))
            said = [value.decode("latin-1") for name, value in fields if name.lower() == _CACHE_CONTROL]
            others = [(name, value) for name, value in fields if name.lower() != _CACHE_CONTROL]
            message = {**message, "headers": [*others, (_CACHE_CONTROL, kept_private(said).encode("latin-1"))]}
        await send(message)

    return sending
