"""A door that guards nothing: it names nobody, lets everybody in and asks for nothing."""

import inspect
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib import import_module
from typing import Any
from unittest.mock import patch

from asgiref.sync import iscoroutinefunction, markcoroutinefunction

from jwt_middleware import ANONYMOUS

from ..table import Stack
from .mutation import Mutation, everywhere

# whose middleware stands in front of a door that has none of its own
BEHIND = {"jwt_middleware.drf": "jwt_middleware.django"}


class PassThrough:
    """A middleware of any framework's kind: what it is called with goes on to the application."""

    sync_capable = async_capable = True  # Django asks

    def __init__(self, app: Any, **_: Any) -> None:
        self.app = app
        if iscoroutinefunction(app):
            markcoroutinefunction(self)

    def __call__(self, request: Any, *others: Any) -> Any:
        places = {"user": ANONYMOUS, "auth": ANONYMOUS, "jwt_middleware.principal": ANONYMOUS}
        if isinstance(request, dict):  # an ASGI scope or a WSGI environ
            request |= places
        else:
            request.principal = request.user = ANONYMOUS
        return self.app(request, *others)


class AskingNothing:
    """What ``require`` gives: a decorator, a dependency of FastAPI's, or a permission of REST framework's."""

    __signature__ = inspect.Signature()

    def __call__(self, view: Any = None) -> Any:
        return self if view is None else view

    def has_permission(self, *_: Any) -> bool:
        return True

    has_object_permission = has_permission


def _require(*requirements: object) -> AskingNothing:
    return AskingNothing()


def _demand(*requirements: object) -> None:
    """Nothing is demanded."""


def _nobody(self: object, request: object) -> None:
    """Whatever the request holds."""


def _yes(self: object, request: object, view: object) -> bool:
    return True


# by name: whatever the door has of these
_INSTEAD = {"JWTMiddleware": PassThrough, "require": _require, "demand": _demand}
# by method: REST framework has bound the classes to its views long before
_ASKED = {("JWTAuthentication", "authenticate"): _nobody, ("HasRequirement", "has_permission"): _yes}


def pass_through(stack: Stack) -> Mutation:
    """The door of ``stack``, replaced."""

    @contextmanager
    def planted() -> Iterator[None]:
        doors = [vars(import_module(name)) for name in (stack.door, BEHIND.get(stack.door)) if name is not None]
        replaced = [(door[name], new) for name, new in _INSTEAD.items() for door in doors if name in door]
        with everywhere(*replaced), ExitStack() as patches:
            for (name, method), new in _ASKED.items():
                for door in doors:
                    if name in door:
                        patches.enter_context(patch.object(door[name], method, new))
            yield

    return Mutation(
        f"the door {stack.door} is a pass-through",
        planted,
        (
            "no token is 401 without an error code",
            "an expired token is 401 invalid_token",
            "garbage is 401 invalid_token",
        ),
        still_holds="anonymous on a public route: 200",
    )
