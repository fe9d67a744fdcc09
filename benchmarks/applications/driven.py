"""Applications, driven in this process: a request goes in as a server makes it, and the status comes out."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Protocol

from ..rounds import Work


class Driven(Protocol):
    """An application under one way of being asked."""

    def status(self, token: bytes) -> int:
        """What it answers to a request with this token."""

    def work(self, turns: Callable[[int], Iterator[bytes]]) -> Work:
        """Serve so many requests. Raises where an answer is not 200."""


def must_be_good(status: int) -> None:
    if status != 200:
        raise RuntimeError(f"an application answered {status} while it was measured")


def http_scope(token: bytes) -> dict[str, Any]:
    """What a server makes of a small GET request; the header's value is a new object each time."""
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": "/orders",
        "raw_path": b"/orders",
        "query_string": b"",
        "root_path": "",
        "headers": [
            (b"host", b"testserver"),
            (b"user-agent", b"benchmarks"),
            (b"accept", b"*/*"),
            (b"authorization", b"Bearer " + token),
        ],
        "client": ("127.0.0.1", 50_000),
        "server": ("127.0.0.1", 80),
        "state": {},
    }


async def receive() -> dict[str, Any]:
    return {"type": "http.request", "body": b"", "more_body": False}


async def _unheard(message: Any) -> None:
    if message["type"] == "http.response.start":
        must_be_good(message["status"])


@dataclass(frozen=True)
class ASGI:
    """Any ASGI application, or whatever else answers a request by awaiting."""

    app: Callable[..., Awaitable[object]]
    loop: asyncio.AbstractEventLoop

    def status(self, token: bytes) -> int:
        statuses = []

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])

        async def ask() -> None:
            await self.app(http_scope(token), receive, send)

        self.loop.run_until_complete(ask())
        return int(statuses[0])

    def work(self, turns: Callable[[int], Iterator[bytes]]) -> Work:
        app = self.app

        async def serve(tokens: Iterable[bytes]) -> None:
            for token in tokens:
                await app(http_scope(token), receive, _unheard)

        return lambda count: self.loop.run_until_complete(serve(turns(count)))


@dataclass(frozen=True)
class Awaited:
    """Something that answers a request object with a response object, such as one middleware of Django alone."""

    answer: Callable[[bytes], Awaitable[int]]
    loop: asyncio.AbstractEventLoop

    def status(self, token: bytes) -> int:
        async def ask() -> int:
            return await self.answer(token)

        return self.loop.run_until_complete(ask())

    def work(self, turns: Callable[[int], Iterator[bytes]]) -> Work:
        async def serve(tokens: Iterable[bytes]) -> None:
            for token in tokens:
                must_be_good(await self.answer(token))

        return lambda count: self.loop.run_until_complete(serve(turns(count)))


@dataclass(frozen=True)
class WSGI:
    """Any WSGI application; the body is read and closed as a server does it."""

    app: Callable[..., Iterable[bytes]]

    def status(self, token: bytes) -> int:
        statuses: list[str] = []

        def start_response(status: str, headers: object, exc_info: object = None) -> Callable[[bytes], object]:
            statuses.append(status)
            return bytes

        body = self.app(_environ(token), start_response)
        for _ in body:
            pass
        getattr(body, "close", int)()
        return int(statuses[-1].partition(" ")[0])

    def work(self, turns: Callable[[int], Iterator[bytes]]) -> Work:
        status = self.status

        def work(count: int) -> None:
            for token in turns(count):
                must_be_good(status(token))

        return work


def _environ(token: bytes) -> dict[str, Any]:
    return {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": "/orders",
        "QUERY_STRING": "",
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "testserver",
        "HTTP_USER_AGENT": "benchmarks",
        "HTTP_ACCEPT": "*/*",
        "HTTP_AUTHORIZATION": "Bearer " + token.decode("latin-1"),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(),
        "wsgi.errors": None,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
