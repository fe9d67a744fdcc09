"""Hooks: what an application adds to a decision, and that none of it lets anybody in who would stay outside."""

import logging
from collections.abc import Awaitable, Callable
from inspect import isawaitable, iscoroutine
from typing import Final

from ..decisions import Decision
from ..errors import AuthError, AuthUnavailable, ConfigurationError
from ..events import event
from ..waiting import ask
from .admission import Admission
from .principal import Principal
from .request import RequestInfo

# what is known of a caller beyond the token: plain, or async behind async doors
Enrich = Callable[[Principal], Principal | Awaitable[Principal]]
OnAdmitted = Callable[[Principal, RequestInfo], None]
OnRefused = Callable[[Decision, RequestInfo | None], None]  # None: no request is being served

_log: Final = logging.getLogger("jwt_middleware")
_RIGHTS: Final = ("roles", "groups", "permissions")
# what the token says, and nobody else
_FIXED: Final = ("issuer", "subject", "client_id", "kind", "session_id", "token_id", "expires_at")
_SAME: Final = ("claims", "actor")  # equal is not enough: another object could be changed later


async def enriched(principal: Principal, enrich: Enrich) -> Principal:
    """The caller with what the application knows of them.

    Roles, groups, permissions and ``incomplete`` may be anything; scopes may only become fewer, for they are what was
    delegated; a tenant may be named where the token names none; everything else stays as the token says. Raises the
    AuthError that the hook raises, and AuthUnavailable for whatever else it raises, and for what it may not answer.
    """
    try:
        found = await ask(_enriched, _aenriched, enrich, principal)
        return _within_bounds(principal, found)
    except ConfigurationError:
        raise
    except AuthError as refusal:
        refusal.told = False  # a hook may raise the same one again and again
        raise
    except Exception as error:
        raise AuthUnavailable("hooks_unavailable") from error


def concluded(admission: Admission, on_admitted: OnAdmitted) -> Admission:
    """The admission after the hook has seen it: refused with the AuthError that it raises, with 503 for all else."""
    try:
        _answers_nothing(on_admitted(admission.principal, admission.request))  # type: ignore[func-returns-value]  # is it so?
    except AuthError as error:
        refusal = error
    except Exception as error:  # noqa: BLE001  # a hook raises what it likes, and nobody is let in by that
        refusal = AuthUnavailable("hooks_unavailable")
        refusal.__cause__ = error
    else:
        return admission
    return admission.refused_for(refusal, "on_admitted agrees")


def tell_refused(on_refused: OnRefused, decision: Decision, request: RequestInfo | None) -> None:
    """The refusal stands, whatever the hook does."""
    try:
        _answers_nothing(on_refused(decision, request))  # type: ignore[func-returns-value]  # is it so?
    except Exception as error:  # noqa: BLE001  # as said
        _log.error(
            "on_refused failed: %s",
            type(error).__name__,
            extra=event("hook_failed", hook="on_refused", error=type(error).__name__),
        )


def _enriched(enrich: Enrich, principal: Principal) -> object:
    found = enrich(principal)
    if isawaitable(found):
        _drop(found)
        raise ConfigurationError("Guard(enrich=...): a sync application needs an enrich that is a plain function")
    return found


async def _aenriched(enrich: Enrich, principal: Principal) -> object:
    found = enrich(principal)
    return await found if isawaitable(found) else found


def _within_bounds(before: Principal, after: object) -> Principal:
    """Raise ValueError for what an application may not say of a caller, or could change later."""
    if not isinstance(after, Principal):
        raise ValueError("enrich answers with a Principal")
    changed = [name for name in _FIXED if getattr(before, name) != getattr(after, name)]
    changed += [name for name in _SAME if getattr(before, name) is not getattr(after, name)]
    if before.tenant is not None and after.tenant != before.tenant:
        changed.append("tenant")
    if changed:
        raise ValueError(f"enrich may not change {', '.join(changed)}")
    for name in (*_RIGHTS, "scopes"):
        said: object = getattr(after, name)
        if not isinstance(said, tuple) or not all(isinstance(each, str) for each in said):
            raise ValueError(f"enrich gives {name} as a tuple of texts")
    if not set(after.scopes) <= set(before.scopes):
        raise ValueError("enrich may not add scopes: they are what was delegated")
    if not isinstance(after.incomplete, frozenset) or ("scopes" in before.incomplete - after.incomplete):
        raise ValueError("enrich gives incomplete as a frozenset, and scopes stay in it")
    if not isinstance(after.tenant, str | None):
        raise ValueError("enrich gives a tenant as a text")
    return after


def _answers_nothing(answer: object) -> None:
    """A hook that answers anything, such as False or a coroutine, means something that would not happen."""
    if answer is not None:
        _drop(answer)
        raise TypeError("a hook is a plain function that answers nothing; it refuses by raising an AuthError")


def _drop(answer: object) -> None:
    if iscoroutine(answer):
        answer.close()  # nobody will ever await it
