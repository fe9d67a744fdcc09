"""How many Python functions a request calls because of the middleware: the same on every machine, and so exact."""

import asyncio
import sys
from collections.abc import Callable, Coroutine
from typing import Any, Final

from .applications import asgi
from .applications.driven import http_scope, receive
from .figures import Figure, exactly
from .samples import token

ALGORITHM: Final = "RS256"
WHERE: Final = "null ASGI app"


def figures(*, peers: bool) -> list[Figure]:
    app = asgi.null_ours()
    first, second = token(ALGORITHM).encode(), token(ALGORITHM).encode()
    _count(app, first)  # keys and headers have been read once
    cold, warm, bare = _count(app, second), _count(app, second), _count(asgi.null, second)
    return [exactly("calls", WHERE, what, counted - bare) for what, counted in (("warm", warm), ("cold", cold))]


def _count(app: Callable[..., Any], token: bytes) -> int:
    async def send(message: Any) -> None:
        pass

    async def ask() -> int:
        scope = http_scope(token)
        return await counted(app(scope, receive, send))

    return asyncio.run(ask())


async def counted(asked: Coroutine[Any, Any, object]) -> int:
    """How many Python functions are called until ``asked`` is done; resuming a coroutine counts as a call."""
    count = 0

    def note(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event == "call"

    sys.setprofile(note)
    try:
        await asked
    finally:
        sys.setprofile(None)
    return count
