"""Which request a call belongs to, for whoever watches the way of it: W3C Trace Context, passed on beside the token."""

import re
from collections.abc import MutableMapping
from typing import Final

from ..access.current import current_passage

_PARENT: Final = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_STATE: Final = re.compile(r"[\x20-\x7e]{1,512}")


def pass_trace_on(headers: MutableMapping[str, str]) -> None:
    """Add ``traceparent`` and ``tracestate`` as they came with the request that is being served, unless they are there.

    Who traces by themselves sets them anew, and that stands. Nothing else is passed on: least of all ``baggage``, in
    which a caller may send whatever they like.
    """
    passage = current_passage()
    if passage is None or passage.info is None or "traceparent" in headers:
        return
    info = passage.info(passage.request)
    parents, states = info.header("traceparent"), info.header("tracestate")
    if len(parents) != 1 or not _PARENT.fullmatch(parents[0]):
        return
    headers["traceparent"] = parents[0]
    state = ",".join(states)  # several lines are one list
    if _STATE.fullmatch(state):
        headers["tracestate"] = state
