"""What a view requires of its caller."""

import functools
import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from django.http import HttpRequest

from ..access.current import current_passage, demand_here
from ..access.marks import declare
from ..access.requirements import Requirement, all_of
from ..errors import ConfigurationError

ViewT = TypeVar("ViewT", bound=Callable[..., Any])


def require(*requirements: Requirement) -> Callable[[ViewT], ViewT]:
    """Demand all of ``requirements`` of whoever calls this view: a function, a class, or a method of one.

    Also for ``method_decorator``. A class keeps it for its subclasses. Raises ConfigurationError if it demands nothing.
    """
    requirement = all_of(requirements)

    def decorate(view: ViewT) -> ViewT:
        return _guard_class(view, requirement) if isinstance(view, type) else guard_function(view, requirement)

    return decorate


def guard_function(view: ViewT, requirement: Requirement) -> ViewT:
    """Ask before the view runs, in its own way: awaited or not."""
    if inspect.iscoroutinefunction(view):

        @functools.wraps(view)
        async def asking(*args: Any, **kwargs: Any) -> Any:
            _ask(requirement, args)
            return await view(*args, **kwargs)

    else:

        @functools.wraps(view)
        def asking(*args: Any, **kwargs: Any) -> Any:
            _ask(requirement, args)
            return view(*args, **kwargs)

    declare(asking, requirement)
    return asking  # type: ignore[return-value]  # it is called like the view


def demand(*requirements: Requirement) -> None:
    """Ask inside a view what ``require`` asks at its door; the refusal becomes the challenge."""
    _ask(all_of(requirements), ())


def _guard_class(cls: Any, requirement: Requirement) -> Any:
    dispatch = getattr(cls, "dispatch", None)
    if dispatch is None:
        raise ConfigurationError(f"require() takes views, and {cls.__name__} has no dispatch()")

    @functools.wraps(dispatch)
    def asking(self: Any, *args: Any, **kwargs: Any) -> Any:
        _ask(requirement, args)
        return dispatch(self, *args, **kwargs)  # a coroutine where the handlers are async

    cls.dispatch = asking
    declare(cls, requirement)
    return cls


def _ask(requirement: Requirement, arguments: Iterable[object]) -> None:
    passage = current_passage()
    if passage is not None and not isinstance(passage.request, HttpRequest):
        raise ConfigurationError(
            f"{requirement} is demanded in a Django site before which no JWTMiddleware of its own stands: list it in"
            " MIDDLEWARE, whatever guards the application around the site"
        )
    demand_here(requirement, _parameters(arguments))


def _parameters(arguments: Iterable[object]) -> Mapping[str, object]:
    """The parameters of the route, from the request among the arguments, else from the one that is served."""
    passage = current_passage()
    served = [passage.request] if passage is not None else []
    for each in (*arguments, *served):
        match = getattr(getattr(each, "_request", each), "resolver_match", None)
        if isinstance(getattr(each, "_request", each), HttpRequest) and match is not None:
            found: Mapping[str, object] = match.kwargs
            return found
    return {}
