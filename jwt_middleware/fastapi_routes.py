"""What the routes of a FastAPI application demand, and which of them can be foreseen.

Since FastAPI 0.137 an included router is one entry among the routes, which chooses by itself.
"""

import inspect
from collections.abc import Iterator, Sequence
from typing import Any, Final

from fastapi import FastAPI
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from fastapi.security.base import SecurityBase
from starlette.routing import BaseRoute, Host, Mount, Router

from .access.marks import mark_of, requirement_of
from .access.requirements import Requirement, scope
from .starlette_routes import along, is_plain, is_plain_kind

_CHOICE: Final = "matches"
_CALL: Final = "handle"


def foreseeable(routes: Sequence[BaseRoute]) -> Iterator[Any]:
    """The routes one by one. An included router that does not choose as FastAPI's own do stays in one piece, and what
    is in one piece names no endpoint: it is guarded."""
    for route in routes:
        if _chooses_as_ever(route):
            yield from iter_route_contexts([route])
        else:
            yield route


def _chooses_as_ever(route: BaseRoute) -> bool:
    included = getattr(route, "original_router", None)
    if not isinstance(included, Router):
        return True  # not an included router: it is asked itself
    kinds = {type(each) for each in included.routes}  # asked once per kind: there may be hundreds of routes
    return (
        is_plain(included, _CHOICE, _CALL)
        and all(is_plain_kind(kind, _CHOICE) for kind in kinds if issubclass(kind, APIRoute))
        and not any(_CHOICE in vars(each) for each in included.routes)
        and all(_chooses_as_ever(each) for each in included.routes if not isinstance(each, APIRoute))
    )


def requirements(context: RouteContext) -> list[Requirement]:
    """What a route demands by ``require``: on its endpoint, and as dependencies of its own and of its routers."""
    calls = (context.endpoint, *(each.call for each in _all_of(context)))
    return [each for each in dict.fromkeys(map(requirement_of, calls)) if each is not None]


def scopes_wanted(context: RouteContext) -> Iterator[Requirement]:
    """The scopes that ``Security(require(...), scopes=[...])`` demands besides, those of what is above it included."""
    for dependant in _all_of(context):
        if requirement_of(dependant.call) is not None and isinstance(dependant.call, SecurityBase):
            yield from map(scope, [*(dependant.parent_oauth_scopes or ()), *(dependant.own_oauth_scopes or ())])


def _all_of(context: RouteContext) -> list[Any]:
    """What FastAPI knows of the parameters of an endpoint, and of all its dependencies."""
    dependant = getattr(context, "dependant", None)  # routes of Starlette's have none
    return [] if dependant is None else [dependant, *_all_below(dependant)]


def _all_below(dependant: Any) -> Iterator[Any]:
    for below in dependant.dependencies:
        yield below
        yield from _all_below(below)


def mistakes(routes: Sequence[BaseRoute]) -> Iterator[str]:
    """Where a route says what nobody asks, or takes back what it says; and how to mend it. Mounted ones included."""
    for context in iter_route_contexts(routes):
        yield from mistakes(getattr(context.original_route, "routes", None) or ())
        name = getattr(context.endpoint, "__qualname__", type(context.endpoint).__qualname__)
        mark = mark_of(context.endpoint)
        if mark is not None:
            for demanded in requirements(context):
                yield f"{name} is marked {mark.value}, and its route or router requires {demanded}: keep one of the two"
        for dependant in _all_of(context):
            for demanded in _taken_for_parameters(dependant):
                yield f"{name} takes require({demanded}) for a parameter: write Depends(require(...))"
            if dependant.own_oauth_scopes and not any(map(_reads_scopes, (dependant, *_all_below(dependant)))):
                scopes = list(dependant.own_oauth_scopes)
                yield f"{name} wants the scopes {scopes}, which nobody asks for: use Security(require(...), scopes=...)"


def _taken_for_parameters(dependant: Any) -> Iterator[Requirement]:
    kinds = ("path_params", "query_params", "header_params", "cookie_params", "body_params")
    for info in (each.field_info for kind in kinds for each in getattr(dependant, kind)):
        for each in (info.default, *info.metadata, *getattr(info.annotation, "__metadata__", ())):
            demanded = each if isinstance(each, Requirement) else requirement_of(each)
            if demanded is not None:
                yield demanded


def _reads_scopes(dependant: Any) -> bool:
    call = inspect.unwrap(dependant.call)
    return dependant.security_scopes_param_name is not None or isinstance(call, SecurityBase)


def applications(app: FastAPI, prefix: str = "") -> Iterator[tuple[FastAPI, str]]:
    """``app`` and every FastAPI application that is mounted below, each with the path of its mount."""
    yield app, prefix
    yield from _mounted(app.routes, prefix)


def _mounted(routes: Sequence[BaseRoute], prefix: str) -> Iterator[tuple[FastAPI, str]]:
    for context in iter_route_contexts(routes):
        declared = context.original_route
        if isinstance(declared, Mount | Host):
            path = prefix + (context.path or "")
            for each in along(declared.app):
                if isinstance(each, FastAPI):
                    yield each, path
            yield from _mounted(declared.routes or (), path)
