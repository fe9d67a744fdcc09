"""A long answer that ends when the token of its caller does."""

import math
import time
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator
from typing import Any, Final, TypeVar, overload

from ..errors import ConfigurationError
from ..waiting import OutOfTime, within
from .current import current_passage

T = TypeVar("T")

_NO_MORE: Final = object()


@overload
def until_expiry(chunks: AsyncIterable[T]) -> AsyncIterator[T]: ...


@overload
def until_expiry(chunks: Iterable[T]) -> Iterator[T]: ...


def until_expiry(chunks: Any) -> Any:
    """The same chunks, until the token of the current caller expires, leeway included.

    ``StreamingResponse(until_expiry(events()))`` in the view: the answer then ends like any other. Called while the
    request is served. What an async source awaits at that moment is cancelled, as when the client goes away; a blocking
    source is asked for no chunk after that. For an anonymous caller nothing ends early. Raises ConfigurationError where
    no JWTMiddleware stands in front.
    """
    passage = current_passage()
    if passage is None:
        raise ConfigurationError(
            "until_expiry() is called where no JWTMiddleware stands in front: call it in the view, not in the stream"
        )
    seconds = passage.guard.seconds_left(passage.principal)
    ends_at = math.inf if seconds is None else time.monotonic() + seconds
    return _awaited(chunks, ends_at) if isinstance(chunks, AsyncIterable) else _iterated(chunks, ends_at)


def _iterated(chunks: Iterable[T], ends_at: float) -> Iterator[T]:
    source = iter(chunks)
    try:
        while time.monotonic() < ends_at:
            chunk: Any = next(source, _NO_MORE)
            if chunk is _NO_MORE or time.monotonic() >= ends_at:
                return
            yield chunk
    finally:
        close = getattr(chunks, "close", None)
        if close is not None:
            close()


async def _awaited(chunks: AsyncIterable[T], ends_at: float) -> AsyncIterator[T]:
    source = aiter(chunks)
    try:
        while (left := ends_at - time.monotonic()) > 0:
            chunk: Any = await within(anext(source, _NO_MORE), left)
            if chunk is _NO_MORE:
                return
            yield chunk
    except OutOfTime:
        return
    finally:
        close = getattr(chunks, "aclose", None)
        if close is not None:
            await close()
