"""Which requests belong together: the trace in `traceparent` goes on to whoever is asked (W3C Trace Context).

In earnest OpenTelemetry does this; what it writes into logs are the same ids.
"""

import re
import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from httpx2 import Request

TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}")


@dataclass(frozen=True)
class Span:
    """One request at one service: its own id, and that of the request which caused it."""

    trace_id: str
    span_id: str
    parent_id: str


current_span: ContextVar[Span | None] = ContextVar("current_span", default=None)


class Traced:
    """Stands outside of everything, so that whatever is decided and logged within knows its trace."""

    def __init__(self, app: Callable[..., Awaitable[None]]) -> None:
        self.app = app

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            current_span.set(span_of(dict(scope["headers"]).get(b"traceparent", b"").decode("latin-1")))
        await self.app(scope, receive, send)


def span_of(traceparent: str) -> Span:
    """Whoever calls writes this header as they like: hexadecimal digits are taken over, and nothing else."""
    found = TRACEPARENT.fullmatch(traceparent)
    trace_id, parent_id = found.groups() if found else (secrets.token_hex(16), "")
    return Span(trace_id, secrets.token_hex(8), parent_id)


async def pass_on(request: Request) -> None:
    """For an HTTP client: `event_hooks={"request": [pass_on]}`."""
    span = current_span.get()
    if span is not None:
        request.headers["traceparent"] = f"00-{span.trace_id}-{span.span_id}-01"
