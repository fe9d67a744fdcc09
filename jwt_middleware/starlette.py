"""The door for Starlette."""

import functools
import inspect
import logging
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeVar

from starlette.applications import Starlette
from starlette.endpoints import HTTPEndpoint, WebSocketEndpoint
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.routing import Router

from . import asgi
from .access.admission import Admission
from .access.current import current_passage, current_principal, demand_here
from .access.marks import declare, is_overtaken, overtake, public, unguarded
from .access.paths import Pattern
from .access.principal import ANONYMOUS, Principal
from .access.requirements import Requirement, all_of
from .asgi import Receive, Scope, Send
from .errors import AuthError, ConfigurationError
from .events import event
from .guard import Guard
from .starlette_gate import Gate, RouteMarks, withdrawn, write_back
from .starlette_routes import Flatten, along, endpoints, is_foreign, mounted

__all__ = [
    "ANONYMOUS",
    "JWTMiddleware",
    "Principal",
    "current_principal",
    "demand",
    "public",
    "require",
    "unguarded",
]

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])

_log: Final = logging.getLogger("jwt_middleware")


class JWTMiddleware(asgi.JWTMiddleware):
    """Stands in front of a Starlette application: ``app.add_middleware(JWTMiddleware, guard=guard)``.

    Add CORSMiddleware after it, so that it stands outside and its headers reach refusals. The principal is
    ``request.user`` and ``request.auth``. Routes marked ``public`` take callers without a token, ``unguarded`` ones
    everyone; everything else is refused to them, unknown paths, redirects, mounts and static files included.

    A mark counts where the router can be found by following ``.app`` from here, and in what is mounted there bare,
    without middleware of its own. What a middleware between here and the router answers by itself is not judged.
    """

    flat: Flatten = staticmethod(iter)

    def __init__(
        self,
        app: asgi.App,
        *,
        guard: Guard,
        public_paths: Iterable[Pattern] = (),
        unguarded_paths: Iterable[Pattern] = (),
        guarded_paths: Iterable[Pattern] | None = None,
    ) -> None:
        super().__init__(
            app, guard=guard, public_paths=public_paths, unguarded_paths=unguarded_paths, guarded_paths=guarded_paths
        )
        self._lock = threading.Lock()  # guards what is looked up once: the next three
        self._ready = False
        self._router: Router | None = None
        self._record = None

    async def _pass(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            try:
                self._check_routes()
            except ConfigurationError as mistake:
                await receive()
                await send({"type": "lifespan.startup.failed", "message": str(mistake)})
                raise
        await self.app(scope, receive, send)

    def get_ready(self, scope: Scope) -> None:
        with self._lock:
            if not self._ready:
                self._look_behind(scope)
                self._ready = True

    def _check_routes(self) -> Router | None:
        router = next((each for each in along(self.app) if isinstance(each, Router)), None)
        if router is not None:
            refuse_overtaken(endpoints(router.routes, self.flat))
        return router

    def _look_behind(self, scope: Scope) -> None:
        """Look at the application before its first request. Raises ConfigurationError until it is right."""
        router = self._check_routes()
        if router is None:
            _log.warning(
                "no router was found behind JWTMiddleware: marks of routes do not count, paths do",
                extra=event("router_not_found"),
            )
            return
        way = list(along(self.app))
        behind = [app for sub in mounted(router.routes, self.flat) for app in along(sub)]
        for app in (*way, *behind):
            if isinstance(app, ExceptionMiddleware):
                app._exception_handlers.setdefault(AuthError, refusal_response)  # noqa: SLF001  # beside a user's
        if any(is_foreign(app) for app in way[:-1]):
            self._record = f"jwt_middleware.{id(self):x}"  # its own: two doors may stand before one router
            gate = Gate(router, self, self._record, self.marks)
            for app in way[:-1]:
                if getattr(app, "app", None) is router:
                    app.app = gate  # type: ignore[attr-defined]  # it was found there
        self._router = router

    def marks(self, scope: Scope) -> RouteMarks:
        return RouteMarks(self.is_public_path, scope, self._router, self.flat)

    async def _let_in_waived(
        self, admission: Admission, marks: asgi.Marks, scope: Scope, receive: Receive, send: Send
    ) -> None:
        if not isinstance(marks, RouteMarks) or self._router is None:
            await super()._let_in_waived(admission, marks, scope, receive, send)
        elif self._record is None and not marks.permit(admission):
            await self.refuse(withdrawn(self, admission), scope, send)
        else:
            judged = marks.seal(lambda: withdrawn(self, admission))
            try:
                await self._let_in(ANONYMOUS, judged, receive, send)
            finally:
                write_back(scope, judged)


def require(*requirements: Requirement) -> Callable[[Endpoint], Endpoint]:
    """Demand all of ``requirements`` of whoever calls this endpoint: a function, a method, or a class-based endpoint.

    Stands below a route decorator. Raises ConfigurationError where it would protect nothing.
    """
    requirement = all_of(requirements)

    def decorate(endpoint: Endpoint) -> Endpoint:
        if isinstance(endpoint, type):
            return guard_class(endpoint, requirement)  # type: ignore[no-any-return]  # the very same class
        if not (inspect.isroutine(endpoint) or isinstance(endpoint, functools.partial)):
            raise ConfigurationError(f"require() takes functions and class-based endpoints, not {endpoint!r}")
        refuse_routed(endpoint, sys._getframe(1).f_locals)  # noqa: SLF001  # a factory's routers are locals
        return guard_function(endpoint, requirement)

    return decorate


def guard_function(endpoint: Endpoint, requirement: Requirement) -> Endpoint:
    """Ask before the function runs, in its own way: awaited, in a thread, or as the maker of a generator."""
    if inspect.iscoroutinefunction(endpoint):

        @functools.wraps(endpoint)
        async def asking(*args: Any, **kwargs: Any) -> Any:
            demand_here(requirement, _parameters((*args, *kwargs.values())))
            return await endpoint(*args, **kwargs)

    else:  # a generator function is asked when it is called, long before its first element: no answer has begun

        @functools.wraps(endpoint)
        def asking(*args: Any, **kwargs: Any) -> Any:
            demand_here(requirement, _parameters((*args, *kwargs.values())))
            return endpoint(*args, **kwargs)

    asking.__name__ = getattr(endpoint, "__name__", type(endpoint).__name__)  # as the frameworks name a route
    declare(asking, requirement)
    if hasattr(endpoint, "__dict__") and not inspect.ismethod(endpoint):  # others take no note
        overtake(endpoint)
    return asking  # type: ignore[return-value]  # it is called like the endpoint


def guard_class(endpoint: Any, requirement: Requirement) -> Any:
    """Ask before a class-based endpoint, or one of its subclasses, runs; what is returned is the very same class."""
    if not issubclass(endpoint, HTTPEndpoint | WebSocketEndpoint):
        raise ConfigurationError(f"require() takes functions and class-based endpoints, not {endpoint.__name__}")
    dispatch = endpoint.dispatch

    @functools.wraps(dispatch)
    async def asking(self: Any) -> None:
        demand_here(requirement, self.scope.get("path_params", {}))
        await dispatch(self)

    endpoint.dispatch = asking
    declare(endpoint, requirement)
    return endpoint


def demand(*requirements: Requirement) -> None:
    """Ask inside an endpoint what ``require`` asks at its door; the refusal becomes the challenge."""
    demand_here(all_of(requirements), _parameters(()))


async def refusal_response(connection: HTTPConnection, refusal: Exception) -> Response:
    """The exception handler for AuthError, inside the application and every mounted one."""
    passage = current_passage()
    if not isinstance(connection, Request) or passage is None or not isinstance(refusal, AuthError):
        raise refusal  # the door answers for a WebSocket
    challenge = passage.guard.challenge(refusal)
    body = b"" if connection.method == "HEAD" else challenge.body
    return Response(body, challenge.status, dict(challenge.headers))


def refuse_overtaken(every: Iterable[object]) -> None:
    """Raise ConfigurationError for routes that run a function without what ``require`` made of it."""
    lost = sorted({_lost(each) for each in every if is_overtaken(each)})
    if lost:
        raise ConfigurationError(*lost)


def refuse_routed(endpoint: Callable[..., Any], local: Mapping[str, Any]) -> None:
    """Raise ConfigurationError if a router in sight runs ``endpoint`` already: ``require`` stands too high."""
    in_sight = {**getattr(endpoint, "__globals__", {}), **local}
    for value in list(in_sight.values()):
        if not issubclass(type(value), Router | Starlette):  # isinstance would wake proxies and lazy objects
            continue
        if any(getattr(route, "endpoint", None) is endpoint for route in value.routes):
            raise ConfigurationError(_lost(endpoint))


def _parameters(arguments: Iterable[object]) -> Mapping[str, object]:
    """The parameters of the route, from the connection among the arguments, else from the request that is served."""
    for argument in arguments:
        if isinstance(argument, HTTPConnection):
            return argument.path_params
    passage = current_passage()
    scope = passage.request if passage is not None else None
    found = scope.get("path_params", {}) if isinstance(scope, dict) else {}
    return found if isinstance(found, Mapping) else {}


def _lost(endpoint: object) -> str:
    name = getattr(endpoint, "__qualname__", type(endpoint).__qualname__)
    return f"{name} is routed without its requirement: write @require(...) below the route decorator"
