"""Whoever calls a guarded application: fifty threads through the WSGI door, or tasks on one loop through the ASGI door."""

import asyncio
import threading
import time
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol, Self

from jwt_middleware import Guard, asgi, wsgi

LONG = 60.0  # seconds until a drill that hangs fails


@dataclass(frozen=True)
class Answer:
    status: int
    retry_after: str
    seconds: float  # that the request took


class Asked(Protocol):
    """Sends one request per token, all at once, and waits for the answers."""

    guard: Guard

    def __call__(self, *tokens: str) -> list[Answer]: ...

    def begin(self, *tokens: str) -> "list[Future[Answer]]": ...


class Threads:
    """Requests to the WSGI door from a pool of threads."""

    def __init__(self, guard: Guard, workers: int = 50) -> None:
        self.guard = guard
        self._app = wsgi.JWTMiddleware(_wsgi_app, guard=guard)
        self._pool = ThreadPoolExecutor(workers)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown()

    def __call__(self, *tokens: str) -> list[Answer]:
        return [each.result(LONG) for each in self.begin(*tokens)]

    def begin(self, *tokens: str) -> "list[Future[Answer]]":
        return [self._pool.submit(self._one, token) for token in tokens]

    def _one(self, token: str) -> Answer:
        began = time.monotonic()
        said: list[Any] = []
        environ: dict[str, Any] = {
            "REQUEST_METHOD": "GET",
            "SCRIPT_NAME": "",
            "PATH_INFO": "/",
            "QUERY_STRING": "",
            "wsgi.url_scheme": "http",
            "HTTP_AUTHORIZATION": f"Bearer {token}",
        }

        def start_response(status: str, headers: list[tuple[str, str]], *_: Any) -> Any:
            said.extend((status, dict(headers)))

        body = self._app(environ, start_response)
        b"".join(body)
        close = getattr(body, "close", None)
        if close is not None:
            close()
        fields = {name.lower(): value for name, value in said[1].items()}
        return Answer(int(said[0][:3]), fields.get("retry-after", ""), time.monotonic() - began)


class OneLoop:
    """Requests to the ASGI door as tasks on one event loop, which runs in a thread until the drill is over."""

    def __init__(self, guard: Guard) -> None:
        self.guard = guard
        self._app = asgi.JWTMiddleware(_asgi_app, guard=guard)
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(_end_tasks(), self.loop).result(LONG)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.run_until_complete(self.loop.shutdown_default_executor())
        self.loop.close()

    def __call__(self, *tokens: str) -> list[Answer]:
        return [each.result(LONG) for each in self.begin(*tokens)]

    def begin(self, *tokens: str) -> "list[Future[Answer]]":
        """Every request, under way; cancelling a future is what a server does when a client hangs up."""
        return [asyncio.run_coroutine_threadsafe(self.one(token), self.loop) for token in tokens]

    async def one(self, token: str) -> Answer:
        began = time.monotonic()
        said: dict[str, Any] = {}

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            said.update(message)

        scope = {
            "type": "http",
            "method": "GET",
            "path": "/",
            "root_path": "",
            "query_string": b"",
            "scheme": "http",
            "headers": [(b"authorization", f"Bearer {token}".encode())],
        }
        await self._app(scope, receive, send)
        fields = {name.decode(): value.decode() for name, value in said["headers"]}
        return Answer(said["status"], fields.get("retry-after", ""), time.monotonic() - began)


def settle(guard: Guard) -> None:
    """Wait until no fetch of this guard is under way."""
    for trust in (*guard._trusts.declared, *(kept for kept, _ in guard._trusts._resolved.values())):
        flight = trust.keys._flights._current
        if flight is not None:
            flight.landing.result(LONG)


def statuses(answers: Iterable[Answer]) -> dict[int, int]:
    """How many answers had each status."""
    found: dict[int, int] = {}
    for answer in answers:
        found[answer.status] = found.get(answer.status, 0) + 1
    return found


def refused(answers: Iterable[Answer]) -> int:
    return sum(answer.status != 200 for answer in answers)


def slowest(answers: Iterable[Answer]) -> float:
    return max(answer.seconds for answer in answers)


async def _end_tasks() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


def _wsgi_app(environ: Any, start_response: Any) -> list[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"served"]


async def _asgi_app(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"served"})
