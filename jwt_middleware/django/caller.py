"""Who sends this request: the guard is asked, then Django's check against forgery, then the loader of users."""

from collections.abc import Awaitable, Callable
from inspect import isawaitable
from typing import Any

from asgiref.sync import async_to_sync, iscoroutinefunction, sync_to_async
from django.http import HttpRequest

from ..access.admission import Admission
from ..access.principal import Principal
from ..errors import AuthError, Forbidden
from ..waiting import run
from .conf import Configured
from .csrf import came_by_cookie, is_safe, lacks_proof, without_proof
from .request_info import request_info

Found = tuple[Admission, Any]  # what was found, and the user behind it; a refused caller has none


def find_caller(request: HttpRequest, conf: Configured) -> Found:
    """Ask in the thread of the request."""
    admission = run(conf.guard.admit(request_info(request)))
    if came_by_cookie(admission) and not is_safe(request) and lacks_proof(request):
        admission = without_proof(admission)
    if admission.refusal is not None or conf.user is None:
        return admission, admission.principal
    try:
        return _with_user(admission, _loaded(conf.user, admission.principal))
    except AuthError as refusal:
        return _without_user(admission, refusal)


async def afind_caller(request: HttpRequest, conf: Configured) -> Found:
    """Ask on the event loop."""
    admission = await conf.guard.admit(request_info(request))
    # in a thread, for it may read a body from disk and a session from the database
    if came_by_cookie(admission) and not is_safe(request) and await sync_to_async(lacks_proof)(request):
        admission = without_proof(admission)
    if admission.refusal is not None or conf.user is None:
        return admission, admission.principal
    try:
        return _with_user(admission, await _aloaded(conf.user, admission.principal))
    except AuthError as refusal:
        return _without_user(admission, refusal)


def _loaded(load: Callable[[Principal], Any], principal: Principal) -> Any:
    found = load(principal)
    return async_to_sync(_awaited)(found) if isawaitable(found) else found


async def _aloaded(load: Callable[[Principal], Any], principal: Principal) -> Any:
    waits = iscoroutinefunction(load) or iscoroutinefunction(getattr(load, "__call__", None))  # noqa: B004  # is it async?
    found = load(principal) if waits else await sync_to_async(load)(principal)
    return await found if isawaitable(found) else found


async def _awaited(found: Awaitable[Any]) -> Any:
    return await found


def _with_user(admission: Admission, user: Any) -> Found:
    if user is None or not getattr(user, "is_active", True):
        return _without_user(admission, Forbidden("user_refused"))
    return admission, user


def _without_user(admission: Admission, refusal: AuthError) -> Found:
    return admission.refused_for(refusal, "account usable"), None
