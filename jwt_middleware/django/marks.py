"""The mark of the view that will run: of the function itself, or of the class, its ``dispatch`` or its method."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest

from ..access.marks import Mark, mark_of
from .conf import Configured


def mark_of_view(view: Any, method: str) -> Mark | None:
    """What the view allows beyond callers with a good token. A subclass never inherits a mark."""
    cls = getattr(view, "view_class", None) or getattr(view, "cls", None)  # Django's and the REST framework's
    if not isinstance(cls, type):
        return mark_of(view)
    name = name_of_method(view, cls, method)
    own = vars(cls)
    for each in (cls, own.get("dispatch"), own.get(name)):
        mark = mark_of(each)
        if mark is not None:
            return mark
    # as_view() copies what stands on ``dispatch``, inherited or not: only what was put on the view itself counts
    return mark_of(view) if mark_of(getattr(cls, "dispatch", None)) is None else None


def name_of_method(view: Any, cls: type, method: str) -> str:
    """The name of what a class runs for a method; of the action, in a view set."""
    name = method.lower()
    actions = getattr(view, "actions", None)
    if isinstance(actions, dict):  # a view set: methods are mapped to actions
        beside = name if hasattr(cls, name) else ""  # REST framework runs what has the name of a method all the same
        return str(actions.get(name) or (actions.get("get") if name == "head" else None) or beside)
    return "get" if name == "head" and not hasattr(cls, "head") else name


def mark_here(request: HttpRequest, conf: Configured, view: Callable[..., Any] | None) -> Mark | None:
    """What path and view allow; a path that is unguarded comes first."""
    method = request.method or ""
    if conf.is_unguarded_path(method, request.path_info):
        return Mark.UNGUARDED
    mark = None if view is None else mark_of_view(view, method)
    return Mark.PUBLIC if mark is None and conf.is_public_path(method, request.path_info) else mark


def mark_before(request: HttpRequest, conf: Configured, view: Callable[..., Any] | None) -> Mark | None:
    """What is allowed before a token was looked at: for the route map."""
    if not conf.is_guarded_path(request.method or "", request.path_info):
        return Mark.UNGUARDED
    return mark_here(request, conf, view)
