"""A request on its way through Flask: what was chosen for it, and who is current until its body has been sent."""

from collections.abc import Callable, Iterator
from functools import partial
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
    method: str
    rule: object
    outer: "Visit | None"
    passage_before: Passage | None
    principal_before: object


# Makes a visit of its seven fields. One is made for every request, and NamedTuple's own way costs thrice as much.
_Fields = tuple[Request, int, str, object, "Visit | None", Passage | None, object]
_visit_of: Final[Callable[[_Fields], Visit]] = partial(tuple.__new__, Visit)

# Werkzeug's documented way to what stands behind a proxy; each question through the proxy itself would cost as much.
this_request: Final[Callable[[], Request]] = _request._get_current_object  # noqa: SLF001  # Werkzeug documents it


def these_globals() -> dict[str, Any]:
    """What is kept in ``g``, as Flask's own methods of it see it: they are Python, and there are six questions."""
    return vars(_globals._get_current_object())  # noqa: SLF001  # the same


def arrive(here: Request, around: dict[str, Any]) -> None:
    """Begin a visit. Whoever was current is so no longer once ``enter`` is called, which is up to the door."""
    around[_VISIT] = _visit_of(
        (
            here,
            get_ident(),
            here.method,
            here.url_rule,
            around.get(_VISIT),
            current_passage(),
            around.pop("principal", None),
        )
    )


def is_chosen_anew(here: Request) -> bool:
    """Whether another route or method is chosen by now than when the request came in."""
    visit: Visit | None = these_globals().get(_VISIT)
    return visit is not None and (visit.method != here.method or visit.rule != here.url_rule)


def depart(_: BaseException | None) -> None:
    """End the visit: who was current before it goes on. A ``teardown_request`` function."""
    around = these_globals()
    visit: Visit | None = around.get(_VISIT)
    if visit is None or visit.request is not this_request() or visit.thread != get_ident():
        return  # a copy of this request that ends in another thread, or one that never arrived
    enter(visit.passage_before)  # a view may call this or another guarded application, and goes on as it was
    around[_VISIT] = visit.outer
    if visit.outer is not None:  # else g ends as well, and tests may want to look at it
        around.pop("principal", None)
        if visit.principal_before is not None:
            around["principal"] = visit.principal_before


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
