"""Was it the route that was predicted? The two locks on what a door waived for a mark.

A scope judges the router's choice at the moment it is written, before any code of the user runs. And where other
middlewares stand between door and router, which may ask for something else than the caller did, a gate directly before
the router looks again.
"""

import logging
from collections.abc import Callable, Mapping
from typing import Any, Final, Self

from starlette.routing import Router

from .access.admission import Admission
from .access.current import current_passage, enter, leave
from .access.marks import Mark
from .asgi import REQUESTS, App, JWTMiddleware, Marks, Receive, Scope, Send, route_path
from .errors import AuthError, MissingToken
from .events import event
from .starlette_routes import Choice, Flatten, predict

_UNSEEN: Final = object()
_log: Final = logging.getLogger("jwt_middleware")


class JudgingScope(dict[str, Any]):
    """A scope that refuses the moment a router writes an endpoint into it that was not predicted."""

    def __init__(self, scope: Mapping[str, Any], choice: Choice | None, refusal: Callable[[], AuthError]) -> None:
        super().__init__(scope)
        self._choice = choice
        self._refusal = refusal

    def update(self, *others: Any, **members: Any) -> None:
        written = dict(*others, **members)
        self._judge(written)
        super().update(written)

    def __setitem__(self, name: str, value: Any) -> None:
        self._judge({name: value})
        super().__setitem__(name, value)

    def __ior__(self, other: Any) -> Self:  # type: ignore[override, misc]  # dict allows other kinds of pairs
        self.update(other)
        return self

    def setdefault(self, name: str, default: Any = None) -> Any:
        if name not in self:
            self[name] = default
        return self[name]

    def _judge(self, written: Mapping[str, Any]) -> None:
        if "endpoint" in written and (self._choice is None or not self._choice.includes(written["endpoint"])):
            raise self._refusal()


class RouteMarks(Marks):
    """What the route that Starlette will choose allows."""

    def __init__(
        self, is_public_path: Callable[[str, str], bool], scope: Scope, router: Router | None, flat: Flatten
    ) -> None:
        super().__init__(is_public_path, scope)
        self._router = router
        self._flat = flat
        self._choice: Choice | None = None
        self._predicted = False

    def ask(self) -> Mark | None:
        by_path = super().ask()
        if by_path is not None:
            return by_path
        choice = self._predict()
        return None if choice is None else choice.mark(self._scope.get("method", "GET"))

    def permit(self, admission: Admission) -> bool:
        """Whether the route allows what was waived, where nothing can change between this question and the router.

        A preflight is for CORS, which has not answered it: only what the framework itself says of methods is left.
        """
        anonymous = isinstance(admission.refusal, MissingToken)
        mark = self.ask()
        if mark is Mark.UNGUARDED or (mark is Mark.PUBLIC and anonymous):
            return True
        choice = self._predict()
        return anonymous and admission.request.is_preflight and choice is not None and not choice.method_allowed

    def seal(self, refusal: Callable[[], AuthError]) -> Scope:
        """The scope to hand on: ``refusal`` holds again if another route is run. What a path opens is open."""
        if super().ask() is not None:
            return self._scope
        return JudgingScope(self._scope, self._predict(), refusal)

    def _predict(self) -> Choice | None:
        if not self._predicted and self._router is not None:
            try:
                self._choice = predict(self._router, self._scope, self._flat)
            except Exception as error:  # noqa: BLE001  # a route of the user's stumbled; what cannot be told is guarded
                _log.warning(
                    "a route could not be predicted, so it is guarded: %s",
                    type(error).__name__,
                    extra=event("route_not_predicted", error=type(error).__name__),
                )
            self._predicted = True
        return self._choice


class Gate:
    """Stands directly before the router where something between the door and it may have changed what is asked.

    Callers with a good token pass. What the door waived is asked once more of what is asked now; and what the door has
    not seen at all passes only where its paths say so.
    """

    def __init__(self, router: Router, door: JWTMiddleware, record: str, marks: Callable[[Scope], RouteMarks]) -> None:
        self.app: App = router
        self._door = door
        self._record = record
        self._marks = marks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        admission = scope.get(self._record, _UNSEEN) if scope["type"] in REQUESTS else None
        judged = scope
        if isinstance(admission, Admission):
            marks = self._marks(scope)
            if not marks.permit(admission):
                await self._door.refuse(withdrawn(self._door, admission), scope, send)
                return
            judged = marks.seal(lambda: withdrawn(self._door, admission))
        elif admission is _UNSEEN and not self._is_open(scope):
            await self._door.refuse(MissingToken(), scope, send)
            return
        passage = current_passage()
        entered = None
        if passage is not None and passage.guard is self._door.guard and passage.request is not judged:
            entered = enter(passage._replace(request=judged))  # parameters of the route stand there
        try:
            await self.app(judged, receive, send)
        finally:
            if entered is not None:
                leave(entered)
            write_back(scope, judged)

    def _is_open(self, scope: Scope) -> bool:
        method, path = scope.get("method", "GET"), route_path(scope)
        return self._door.is_unguarded_path(method, path) or not self._door.is_guarded_path(method, path)


def withdrawn(door: JWTMiddleware, admission: Admission) -> AuthError:
    """The refusal that was waived holds again, and the observers hear of it."""
    door.guard.withdraw(admission)
    return admission.refusal or MissingToken()


def write_back(scope: Scope, judged: Scope) -> None:
    """Who stands outside reads from its scope which route was run."""
    if judged is scope:
        return
    if isinstance(scope, dict):
        dict.update(scope, judged)  # past the judgement of another gate: this one has judged
    else:
        scope.update(judged)
