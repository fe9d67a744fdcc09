"""How many Python functions a request calls because of the middleware: the same on every machine, and so exact."""

import asyncio
import sys
from collections import Counter
from collections.abc import Callable, Coroutine
from types import FrameType
from typing import Any, Final

from .applications import asgi
from .applications.driven import http_scope, receive
from .figures import Figure, exactly
from .samples import token

ALGORITHM: Final = "RS256"
WHERE: Final = "null ASGI app"
CALLED: Final = "functions that a new token calls, null ASGI app"


def figures(*, peers: bool) -> list[Figure]:
    app = asgi.null_ours()
    first, second = token(ALGORITHM).encode(), token(ALGORITHM).encode()
    _count(app, first)  # keys and headers have been read once
    cold, warm = _count(app, second), _count(app, second)
    totals = [exactly("calls", WHERE, what, called.total()) for what, called in (("warm", warm), ("cold", cold))]
    return [*totals, *(exactly("calls", CALLED, room, count) for room, count in cold.most_common())]


def _count(app: Callable[..., Any], token: bytes) -> Counter[str]:
    """Where the functions stand that are called, but for those of the bare application."""

    async def send(message: Any) -> None:
        pass

    async def ask() -> Counter[str]:
        return await called(app(http_scope(token), receive, send))

    found = asyncio.run(ask())
    found.subtract(asyncio.run(_bare(token)))
    return +found


async def _bare(token: bytes) -> Counter[str]:
    async def send(message: Any) -> None:
        pass

    return await called(asgi.null(http_scope(token), receive, send))


async def called(asked: Coroutine[Any, Any, object]) -> Counter[str]:
    """Where the Python functions stand that are called until ``asked`` is done; resuming a coroutine is a call."""
    found: Counter[str] = Counter()

    def note(frame: FrameType, event: str, argument: object) -> None:
        if event == "call":
            found[room_of(frame.f_code.co_filename)] += 1

    sys.setprofile(note)
    try:
        await asked
    finally:
        sys.setprofile(None)
    return found


def room_of(file: str) -> str:
    """Of our package the room, or the file that stands by itself."""
    _, ours, inside = file.partition("/jwt_middleware/")
    if ours:
        return inside.partition("/")[0]
    return "benchmarks" if f"/{__package__}/" in file else "PyJWT and cryptography"
