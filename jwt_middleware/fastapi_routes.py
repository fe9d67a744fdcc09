"""What the routes of a FastAPI application demand, and which of them can be foreseen.

Since FastAPI 0.137 an included router is one entry among the routes, which chooses by itself.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from fastapi import FastAPI
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from starlette.routing import BaseRoute, Host, Mount, Router

from .access.marks import mark_of, requirement_of
from .access.requirements import Requirement
from .starlette_routes import along, is_plain

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
    return is_plain(included, _CHOICE, _CALL) and all(
        is_plain(each, _CHOICE) if isinstance(each, APIRoute) else _chooses_as_ever(each) for each in included.routes
    )


def requirements(context: RouteContext) -> list[Requirement]:
    """What a route demands by ``require``: on its endpoint, and as dependencies of its own and of its routers."""
    found = [requirement_of(context.endpoint), *_in_dependencies(getattr(context, "dependant", None))]
    return [each for each in found if each is not None]


def _in_dependencies(dependant: object) -> Iterator[Requirement | None]:
    for below in getattr(dependant, "dependencies", ()):
        yield requirement_of(below.call)
        yield from _in_dependencies(below)


def contradictions(routes: Sequence[BaseRoute]) -> Iterator[str]:
    """What is wrong with routes that are marked, and that a dependency closes again."""
    for context in iter_route_contexts(routes):
        mark = mark_of(context.endpoint)
        demanded = requirements(context) if mark is not None else []
        if mark is not None and demanded:
            name = getattr(context.endpoint, "__qualname__", type(context.endpoint).__qualname__)
            wanted = " and ".join(map(str, demanded))
            yield f"{name} is marked {mark.value}, and a dependency of its route or router requires {wanted}: keep one"


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
