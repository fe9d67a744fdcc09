"""What a route says of itself: public, unguarded, or what it requires."""

from collections.abc import Callable
from enum import Enum
from typing import Any, Final, TypeVar

from ..errors import ConfigurationError
from .requirements import Requirement

View = TypeVar("View", bound=Callable[..., Any])

_MARK: Final = "__jwt_middleware_mark__"
_REQUIREMENT: Final = "__jwt_middleware_requirement__"
_OVERTAKEN: Final = "__jwt_middleware_overtaken__"


class Mark(Enum):
    """What a route allows beyond callers with a good token."""

    PUBLIC = "public"  # callers without a token, as ANONYMOUS; a bad token is refused
    UNGUARDED = "unguarded"  # everyone, whatever the request holds; who sent no good token is ANONYMOUS


def public(view: View) -> View:
    """Let callers without a token reach this view, as ANONYMOUS. A token that does not pass is still refused."""
    return _marked(view, Mark.PUBLIC)


def unguarded(view: View) -> View:
    """Never refuse a request to this view, whatever its header holds: for login, refresh, logout, JWKS and health."""
    return _marked(view, Mark.UNGUARDED)


def mark_of(view: object) -> Mark | None:
    """The mark on this very function or class; a subclass never inherits one."""
    mark = getattr(view, "__dict__", {}).get(_MARK)
    return mark if isinstance(mark, Mark) else None


def requirement_of(view: object) -> Requirement | None:
    """What ``require`` demands on this view, or None. Unlike a mark it is inherited."""
    requirement = getattr(view, _REQUIREMENT, None)
    return requirement if isinstance(requirement, Requirement) else None


def declare(view: object, requirement: Requirement) -> None:
    """Write on ``view`` what it requires, for the doors, the route map and the check against ``public``."""
    if mark_of(view) is not None:
        raise ConfigurationError(
            f"{_name(view)} is marked {_value(view)} and requires {requirement}: keep one of the two"
        )
    setattr(view, _REQUIREMENT, requirement)
    if is_overtaken(view):  # copied from the function it wraps, which was required something before
        delattr(view, _OVERTAKEN)


def overtake(view: object) -> None:
    """Note that ``view`` was replaced by one that requires something: a route that still runs ``view`` is a mistake."""
    setattr(view, _OVERTAKEN, True)


def is_overtaken(view: object) -> bool:
    """Whether a route that runs ``view`` has lost its requirement: ``require`` stands above the route decorator."""
    return getattr(view, "__dict__", {}).get(_OVERTAKEN) is True


def _marked(view: View, mark: Mark) -> View:
    if requirement_of(view) is not None:
        raise ConfigurationError(
            f"{_name(view)} is marked {mark.value} and requires {requirement_of(view)}: keep one of the two"
        )
    setattr(view, _MARK, mark)
    return view


def _name(view: object) -> str:
    return str(getattr(view, "__qualname__", None) or type(view).__qualname__)


def _value(view: object) -> str:
    mark = mark_of(view)
    return mark.value if mark else ""
