"""The door for any ASGI application."""

from collections.abc import Awaitable, Callable, Iterable, MutableMapping, Sequence
from typing import Any

from .access.current import Passage, current_principal, demand_here, enter, leave
from .access.marks import Mark
from .access.paths import Pattern, path_patterns
from .access.principal import ANONYMOUS, Principal
from .access.request import RequestInfo
from .access.requirements import Requirement, all_of
from .asgi_websocket import ExpiringSocket
from .errors import AuthError
from .guard import Guard

__all__ = ["ANONYMOUS", "JWTMiddleware", "Principal", "current_principal", "demand"]

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class JWTMiddleware:
    """Stands in front of ``app`` and lets pass whom ``guard`` admits; lifespans and other scopes pass untouched.

    The principal stands in ``scope["user"]`` and ``scope["auth"]``, and in ``current_principal()``. ``public_paths``
    take callers without a token, ``unguarded_paths`` everyone, both as ANONYMOUS; outside of ``guarded_paths`` (None:
    everything is guarded) nothing is touched. An AuthError raised in the application becomes the challenge, as long as
    no answer has begun.
    """

    def __init__(
        self,
        app: App,
        *,
        guard: Guard,
        public_paths: Iterable[Pattern] = (),
        unguarded_paths: Iterable[Pattern] = (),
        guarded_paths: Iterable[Pattern] | None = None,
    ) -> None:
        self.app = app
        self.guard = guard
        self.is_public_path = path_patterns(public_paths, "public_paths")
        self._is_unguarded = path_patterns(unguarded_paths, "unguarded_paths")
        everything = guarded_paths is None
        self._is_guarded = path_patterns(["/*"] if guarded_paths is None else guarded_paths, "guarded_paths", wide=True)
        self._all_alike = everything and not unguarded_paths  # then no request needs a look at its path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        if not self._all_alike:
            method, path = scope.get("method", "GET"), route_path(scope)
            if self._is_unguarded(method, path):
                await self._let_in(ANONYMOUS, scope, receive, send)
                return
            if not self._is_guarded(method, path):
                await self.app(scope, receive, send)
                return
        principal = self._recalled(scope)
        if principal is not None:
            await self._let_in(principal, scope, receive, send)
            return
        admission = await self.guard.admit(request_info(scope))
        marks = self.marks(scope)
        final = self.guard.conclude(admission, marks.ask)
        if final.refusal is not None:
            await self._refuse(final.refusal, scope, send)
            return
        waived = admission.refusal if final.decision.reason != "preflight" else None
        sealed = scope if waived is None else marks.seal(waived)
        try:
            await self._let_in(final.principal, sealed, receive, send, waived)
        finally:
            if sealed is not scope:
                scope.update(sealed)  # who stands outside reads from it which route was run

    def _recalled(self, scope: Scope) -> Principal | None:
        """The caller, if the one Authorization header holds a token that was verified a moment ago."""
        authorization = None
        for name, value in scope["headers"]:
            if name == b"authorization":
                if authorization is not None:
                    return None
                authorization = value
        return None if authorization is None else self.guard.recall(authorization)

    def marks(self, scope: Scope) -> "Marks":
        """What the route of this request allows; plain ASGI knows only paths."""
        return Marks(self.is_public_path, scope)

    async def _let_in(
        self, principal: Principal, scope: Scope, receive: Receive, send: Send, waived: AuthError | None = None
    ) -> None:
        scope["user"] = scope["auth"] = principal
        last_sent = ""

        def watched(message: Message) -> Awaitable[None]:
            nonlocal last_sent
            last_sent = message["type"]
            return send(message)

        sending: Send = watched
        seconds_left = self.guard.seconds_left(principal) if scope["type"] == "websocket" else None
        connection = None if seconds_left is None else ExpiringSocket(seconds_left, receive, watched)
        if connection is not None:
            receive, sending = connection.receive, connection.send
        entered = enter(Passage(principal, self.guard, scope, waived))
        try:
            await self.app(scope, receive, sending)
        except AuthError as refusal:
            if scope["type"] == "websocket" and last_sent in ("websocket.accept", "websocket.send"):
                await send({"type": "websocket.close", "code": 3000 if refusal.status == 401 else 3003})
            elif last_sent:
                raise  # an answer has begun: nothing can be taken back
            else:
                await self._refuse(refusal, scope, send)
        finally:
            leave(entered)
            if connection is not None:
                connection.stop()

    async def _refuse(self, refusal: AuthError, scope: Scope, send: Send) -> None:
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

    def __init__(self, is_public: Callable[[str, str], bool], scope: Scope) -> None:
        self._is_public = is_public
        self._scope = scope

    def ask(self) -> Mark | None:
        scope = self._scope
        return Mark.PUBLIC if self._is_public(scope.get("method", "GET"), route_path(scope)) else None

    def seal(self, waived: AuthError) -> Scope:
        """The scope to hand on: ``waived`` is the refusal that holds again if another route is run."""
        return self._scope


def demand(*requirements: Requirement) -> None:
    """Ask inside the application what the caller must have; the refusal becomes the challenge.

    Raises ConfigurationError for ``path(...)``: plain ASGI has no routes.
    """
    demand_here(all_of(requirements), None)


def request_info(scope: Scope) -> RequestInfo:
    """What the guard is told of an ASGI request."""
    headers = scope["headers"]

    def header(name: str) -> Sequence[str]:
        wanted = name.encode("latin-1")
        return [value.decode("latin-1") for each, value in headers if each == wanted]

    scheme: str = scope.get("scheme", "http")
    return RequestInfo(
        kind=scope["type"],
        method=scope.get("method", "GET"),
        scheme={"ws": "http", "wss": "https"}.get(scheme, scheme),  # as an Origin would spell it
        path=route_path(scope),
        query=scope.get("query_string", b"").decode("latin-1"),
        header=header,
    )


def route_path(scope: Scope) -> str:
    """The path that is routed: what follows ``root_path``, where the path begins with it."""
    path: str = scope["path"]
    root: str = scope.get("root_path", "")
    if not root or not path.startswith(root):
        return path
    rest = path[len(root) :]
    return rest if not rest or rest.startswith("/") else path
