"""The door for Starlette."""

import functools
import inspect
import logging
import sys
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, TypeVar

from starlette.endpoints import HTTPEndpoint, WebSocketEndpoint
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.routing import Router

from . import asgi
from .access.current import current_passage, current_principal, demand_here
from .access.marks import Mark, declare, is_overtaken, overtake, public, unguarded
from .access.principal import ANONYMOUS, Principal
from .access.requirements import Requirement, all_of
from .asgi import Receive, Scope, Send
from .errors import AuthError, ConfigurationError
from .starlette_routes import Choice, Flatten, JudgingScope, along, endpoints, mounted, predict

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
# what the frameworks put themselves between an application's door and its router
_HARMLESS: Final = frozenset(
    {
        *("starlette.applications", "starlette.middleware.errors", "starlette.middleware.exceptions"),
        *("fastapi.applications", "fastapi.middleware.asyncexitstack"),
    }
)


class JWTMiddleware(asgi.JWTMiddleware):
    """Stands in front of a Starlette application: ``app.add_middleware(JWTMiddleware, guard=guard)``.

    Add CORSMiddleware after it, so that it stands outside and its headers reach refusals. The principal is
    ``request.user`` and ``request.auth``. Routes marked ``public`` take callers without a token, ``unguarded`` ones
    everyone; everything else is refused to them, unknown paths, redirects, mounts and static files included.
    """

    flat: Flatten = staticmethod(iter)

    def __init__(self, app: asgi.App, **options: Any) -> None:
        super().__init__(app, **options)
        self._lock = threading.Lock()  # guards the next two
        self._prepared = False
        self._router: Router | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self._prepared:
            with self._lock:
                if not self._prepared:
                    self._look_behind(scope)
                    self._prepared = True
        await super().__call__(scope, receive, send)

    def marks(self, scope: Scope) -> "RouteMarks":
        return RouteMarks(self.is_public_path, scope, self._router, self.flat)

    def _look_behind(self, scope: Scope) -> None:
        """Look at the application before its first request. Raises ConfigurationError until it is right."""
        way = list(along(self.app))
        router = way[-1]
        if not isinstance(router, Router):
            _log.warning("no router was found behind JWTMiddleware: marks of routes do not count, paths do")
            return
        self._router = router
        refuse_overtaken(endpoints(router.routes, self.flat))
        behind = [app for sub in mounted(router.routes, self.flat) for app in along(sub)]
        for app in (*way, *behind):
            if isinstance(app, ExceptionMiddleware):
                app._exception_handlers.setdefault(AuthError, refusal_response)  # noqa: SLF001  # beside a user's
        if any(_is_foreign(app) for app in way[:-1]):
            _stand_before(router, way, Gate(router, self))


class RouteMarks(asgi.Marks):
    """What the route that Starlette will choose allows."""

    def __init__(
        self, is_public: Callable[[str, str], bool], scope: Scope, router: Router | None, flat: Flatten
    ) -> None:
        super().__init__(is_public, scope)
        self._router = router
        self._flat = flat
        self._choice: Choice | None = None

    def ask(self) -> Mark | None:
        by_path = super().ask()
        if by_path is not None or self._router is None:
            return by_path
        self._choice = predict(self._router, self._scope, self._flat)
        return None if self._choice is None else self._choice.mark(self._scope.get("method", "GET"))

    def seal(self, waived: AuthError) -> Scope:
        return self._scope if self._choice is None else JudgingScope(self._scope, self._choice, waived)


class Gate:
    """Stands directly before the router where other middlewares stand between the door and it.

    They may have changed method or path since the door looked: what was waived is asked once more.
    """

    def __init__(self, router: Router, door: JWTMiddleware) -> None:
        self.app = router
        self._door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        passage = current_passage()
        waived = None if passage is None or passage.guard is not self._door.guard else passage.waived
        if waived is None:
            await self.app(scope, receive, send)
            return
        marks = self._door.marks(scope)
        if marks.ask() is None:
            raise waived
        sealed = marks.seal(waived)
        try:
            await self.app(sealed, receive, send)
        finally:
            if sealed is not scope:
                scope.update(sealed)


def require(*requirements: Requirement) -> Callable[[Endpoint], Endpoint]:
    """Demand all of ``requirements`` of whoever calls this endpoint: a function, a method, or a class-based endpoint.

    Stands below a route decorator. Raises ConfigurationError where it would protect nothing.
    """
    requirement = all_of(requirements)

    def decorate(endpoint: Endpoint) -> Endpoint:
        if isinstance(endpoint, type):
            return _guard_class(endpoint, requirement)  # type: ignore[no-any-return]  # the very same class
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

    declare(asking, requirement)
    overtake(endpoint)
    return asking  # type: ignore[return-value]  # it is called like the endpoint


def _guard_class(endpoint: Any, requirement: Requirement) -> Any:
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
        routes = value.routes if isinstance(value, Router) else getattr(getattr(value, "router", None), "routes", ())
        if isinstance(routes, list) and any(getattr(route, "endpoint", None) is endpoint for route in routes):
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


def _is_foreign(app: object) -> bool:
    """Whether something stands between door and router that may answer, or change what is asked."""
    return type(app).__module__ not in _HARMLESS


def _stand_before(router: Router, way: Sequence[Any], gate: Gate) -> None:
    for app in way[:-1]:
        if getattr(app, "app", None) is router:
            app.app = gate
