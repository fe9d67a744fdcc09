"""Which requests belong together, whatever a caller writes into the header."""

import asyncio
from typing import Any

import pytest
from httpx2 import AsyncClient, MockTransport, Request, Response

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


def test_a_trace_goes_on_to_whoever_is_asked(mesh: dict[str, Any]) -> None:
    from tracing import Traced, current_span, pass_on

    sent: list[str] = []

    def answer(request: Request) -> Response:
        sent.append(request.headers["traceparent"])
        return Response(200)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        async with AsyncClient(transport=MockTransport(answer), event_hooks={"request": [pass_on]}) as client:
            await client.get("http://localhost/")
        span = current_span.get()
        assert span is not None
        assert (span.trace_id, span.parent_id) == (TRACE, SPAN)
        assert sent == [f"00-{TRACE}-{span.span_id}-01"]

    headers = [(b"traceparent", f"00-{TRACE}-{SPAN}-01".encode())]
    asyncio.run(Traced(app)({"type": "http", "headers": headers}, None, None))
    assert len(sent) == 1


@pytest.mark.parametrize("header", ["", "x", f"00-{TRACE}-{SPAN}-01\n", f'00-{TRACE[:-1]}"-{SPAN}-01', f"00-{TRACE}"])
def test_what_is_no_trace_begins_a_new_one(mesh: dict[str, Any], header: str) -> None:
    from tracing import span_of

    span = span_of(header)
    assert (len(span.trace_id), span.parent_id) == (32, "")
    assert span.trace_id != TRACE
