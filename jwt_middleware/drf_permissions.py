"""What views of REST framework demand: permissions, decorators, and a requirement for each action."""

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, overload

from rest_framework.permissions import BasePermission, SingleOperandHolder
from rest_framework.request import Request

from .access.current import demand_here
from .access.marks import declare, mark_of
from .access.principal import Principal
from .access.requirements import Finding, Parameters, Requirement, all_of
from .django.visit import is_current
from .drf_refusal import Refused, refuse
from .errors import AuthError, ConfigurationError, Forbidden, MissingToken

ViewT = TypeVar("ViewT", bound=Callable[..., Any])


class Require(BasePermission, SingleOperandHolder):
    """What ``require`` gives: a permission class for ``permission_classes``, and a decorator for views."""

    def __init__(self, requirement: Requirement) -> None:
        self.requirement = requirement

    @overload  # called like a class of its kind, and like a decorator
    def __call__(self) -> "Require": ...

    @overload
    def __call__(self, view: ViewT) -> ViewT: ...

    def __call__(self, view: Any = None) -> Any:
        """REST framework makes a permission of a permission class by calling it; a decorator is called with a view."""
        if view is None:
            return self
        cls: Any = view if isinstance(view, type) else getattr(view, "cls", None)
        if cls is None:
            return _guard_method(view, self.requirement)
        if not hasattr(cls, "check_permissions"):
            raise ConfigurationError(f"require() of this door takes REST framework's views, not {cls.__name__}")
        _guard_class(cls, self.requirement)
        declare(view, self.requirement)
        return view

    def has_permission(self, request: Request, view: Any) -> bool:
        _demand(self.requirement, request, getattr(view, "kwargs", {}))
        return True

    def requirement_for(self, view: Any, action: str) -> Requirement:
        """For the route map."""
        return self.requirement

    # REST framework's own would ask no other permission once this one has refused, and would let strangers pass a ~
    def __or__(self, other: object) -> "Require":  # type: ignore[override]  # see above
        return Require(self.requirement | _requirement(other))

    def __and__(self, other: object) -> "Require":  # type: ignore[override]  # see above
        return Require(self.requirement & _requirement(other))

    def __invert__(self) -> "Require":
        return Require(~self.requirement)


@dataclass(frozen=True, slots=True)
class Undeclared(Requirement):
    """What stands in for a requirement that was forgotten: nobody meets it."""

    action: str

    def judge(self, principal: Principal, parameters: Parameters) -> Finding:
        return Finding(False, (str(self),), None)

    def __str__(self) -> str:
        return f"a requirement that is declared for {self.action}"


class HasRequirement(BasePermission):
    """What each action of a view set requires: ``requirements = {"list": scope("a"), "create": scope("b")}``.

    For other views, and for methods that a view set has beside its actions, the keys are methods in lower case; a view
    set answers ``options`` under ``metadata``. What is not listed is refused, unless it is marked.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        method = (request.method or "").lower()
        action = _declared_for(view, method)
        if action is None:
            return True  # nothing is there to run: REST framework answers 405
        requirement = self.requirement_for(view, action)
        if isinstance(requirement, Undeclared):
            refuse(Forbidden(missing=[str(requirement)]), request)
        if requirement is not None:
            _demand(requirement, request, getattr(view, "kwargs", {}))
        return True

    def requirement_for(self, view: Any, action: str) -> Requirement | None:
        """What an action requires; None for one that is marked."""
        declared: Requirement | None = getattr(view, "requirements", {}).get(action)
        if declared is None and mark_of(vars(type(view)).get(action)) is None:
            return Undeclared(action)
        return declared


def require(*requirements: Requirement) -> Require:
    """Demand all of ``requirements``: ``permission_classes = [require(...)]``, or as a decorator of a view.

    As a decorator it stands on classes, methods and actions, and above or below ``@api_view``.
    """
    return Require(all_of(requirements))


def _declared_for(view: Any, method: str) -> str | None:
    """Under which name stands what is required of a method; None where nothing will run."""
    action: str | None = getattr(view, "action", None) if hasattr(view, "action_map") else None
    if action is not None:
        return action
    if method not in view.http_method_names or (hasattr(view, "action_map") and not hasattr(view, method)):
        return None
    return "get" if method == "head" and not hasattr(type(view), "head") else method


def _requirement(other: object) -> Requirement:
    if isinstance(other, Require):
        return other.requirement
    raise ConfigurationError(
        "require(...) is not combined with permissions of another kind: write require(a | b) for requirements, and list"
        " other permissions beside it in permission_classes, where all of them must hold"
    )


def _guard_class(cls: Any, requirement: Requirement) -> None:
    """Ask where all permissions are asked: subclasses replace ``permission_classes`` and ``get_permissions``."""
    check = cls.check_permissions

    @functools.wraps(check)
    def asking(self: Any, request: Request) -> None:
        _demand(requirement, request, self.kwargs)
        check(self, request)

    cls.check_permissions = asking


def _guard_method(view: ViewT, requirement: Requirement) -> ViewT:
    """A view function below ``@api_view``, or a method: REST framework has authenticated when it runs."""

    @functools.wraps(view)
    def asking(*args: Any, **kwargs: Any) -> Any:
        request = next(each for each in args if isinstance(each, Request))
        _demand(requirement, request, kwargs)
        return view(*args, **kwargs)

    declare(asking, requirement)
    return asking  # type: ignore[return-value]  # it is called like the view


def _demand(requirement: Requirement, request: Request, parameters: Mapping[str, object]) -> None:
    if not is_current(request._request):  # noqa: SLF001  # its documented way there
        raise Refused(MissingToken())  # JWTAuthentication was not asked: nobody has come by a token
    try:
        demand_here(requirement, parameters)
    except AuthError as refusal:
        refuse(refusal, request)
