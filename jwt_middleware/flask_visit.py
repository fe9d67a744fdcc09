"""A request on its way through Flask: what was chosen for it, and who is current until its body has been sent."""

from collections.abc import Callable, Iterator
from threading import get_ident
from typing import Any, Final, NamedTuple, cast

from flask import Request, g, request
from flask.ctx import _AppCtxGlobals
from werkzeug.local import LocalProxy

from .access.current import Passage, current_passage, enter

_VISIT: Final = "_jwt_middleware_visit"
_request: Final = cast("LocalProxy[Request]", request)
_globals: Final = cast("LocalProxy[_AppCtxGlobals]", g)


class Visit(NamedTuple):
    """What was chosen when the request came in, and what was current: ``outer`` called this application from within."""

    request: Request
    thread: int
    choice: tuple[str, object]
    outer: "Visit | None"
    passage_before: Passage | None
    principal_before: object


def this_request() -> Request:
    return _request._get_current_object()  # noqa: SLF001  # Werkzeug's documented way to what stands behind a proxy


def these_globals() -> _AppCtxGlobals:
    """What stands behind ``g``: each question through the proxy would cost as much as recalling a token."""
    return _globals._get_current_object()  # noqa: SLF001  # the same


def arrive(here: Request, around: _AppCtxGlobals) -> None:
    """Begin a visit; nobody is current."""
    outer, principal = around.get(_VISIT), around.pop("principal", None)
    setattr(around, _VISIT, Visit(here, get_ident(), _choice(here), outer, current_passage(), principal))
    enter(None)


def is_chosen_anew(here: Request) -> bool:
    """Whether another route or method is chosen by now than when the request came in."""
    visit: Visit | None = these_globals().get(_VISIT)
    return visit is not None and visit.choice != _choice(here)


def depart() -> None:
    """End the visit: who was current before it goes on."""
    around = these_globals()
    visit: Visit | None = around.get(_VISIT)
    if visit is None or visit.request is not this_request() or visit.thread != get_ident():
        return  # a copy of this request that ends in another thread, or one that never arrived
    enter(visit.passage_before)  # a view may call this or another guarded application, and goes on as it was
    setattr(around, _VISIT, visit.outer)
    if visit.outer is not None:  # else g ends as well, and tests may want to look at it
        around.pop("principal", None)
        if visit.principal_before is not None:
            around.principal = visit.principal_before


def _choice(here: Request) -> tuple[str, object]:
    return here.method, here.url_rule


class StreamedBody:
    """What runs while it is iterated or closed sees the caller of its own request."""

    def __init__(self, body: Any, passage: Passage) -> None:
        self._body = body
        self._chunks: Iterator[Any] | None = None
        self._passage = passage

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        return self._seeing(self._step)

    def _step(self) -> Any:
        if self._chunks is None:
            self._chunks = iter(self._body)
        return next(self._chunks)

    def close(self) -> None:
        self._seeing(getattr(self._body, "close", lambda: None))

    def _seeing(self, call: Callable[[], Any]) -> Any:
        before = current_passage()
        enter(self._passage)
        try:
            return call()
        finally:
            if current_passage() is self._passage:  # else the request has just ended, as stream_with_context does it
                enter(before)
