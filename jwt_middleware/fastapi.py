"""The door for FastAPI."""

import functools
import inspect
import sys
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Final, TypeVar, overload

from asgiref.sync import markcoroutinefunction
from fastapi import Depends, FastAPI
from fastapi.openapi.models import HTTPBearer
from fastapi.routing import iter_route_contexts
from fastapi.security import SecurityScopes
from fastapi.security.base import SecurityBase
from starlette.requests import HTTPConnection
from starlette.routing import Router

from . import starlette
from .access.current import current_principal, demand_here
from .access.marks import declare, public, unguarded
from .access.principal import ANONYMOUS, Principal
from .access.requirements import Requirement, all_of, scope
from .asgi import Scope
from .errors import ConfigurationError
from .fastapi_openapi import SCHEME, complete
from .fastapi_routes import applications, foreseeable, mistakes
from .starlette import demand, guard_class, guard_function, refuse_routed
from .starlette_gate import RouteMarks
from .starlette_routes import along

__all__ = [
    "ANONYMOUS",
    "CurrentPrincipal",
    "JWTMiddleware",
    "Principal",
    "current_principal",
    "demand",
    "openapi_document",
    "public",
    "require",
    "unguarded",
]

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


class JWTMiddleware(starlette.JWTMiddleware):
    """Stands in front of a FastAPI application: ``app.add_middleware(JWTMiddleware, guard=guard)``.

    Add CORSMiddleware after it, so that it stands outside and its headers reach refusals. Documentation routes are
    guarded like all others; ``public_paths=["/docs", "/openapi.json"]`` opens them. The OpenAPI document shows which
    routes want a token; it is completed at the first request, or by ``openapi_document(app)``.

    Marks count in included routers, too, but in those that choose among their routes in a way of their own.
    """

    flat = staticmethod(iter_route_contexts)

    def _check_routes(self) -> Router | None:
        router = super()._check_routes()
        found = () if router is None else sorted(set(mistakes(router.routes)))
        if found:
            raise ConfigurationError(*found)
        return router

    def _look_behind(self, scope: Scope) -> None:
        super()._look_behind(scope)
        for app in {id(each): each for each in (scope.get("app"), *along(self.app))}.values():
            if isinstance(app, FastAPI):
                for each, prefix in applications(app):
                    complete(each, functools.partial(self._wants_token, prefix))

    def _wants_token(self, prefix: str, method: str, path: str) -> bool:
        asked = method, prefix + path
        return self.is_guarded_path(*asked) and not self.is_unguarded_path(*asked) and not self.is_public_path(*asked)

    def marks(self, scope: Scope) -> RouteMarks:
        return RouteMarks(self.is_public_path, scope, self._router, foreseeable)


class Require(SecurityBase):
    """What ``require`` gives: a decorator for endpoints, and a dependency that answers with the Principal.

    Two that demand the same are equal: ``app.dependency_overrides[require(scope("a"))] = ...`` works.
    """

    def __init__(self, requirement: Requirement) -> None:
        self.requirement = requirement
        self._hash = hash((Require, requirement))  # asked three times for each request
        declare(self, requirement)
        self.model = HTTPBearer(bearerFormat="JWT", description="An access token of a trusted issuer.")
        self.scheme_name = SCHEME
        self.__signature__ = _SIGNATURE  # what FastAPI injects; nothing of it is the user's to see

    @overload
    def __call__(self, endpoint: Endpoint, /) -> Endpoint: ...

    @overload
    def __call__(
        self, endpoint: None = None, /, *, connection: HTTPConnection, scopes: SecurityScopes | None = None
    ) -> Awaitable[Principal]: ...

    def __call__(
        self,
        endpoint: Callable[..., Any] | None = None,
        /,
        *,
        connection: HTTPConnection | None = None,
        scopes: SecurityScopes | None = None,
    ) -> Any:
        if connection is not None:
            return self._asked(connection, [] if scopes is None else scopes.scopes)
        if endpoint is None:
            raise TypeError("require(...) decorates an endpoint, or stands in Depends(...) or Security(...)")
        if isinstance(endpoint, type):
            return guard_class(endpoint, self.requirement)
        refuse_routed(endpoint, sys._getframe(1).f_locals)  # noqa: SLF001  # a factory's routers are locals
        return guard_function(endpoint, self.requirement)

    def _asked(self, connection: HTTPConnection, scopes: list[str]) -> Awaitable[Principal]:
        demanded = all_of([self.requirement, *map(scope, scopes)]) if scopes else self.requirement
        demand_here(demanded, connection.path_params)  # at once: who forgot to await must let nobody in
        return _current()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Require) and self.requirement == other.requirement

    def __hash__(self) -> int:
        return self._hash

    def __repr__(self) -> str:
        return f"require({self.requirement})"


_SIGNATURE: Final = inspect.Signature(
    [
        inspect.Parameter("connection", inspect.Parameter.KEYWORD_ONLY, annotation=HTTPConnection),
        inspect.Parameter("scopes", inspect.Parameter.KEYWORD_ONLY, annotation=SecurityScopes),
    ],
    return_annotation=Principal,
)
markcoroutinefunction(Require.__call__)  # as a dependency it is awaited: no thread pool for a comparison


def require(*requirements: Requirement) -> Require:
    """Demand all of ``requirements``: ``@require(...)`` below the route decorator, ``Depends(require(...))``, or
    ``Security(require(...), scopes=[...])``, which demands the scopes as well.

    As a dependency it answers with the Principal, and is asked before parameters and body are validated; as a decorator
    after that, and after the dependencies. Raises ConfigurationError where it would protect nothing.
    """
    return Require(all_of(requirements))


def openapi_document(app: FastAPI) -> dict[str, Any]:
    """The completed OpenAPI document without a request, for scripts that write it to a file.

    Builds the middlewares of ``app``, as its first request would. Raises ConfigurationError where they are mistaken.
    """
    for each in along(app):
        if isinstance(each, JWTMiddleware):
            each.get_ready({"app": app})
    return app.openapi()


async def _current() -> Principal:
    return current_principal()


CurrentPrincipal = Annotated[Principal, Depends(_current)]
"""The caller as a parameter of an endpoint, ANONYMOUS on public routes: ``def view(caller: CurrentPrincipal)``."""
