"""What a Flask view says of itself and is required: functions, classes, their methods."""

import functools
import inspect
from collections.abc import Callable, Iterator, Mapping
from types import CellType
from typing import Any, cast

from flask import Blueprint, Flask
from flask.views import MethodView, View

from .access.marks import Mark, declare, is_overtaken, mark_of, overtake, requirement_of
from .access.requirements import Requirement
from .errors import ConfigurationError

Demand = Callable[[Requirement], None]


def guarded(view: Callable[..., Any], requirement: Requirement, demand: Demand) -> Callable[..., Any]:
    """``view``, asking ``demand`` before it runs; before the first step of a generator, too."""
    if inspect.iscoroutinefunction(view):

        @functools.wraps(view)
        async def asking(*args: Any, **kwargs: Any) -> Any:
            demand(requirement)
            return await view(*args, **kwargs)

    else:

        @functools.wraps(view)
        def asking(*args: Any, **kwargs: Any) -> Any:
            demand(requirement)
            return view(*args, **kwargs)

    declare(asking, requirement)
    for each in _layers(view):
        if not inspect.ismethod(each) and not inspect.isbuiltin(
            each
        ):  # these take no note, and no decorator meets them
            overtake(each)
    return asking


def guarded_class(view_class: type[View], requirement: Requirement, demand: Demand) -> type[View]:
    """``view_class``, whose views, and those of its subclasses, ask ``demand`` before they run."""
    as_view = cast(Any, view_class.as_view).__func__

    def guarded_as_view(cls: type[View], name: str, *args: Any, **kwargs: Any) -> Callable[..., Any]:
        return guarded(as_view(cls, name, *args, **kwargs), requirement, demand)

    declare(view_class, requirement)
    setattr(view_class, "as_view", classmethod(guarded_as_view))  # noqa: B010  # mypy takes no assignment to a method
    return view_class


def mark_of_view(view: object, method: str) -> Mark | None:
    """A class may be marked itself, by its own ``decorators``, or method by method; nothing of it is inherited."""
    cls = getattr(view, "view_class", None)
    if not isinstance(cls, type):
        return mark_of(view)
    own = vars(cls)
    marks = [mark_of(cls), mark_of(own.get("dispatch_request"))]
    if "decorators" in own or not getattr(cls, "decorators", ()):  # inherited ones may have marked this view, too
        marks.append(mark_of(view))
    if issubclass(cls, MethodView) and cls.dispatch_request is MethodView.dispatch_request:
        name = "get" if method == "HEAD" and not hasattr(cls, "head") else method.lower()
        marks.insert(0, mark_of(own.get(name)))
    return next((mark for mark in marks if mark is not None), None)


def mistakes(view: Callable[..., Any]) -> Iterator[str]:
    """What is wrong with a routed view, and how to mend it."""
    cls = getattr(view, "view_class", None)
    name = getattr(cls or view, "__qualname__", type(view).__qualname__)
    if is_overtaken(view):
        yield _above_route(name)
    if not isinstance(cls, type):
        return
    on_class = requirement_of(cls)
    if on_class is not None and requirement_of(view) is None:
        yield f"{name} requires {on_class}, but its route was made before: let require decorate the class statement"
    marked = mark_of(cls) or mark_of(view)
    for method in ("dispatch_request", "get", "post", "put", "patch", "delete", "head", "options", "trace"):
        function = getattr(cls, method, None)
        if marked is not None and requirement_of(function) is not None:
            yield f"{name} is marked {marked.value} and its {method} requires something: mark single methods instead"
        on_method = mark_of(vars(cls).get(method))
        if on_method is not None and requirement_of(view) is not None:
            yield f"{name} requires something and its {method} is marked {on_method.value}: require on methods instead"
    if mark_of(cls) is not None and requirement_of(view) is not None:
        yield f"{name} is marked and requires {requirement_of(view)}: keep one of the two"


def refuse_above_route(view: Callable[..., Any], requirement: Requirement, nearby: Mapping[str, object]) -> None:
    """Find the mistake while the module is imported, where the application or blueprint is in sight."""
    layers = {id(each) for each in _layers(view)}
    for found in (*getattr(view, "__globals__", {}).values(), *nearby.values()):
        routed: list[object] = []
        kind = type(found)  # isinstance would wake the proxies and lazy objects among the globals of a module
        if issubclass(kind, Flask | Blueprint):
            routed += cast(Flask | Blueprint, found).view_functions.values()
        if issubclass(kind, Blueprint):  # keeps its routes in closures until it is registered
            cells = [
                cell
                for each in cast(Blueprint, found).deferred_functions
                for cell in getattr(each, "__closure__", None) or ()
            ]
            routed += [cell.cell_contents for cell in cells if cell != CellType()]  # an empty cell has no contents
        if any(id(each) in layers for each in routed):
            raise ConfigurationError(f"{_above_route(getattr(view, '__qualname__', 'a view'))} ({requirement})")


def _above_route(name: str) -> str:
    return f"require stands above the route decorator of {name}, so the route runs without it: move require below"


def _layers(view: object) -> Iterator[object]:
    while view is not None:
        yield view
        view = getattr(view, "__wrapped__", None)
