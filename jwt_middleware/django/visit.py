"""One request on its way through Django: what was found about it, and who is current meanwhile."""

from functools import cache, partial
from typing import Any, Final

from django.core.signals import request_finished
from django.http import HttpRequest

from ..access.admission import Admission
from ..access.current import Passage, current_passage, enter, passage_of
from ..access.principal import Principal
from .conf import Configured, configured
from .request_info import request_info

_VISIT: Final = "_jwt_middleware_visit"


class Visit:
    """Hangs on the request, and on every copy that a middleware makes of it.

    It is entered while the middlewares and the view run. The body of the answer is iterated later. What most requests
    never change stands in the class, so that making a visit costs two fields.
    """

    depth: int = 0  # how many middlewares of this door are running
    guarded: bool = False  # by JWTMiddleware: who gets further was let in by it
    by_path: bool = True  # nobody has looked for a token, for the path wants none
    refused: Admission | None = None  # waits for the view to be known: its mark may let the request in
    waived: bool = False
    answered: bool = False
    by_url: bool = False  # the token stood in the URL
    unproven: Admission | None = None  # came by a cookie, with a method that needs no proof

    def __init__(self, conf: Configured, before: Passage | None) -> None:
        self.conf = conf
        self.before = before  # who was current when the request came in, and is again when it has ended

    def __enter__(self) -> None:
        self.depth += 1

    def __exit__(self, failed: type[BaseException] | None, *_: object) -> None:
        self.depth -= 1
        # nobody announces the end of a request that never got an answer, or that nothing guards
        if failed is not None or (self.depth == 0 and current_passage() is None):
            enter(self.before)


def arrive(request: HttpRequest) -> Visit:
    """The visit of this request. A new one forgets whoever was served by this thread before."""
    visit: Visit | None = getattr(request, _VISIT, None)
    if visit is None or visit.depth == 0:  # a test may send one request twice
        passage = current_passage()
        if passage is not None:
            enter(None)
            passage = _around(passage)
        visit = Visit(configured(), passage)
        setattr(request, _VISIT, visit)
    return visit


def visit_of(request: HttpRequest) -> Visit | None:
    found: Visit | None = getattr(request, _VISIT, None)
    return found


def _around(passage: Passage) -> Passage | None:
    """Whose request made this one: another framework's, or that of a view which is still running.

    Else somebody was left behind, for the body of his answer was never closed.
    """
    if not isinstance(passage.request, HttpRequest):
        return passage
    visit = visit_of(passage.request)
    return passage if visit is not None and visit.depth else None


def let_in(request: HttpRequest, visit: Visit, principal: Principal, user: Any) -> None:
    """Hang principal and user where Django people look."""
    request.principal = principal  # type: ignore[attr-defined]  # this door's own name
    request.user = user
    request.auser = partial(_given, user)
    enter(passage_of((principal, visit.conf.guard, request, request_info, None, False)))


async def _given(user: Any) -> Any:
    return user


def is_guarded(request: HttpRequest) -> bool:
    """Whether JWTMiddleware stands in front of this request: who gets here was let in by it."""
    visit = visit_of(request)
    return visit is not None and visit.guarded


def came_by_url(request: HttpRequest) -> bool:
    """Whether the token of this request stood in its URL."""
    visit = visit_of(request)
    return visit is not None and visit.by_url


def is_current(request: HttpRequest) -> bool:
    """Whether the current caller sent this request, or the one that it is a copy of."""
    passage = current_passage()
    if passage is None or not isinstance(passage.request, HttpRequest):
        return False
    visit = visit_of(request)
    return visit is not None and visit is visit_of(passage.request)


@cache
def end_with_request() -> None:
    """Forget the caller when a request has ended. Connected once, however often it is called."""
    request_finished.connect(_end, dispatch_uid="jwt_middleware.django.visit")


def _end(**_: Any) -> None:
    """After the last byte, streamed ones included. Who was current before it is so again, if anybody was."""
    passage = current_passage()
    while passage is not None and isinstance(passage.request, HttpRequest):
        visit = visit_of(passage.request)
        if visit is not None and visit.depth:
            break  # not this request has ended, but one that its view has made
        passage = None if visit is None else visit.before
    enter(passage)
