"""Request: what is sent, byte for byte but for its tokens, which are minted when it is sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from .tokens import GOOD, Facts, Token, mint

Part = str | Token
PROTECTED: Final = "/protected"  # any genuine caller


@dataclass(frozen=True)
class Request:
    """A request or a WebSocket handshake. Texts are latin-1, as the wire has bytes.

    ``denial``: whether the server can answer a handshake with an HTTP response.
    """

    path: str
    headers: tuple[tuple[str, tuple[Part, ...]], ...] = ()
    method: str = "GET"
    query: tuple[Part, ...] = ()
    body: tuple[Part, ...] = ()
    kind: Literal["http", "websocket"] = "http"
    denial: bool = True

    @property
    def tokens(self) -> list[Token]:
        """The tokens that are minted for it."""
        values = [self.query, self.body, *(parts for _, parts in self.headers)]
        return [part for parts in values for part in parts if isinstance(part, Token)]

    def __str__(self) -> str:
        """What is sent, with the words of its tokens instead of their text."""
        target = self.path + (f"?{_shown(self.query)}" if self.query else "")
        words = ["WebSocket" if self.kind == "websocket" else self.method, target]
        if self.kind == "websocket" and not self.denial:
            words.append("(the server knows no denial responses)")
        lines = [" ".join(words), *(f"{name}: {_shown(parts)}" for name, parts in self.headers)]
        if self.body:
            lines.append(f"body: {_shown(self.body)}")
        return "\n".join(lines)


@dataclass(frozen=True)
class Filled:
    """A request whose tokens are minted; ``secrets`` are the tokens in it."""

    method: str
    path: str
    query: bytes
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    kind: Literal["http", "websocket"]
    denial: bool
    secrets: tuple[str, ...]


def fill(request: Request, facts: Facts) -> Filled:
    """Mint the tokens of ``request``."""
    secrets: list[str] = []

    def filled(parts: Sequence[Part]) -> bytes:
        texts = [mint(part, facts) if isinstance(part, Token) else part for part in parts]
        secrets.extend(text for part, text in zip(parts, texts, strict=True) if isinstance(part, Token))
        return "".join(texts).encode("latin-1")

    headers = tuple((name.encode("latin-1"), filled(parts)) for name, parts in request.headers)
    query, body = filled(request.query), filled(request.body)
    return Filled(
        request.method, request.path, query, headers, body, request.kind, request.denial, tuple(dict.fromkeys(secrets))
    )


def get(path: str, *headers: tuple[str, tuple[Part, ...]], method: str = "GET", query: Sequence[Part] = ()) -> Request:
    """A request without a body."""
    return Request(path, headers, method, tuple(query))


def post(path: str, content_type: str, body: Sequence[Part], *headers: tuple[str, tuple[Part, ...]]) -> Request:
    return Request(path, (("Content-Type", (content_type,)), *headers), "POST", body=tuple(body))


def header(name: str, *parts: Part) -> tuple[str, tuple[Part, ...]]:
    return name, parts


def authorization(*parts: Part) -> tuple[str, tuple[Part, ...]]:
    return "Authorization", parts


def bearing(token: Part = GOOD, path: str = PROTECTED, method: str = "GET") -> Request:
    """A request that carries ``token`` as RFC 6750 section 2.1 has it."""
    return get(path, authorization("Bearer ", token), method=method)


def websocket(path: str, *headers: tuple[str, tuple[Part, ...]], denial: bool = True) -> Request:
    return Request(path, headers, kind="websocket", denial=denial)


def _shown(parts: Sequence[Part]) -> str:
    return "".join(f"<{part.words}>" if isinstance(part, Token) else _abbreviated(part) for part in parts)


def _abbreviated(text: str) -> str:
    written = repr(text)[1:-1]
    return written if len(written) <= 120 else f"{written[:40]}... ({len(text)} characters)"
