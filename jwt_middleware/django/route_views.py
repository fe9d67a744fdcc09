"""What the views of a Django site say of themselves: which methods they take, what they require, what will run."""

from collections.abc import Callable, Iterator
from typing import Any, Protocol, cast, runtime_checkable

from django.views import View

from ..access.marks import requirement_of
from ..access.requirements import Requirement
from ..route_map.declared_at import layers
from .marks import name_of_method


@runtime_checkable
class Permission(Protocol):
    """What a REST framework permission of ours tells the route map."""

    def requirement_for(self, view: Any, action: str) -> Requirement | None: ...


def class_of(view: Any) -> type | None:
    """The class behind a view: Django's, or REST framework's."""
    cls = getattr(view, "view_class", None) or getattr(view, "cls", None)
    return cls if isinstance(cls, type) else None


def methods_of(view: Any) -> tuple[str, ...] | None:
    """The methods that run something of the user's; None where the view takes any, or decides by itself."""
    cls = class_of(view)
    if cls is None:
        return _listed(view)
    if not _dispatches_by_name(cls):
        return None
    said = getattr(view, "view_initkwargs", None) or getattr(view, "initkwargs", None) or {}
    known: list[str] = said.get("http_method_names", getattr(cls, "http_method_names", []))
    actions = getattr(view, "actions", None) or {}
    names = {each for each in known if each in actions or hasattr(cls, each)}
    if "get" in names and "head" in known:
        names.add("head")
    if "options" not in actions and getattr(cls, "options", None) in _own_options(cls):
        names.discard("options")
    return tuple(sorted(each.upper() for each in names))


def runs_for(view: Any, method: str) -> tuple[Any, Any]:
    """What a view is known by, and what runs: function and function, or class and method."""
    cls = class_of(view)
    if cls is None:
        return view, view
    if not _dispatches_by_name(cls):
        return cls, getattr(cls, "dispatch", cls)
    function = getattr(cls, name_of_method(view, cls, method), None)
    behind = _behind_api_view(function)
    return (behind, behind) if behind is not None else (cls, function or cls)


def demanded(view: Any, method: str) -> tuple[list[Requirement | None], list[str]]:
    """What ``require`` and permissions of ours demand, and what else has a say."""
    found = [requirement_of(each) for each in layers(view)]
    cls = class_of(view)
    if cls is None:
        return found, []
    name = name_of_method(view, cls, method)
    function = getattr(cls, name, None)
    for each in (cls, getattr(cls, "dispatch", None), function, _behind_api_view(function)):
        found += [requirement_of(layer) for layer in layers(each)]
    notes: list[str] = []
    action = _action(view, name, method)
    for permission in _permissions(view, cls, action, notes):
        if isinstance(permission, Permission):
            found.append(permission.requirement_for(_instance(view, cls, action), action or name))
        elif type(permission).__name__ != "AllowAny":
            notes.append(f"{type(permission).__name__} has a say, too")
    return found, notes


def asks_guard(view: Any) -> bool:
    """Whether a view of REST framework's asks the guard by itself, who is calling."""
    cls = class_of(view)
    of_view = getattr(view, "initkwargs", {}).get("authentication_classes", getattr(cls, "authentication_classes", ()))
    return any(getattr(each, "asks_guard", False) for each in of_view)


def _dispatches_by_name(cls: type) -> bool:
    """Whether the frameworks' own ``dispatch`` chooses what runs, behind whatever decorators."""
    *_, innermost = layers(getattr(cls, "dispatch", None))
    return (innermost.__module__ or "").startswith(("django.views.", "rest_framework."))


def _listed(view: Any) -> tuple[str, ...] | None:
    """What ``require_http_methods`` and its likes have noted: they keep it where only they can see it."""
    for layer in layers(view):
        code = getattr(layer, "__code__", None)
        if code is not None and "request_method_list" in code.co_freevars:
            cell = layer.__closure__[code.co_freevars.index("request_method_list")]
            return tuple(cell.cell_contents)
    return None


def _behind_api_view(function: Any) -> Any:
    """The function below ``@api_view``, which wraps it without leaving a trace."""
    code: Any = getattr(function, "__code__", None)
    theirs = code is not None and getattr(function, "__module__", "") == "rest_framework.decorators"
    return function.__closure__[0].cell_contents if theirs and code.co_freevars == ("func",) else None


def _own_options(cls: type) -> Iterator[Any]:
    """``options`` as the frameworks have it: it runs nothing of the user's."""
    yield View.options
    for each in cls.__mro__:
        if each.__module__.startswith("rest_framework.") and "options" in vars(each):
            yield vars(each)["options"]


def _action(view: Any, name: str, method: str) -> str | None:
    """What permissions see in ``view.action``: None where a view set has a method beside its actions."""
    actions = getattr(view, "actions", None)
    if not isinstance(actions, dict):
        return name
    return "metadata" if method == "OPTIONS" else name if name in actions.values() else None


def _instance(view: Any, cls: type, action: str | None) -> Any:
    """A view as it is when its permissions are asked, but for the request."""
    instance = cast(Callable[..., Any], cls)(**getattr(view, "initkwargs", {}))
    instance.action, instance.action_map = action, getattr(view, "actions", None) or {}
    instance.request, instance.args, instance.kwargs, instance.format_kwarg = None, (), {}, None
    return instance


def _permissions(view: Any, cls: type, action: str | None, notes: list[str]) -> list[Any]:
    if not hasattr(cls, "get_permissions"):
        return []
    try:
        return list(_instance(view, cls, action).get_permissions())
    except Exception as error:  # noqa: BLE001  # the user's, and it may want a request
        notes.append(f"its permissions are known only with a request ({type(error).__name__})")
        return []
