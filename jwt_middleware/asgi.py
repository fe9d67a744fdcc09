"""The door for any ASGI application."""

import functools
from collections.abc import Awaitable, Callable, Iterable, MutableMapping, Sequence
from typing import Any, Final

from .access.admission import Admission
from .access.current import current_principal, demand_here, enter, leave, passage_of
from .access.marks import Mark
from .access.paths import Pattern, path_patterns
from .access.principal import ANONYMOUS, Principal
from .access.request import NO_PARAMETERS, RequestInfo
from .access.requirements import Requirement, all_of
from .asgi_answer import sent_privately
from .asgi_websocket import ExpiringSocket, close, close_code
from .drafts import draft_of
from .errors import AuthError, ConfigurationError, MissingToken
from .guard import Guard

__all__ = ["ANONYMOUS", "JWTMiddleware", "Principal", "current_principal", "demand"]

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_InfoDraft: Final = draft_of(RequestInfo)
Sent = Awaitable[None]  # spelled out, an inner function would make it anew for every request
Values = Sequence[str]  # likewise
REQUESTS: Final = ("http", "websocket")
_BEGINNINGS: Final = frozenset(
    {"http.response.start", "websocket.accept", "websocket.close", "websocket.http.response.start"}
)


class JWTMiddleware:
    """Stands in front of ``app`` and lets pass whom ``guard`` admits; lifespans and other scopes pass untouched.

    The principal stands in ``scope["user"]`` and ``scope["auth"]``, and in ``current_principal()``. ``public_paths``
    take callers without a token, ``unguarded_paths`` everyone, both as ANONYMOUS; outside of ``guarded_paths`` (None:
    everything is guarded) nothing is touched. An AuthError raised in the application becomes the challenge, as long as
    no answer has begun.
    """

    _ready = True  # a framework's door has to look at its application before the first request
    _record: str | None = None  # where a gate further in reads, per request, whom the guard has seen

    def __init__(
        self,
        app: App,
        *,
        guard: Guard,
        public_paths: Iterable[Pattern] = (),
        unguarded_paths: Iterable[Pattern] = (),
        guarded_paths: Iterable[Pattern] | None = None,
    ) -> None:
        if not isinstance(guard, Guard):
            raise ConfigurationError(f"JWTMiddleware(guard=...): hand in a Guard, not {type(guard).__name__}")
        self.app = app
        self.guard = guard
        self.is_public_path = path_patterns(public_paths, "public_paths")
        self.is_unguarded_path = path_patterns(unguarded_paths, "unguarded_paths")
        self.is_guarded_path = (
            _everything if guarded_paths is None else path_patterns(guarded_paths, "guarded_paths", wide=True)
        )
        self._all_alike = guarded_paths is None and not unguarded_paths  # then no request needs a look at its path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in REQUESTS:
            await self._pass(scope, receive, send)
            return
        if not self._ready:
            self.get_ready(scope)
        if not self._all_alike:
            method, path = scope.get("method", "GET"), route_path(scope)
            if not self.is_guarded_path(method, path):
                await self.app(scope, receive, send)
                return
            if self.is_unguarded_path(method, path):
                await self._let_in(ANONYMOUS, scope, receive, send)
                return
        authorization = None
        for name, value in scope["headers"]:
            if name == b"authorization":
                authorization = value if authorization is None else b""  # two of them are for the guard to refuse
        principal = None if authorization is None else self.guard.recall(authorization)
        if principal is None:
            await self._admit(authorization, scope, receive, send)
            return
        if self._record is not None:
            scope[self._record] = None
        if scope["type"] != "http":
            await self._let_in(principal, scope, receive, send)
            return
        # What _let_in does for HTTP, written out: for a request that is recalled another coroutine would be the
        # largest part of what the door costs.
        scope["user"] = scope["auth"] = principal
        begun = False

        def watched(message: Message) -> Sent:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
            return send(message)

        entered = enter(passage_of((principal, self.guard, scope, request_info, None, False)))
        try:
            await self.app(scope, receive, watched)
        except AuthError as refusal:
            if begun:
                raise  # an answer has begun: nothing can be taken back
            await self.refuse(refusal, scope, send)
        finally:
            leave(entered)

    async def _pass(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)

    def get_ready(self, scope: Scope) -> None:
        """Look at the application, before the first request."""

    async def _admit(self, recalled: bytes | None, scope: Scope, receive: Receive, send: Send) -> None:
        admission = await self.guard.admit(request_info(scope), recalled)
        if admission.refusal is None:
            refusal = self.guard.conclude(admission).refusal
            if refusal is not None:  # a hook's
                await self.refuse(refusal, scope, send)
                return
            if self._record is not None:
                scope[self._record] = None
            await self._let_in(admission.principal, scope, receive, sent_privately(send) if admission.by_url else send)
            return
        marks = self.marks(scope)
        final = self.guard.conclude(admission, marks.ask)
        if final.refusal is not None:
            await self.refuse(final.refusal, scope, send)
            return
        if self._record is not None:
            scope[self._record] = admission
        await self._let_in_waived(admission, marks, scope, receive, send)

    def marks(self, scope: Scope) -> "Marks":
        """What the route of this request allows; plain ASGI knows only paths."""
        return Marks(self.is_public_path, scope)

    async def _let_in_waived(
        self, admission: Admission, marks: "Marks", scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Let in a request that the guard would have refused, but for its path, or as a preflight."""
        if admission.request.is_preflight and marks.ask() is None:
            send = only_cors(send, functools.partial(self._withdraw, admission, scope, send))
        await self._let_in(ANONYMOUS, scope, receive, send)

    async def _withdraw(self, admission: Admission, scope: Scope, send: Send) -> None:
        self.guard.withdraw(admission)
        await self.refuse(admission.refusal or MissingToken(), scope, send)

    async def _let_in(self, principal: Principal, scope: Scope, receive: Receive, send: Send) -> None:
        scope["user"] = scope["auth"] = principal
        seconds_left = self.guard.seconds_left(principal) if scope["type"] == "websocket" else None
        connection = None if seconds_left is None else ExpiringSocket(seconds_left, receive, send)
        if connection is not None:
            receive, send = connection.receive, connection.send
        begun = ""

        def watched(message: Message) -> Sent:
            nonlocal begun
            if message["type"] in _BEGINNINGS:
                begun = message["type"]
            return send(message)

        entered = enter(passage_of((principal, self.guard, scope, request_info, None, False)))
        try:
            await self.app(scope, receive, watched)
        except AuthError as refusal:
            if begun == "websocket.accept":
                await close(send, close_code(refusal.status), refusal.reason)
            elif begun:
                raise  # an answer has begun: nothing can be taken back
            else:
                await self.refuse(refusal, scope, send)
        finally:
            leave(entered)
            if connection is not None:
                await connection.stop()

    async def refuse(self, refusal: AuthError, scope: Scope, send: Send) -> None:
        """Answer with the challenge. A server that cannot say it to a WebSocket closes the handshake (HTTP 403)."""
        challenge = self.guard.challenge(refusal)
        prefix = "" if scope["type"] == "http" else "websocket."
        if prefix and "websocket.http.response" not in (scope.get("extensions") or {}):
            await send({"type": "websocket.close", "code": 1008, "reason": refusal.reason})
            return
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in challenge.headers]
        await send({"type": f"{prefix}http.response.start", "status": challenge.status, "headers": headers})
        body = b"" if scope.get("method") == "HEAD" else challenge.body
        await send({"type": f"{prefix}http.response.body", "body": body})


class Marks:
    """What the route of one request allows beyond callers with a good token. Frameworks know more than this one."""

    def __init__(self, is_public_path: Callable[[str, str], bool], scope: Scope) -> None:
        self._is_public_path = is_public_path
        self._scope = scope

    def ask(self) -> Mark | None:
        scope = self._scope
        return Mark.PUBLIC if self._is_public_path(scope.get("method", "GET"), route_path(scope)) else None


def only_cors(send: Send, refuse: Callable[[], Awaitable[None]]) -> Send:
    """The answer to a preflight that nobody vouches for: CORS or an error; anything else is refused instead.

    A preflight carries no token, and an application that does not look at the method would answer it like a GET.
    """
    refused = False

    async def sending(message: Message) -> None:
        nonlocal refused
        if message["type"] == "http.response.start" and message["status"] < 400:
            refused = not any(
                name.lower().startswith(b"access-control-allow-") for name, _ in message.get("headers", ())
            )
            if refused:
                await refuse()
        if not refused:
            await send(message)

    return sending


def demand(*requirements: Requirement) -> None:
    """Ask inside the application what the caller must have; the refusal becomes the challenge.

    Raises ConfigurationError for ``path(...)``: plain ASGI has no routes.
    """
    demand_here(all_of(requirements), None)


def request_info(scope: Scope) -> RequestInfo:
    """What the guard is told of an ASGI request."""
    headers = scope["headers"]

    def header(name: str) -> Values:
        wanted = name.encode("latin-1")
        return [value.decode("latin-1") for each, value in headers if each == wanted]

    scheme: str = scope.get("scheme", "http")
    info = _InfoDraft()
    info.kind = scope["type"]
    info.method = scope.get("method", "GET")
    info.scheme = {"ws": "http", "wss": "https"}.get(scheme, scheme)  # as an Origin would spell it
    info.path = route_path(scope) if scope.get("root_path") else scope["path"]
    info.query = scope.get("query_string", b"").decode("latin-1")
    info.header = header
    info.csrf_by_framework = False
    info.path_parameters = NO_PARAMETERS
    info.__class__ = RequestInfo
    return info  # type: ignore[no-any-return]  # it has become one


def _everything(method: str, path: str) -> bool:  # noqa: ARG001  # asked like a pattern; also for paths like "" and "*"
    return True


def route_path(scope: Scope) -> str:
    """The path that is routed: what follows ``root_path``, where the path begins with it."""
    path: str = scope["path"]
    root: str = scope.get("root_path", "")
    if not root or not path.startswith(root):
        return path
    rest = path[len(root) :]
    return rest if not rest or rest.startswith("/") else path
