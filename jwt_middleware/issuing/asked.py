"""Asking a store or the accounts: whatever they raise means that they are out of reach."""

from collections.abc import Awaitable, Callable
from typing import ParamSpec, TypeVar

from ..errors import AuthError, AuthUnavailable, ConfigurationError
from ..waiting import ask

P = ParamSpec("P")
T = TypeVar("T")


async def asked(call: Callable[P, T], acall: Callable[P, Awaitable[T]], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """As ``ask``. Raises AuthUnavailable, which is a 503, for whatever is no answer of ours."""
    try:
        return await ask(call, acall, *args, **kwargs)
    except (AuthError, ConfigurationError):
        raise
    except Exception as error:
        raise AuthUnavailable("sessions_unavailable") from error
