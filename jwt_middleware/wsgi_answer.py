"""What a WSGI application answers, watched on its way out (PEP 3333)."""

from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Any
from wsgiref.types import StartResponse

from .access.caching import kept_private
from .access.current import Passage, enter, leave
from .errors import AuthError

ExcInfo = tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None]


class Answer:
    """How far the answer has come: not started, started, or sent (then it cannot be changed any more)."""

    __slots__ = ("_start_response", "_write", "sent")

    def __init__(self, start_response: StartResponse) -> None:
        self._start_response = start_response
        self._write: Callable[[bytes], object] | None = None  # the server's, from when the answer has started
        self.sent = False

    def start(
        self, status: str, headers: list[tuple[str, str]], exc_info: ExcInfo | None = None, /
    ) -> Callable[[bytes], object]:
        if exc_info is not None and self._write is not None:
            self._write = self._start_response(status, headers, exc_info)  # replaces what was not sent yet, PEP 3333
        else:
            self._write = self._start_response(status, headers)
        return self.write

    def write(self, chunk: bytes) -> object:
        self.sent = True
        return None if self._write is None else self._write(chunk)


class Body:
    """The body of an answer; whatever runs while it is iterated or closed sees the caller of its own request."""

    __slots__ = ("_answer", "_body", "_passage", "_refuse")

    def __init__(
        self,
        body: Iterable[bytes],
        passage: Passage,
        answer: Answer,
        refuse: Callable[[AuthError], Iterable[bytes]],
    ) -> None:
        self._body: Any = body
        self._passage = passage
        self._answer = answer
        self._refuse = refuse

    def __iter__(self) -> Iterator[bytes]:
        answer = self._answer
        chunks: Iterator[bytes] | None = None
        while True:
            entered = enter(self._passage)
            try:
                if chunks is None:
                    chunks = iter(self._body)
                chunk = next(chunks, None)
            except AuthError as refusal:
                if answer.sent:
                    raise
                chunks = iter(self._refuse(refusal))
                chunk = next(chunks, b"")
            finally:
                leave(entered)
            if chunk is None:
                return
            if chunk:
                answer.sent = True
            yield chunk

    def close(self) -> None:
        close = getattr(self._body, "close", None)
        if close is None:
            return
        entered = enter(self._passage)
        try:
            close()
        finally:
            leave(entered)


class OnlyCors:
    """The answer to a preflight that no path vouches for: CORS or an error; anything else is refused instead."""

    def __init__(self, start_response: StartResponse, refuse: Callable[[ExcInfo | None], Iterable[bytes]]) -> None:
        self._start_response = start_response
        self._refuse = refuse
        self._instead: Iterator[bytes] | None = None
        self._body: Iterable[bytes] = ()
        self._chunks: Iterator[bytes] | None = None

    def start(
        self, status: str, headers: list[tuple[str, str]], exc_info: ExcInfo | None = None, /
    ) -> Callable[[bytes], object]:
        says_cors = any(name.lower().startswith("access-control-allow-") for name, _ in headers)
        if says_cors or int(status[:3]) >= 400:
            self._instead = None
            if exc_info is None:
                return self._start_response(status, headers)
            return self._start_response(status, headers, exc_info)
        self._instead = iter(self._refuse(exc_info))
        return _nowhere

    def over(self, body: Iterable[bytes]) -> Iterable[bytes]:
        """Hand on ``body``, or what was said instead."""
        self._body = body
        return self

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if self._instead is None:
            if self._chunks is None:
                self._chunks = iter(self._body)
            chunk = next(self._chunks, None)  # an application may start its answer only now
            if self._instead is None:
                if chunk is None:
                    raise StopIteration
                return chunk
        return next(self._instead)

    def close(self) -> None:
        getattr(self._body, "close", lambda: None)()


def started_privately(start_response: StartResponse) -> StartResponse:
    """The answer to a token in the URL, which no shared cache may keep."""

    def start(
        status: str, headers: list[tuple[str, str]], exc_info: ExcInfo | None = None, /
    ) -> Callable[[bytes], object]:
        said = [value for name, value in headers if name.lower() == "cache-control"]
        others = [(name, value) for name, value in headers if name.lower() != "cache-control"]
        fields = [*others, ("cache-control", kept_private(said))]
        return start_response(status, fields) if exc_info is None else start_response(status, fields, exc_info)

    return start


def _nowhere(data: bytes) -> None:
    """What an application writes whose answer was refused."""
