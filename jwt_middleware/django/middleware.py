"""The middleware, one for sync and async; it never blocks and never hops to another thread."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction, sync_to_async
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from ..access.caching import kept_private
from ..access.principal import ANONYMOUS, Principal
from ..errors import AuthError, MissingToken
from .caller import Found, afind_caller, find_caller
from .conf import Configured, configured
from .csrf import came_by_cookie, exempt, exempt_if_in_header, is_safe, lacks_proof, without_proof
from .marks import mark_here
from .method import keep_method
from .refusal import refusal_response
from .visit import Visit, arrive, end_with_request, let_in


class JWTMiddleware:
    """List it after AuthenticationMiddleware, which would replace ``request.user``, and below CORS middlewares.

    The principal stands in ``request.principal`` and, unless ``USER`` names a loader, in ``request.user``.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        self._is_async = iscoroutinefunction(get_response)
        if self._is_async:
            markcoroutinefunction(self)
        # a sync hook on the async instance would cost a thread hop for each request, and the other way round
        self.process_view = self._aview if self._is_async else self._view
        end_with_request()
        configured()  # mistakes explode when the site starts; requests look again, for tests override settings

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        if self._is_async:
            return self._acall(request)
        visit = arrive(request)
        with visit:
            if visit.by_path and _wants_caller(request, visit):
                _settle(request, visit, find_caller(request, visit.conf))
            response: HttpResponseBase = self.get_response(request)
            return _sealed(request, visit, response) if visit.refused is not None or visit.by_url else response

    async def _acall(self, request: HttpRequest) -> HttpResponseBase:
        visit = arrive(request)
        with visit:
            if visit.by_path and _wants_caller(request, visit):
                _settle(request, visit, await afind_caller(request, visit.conf))
            response: HttpResponseBase = await self.get_response(request)
            return _sealed(request, visit, response) if visit.refused is not None or visit.by_url else response

    def _view(
        self, request: HttpRequest, view: Callable[..., Any], args: Sequence[Any], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        visit = arrive(request)  # a middleware in between may have made a request of its own
        if visit.by_path and _wants_caller(request, visit):
            _settle(request, visit, find_caller(request, visit.conf))
        # an unsafe method that a middleware has made of the safe one which came with a cookie
        if visit.unproven is not None and not is_safe(request) and lacks_proof(request):
            visit.refused = without_proof(visit.unproven)
        return None if visit.refused is None and visit.unproven is None else _judge(request, visit, view)

    async def _aview(
        self, request: HttpRequest, view: Callable[..., Any], args: Sequence[Any], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        visit = arrive(request)
        if visit.by_path and _wants_caller(request, visit):
            _settle(request, visit, await afind_caller(request, visit.conf))
        # an unsafe method that a middleware has made of the safe one which came with a cookie
        if visit.unproven is not None and not is_safe(request) and await sync_to_async(lacks_proof)(request):
            visit.refused = without_proof(visit.unproven)
        return None if visit.refused is None and visit.unproven is None else _judge(request, visit, view)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Sync on purpose: Django calls it so in both worlds."""
        return refusal_response(request, exception) if isinstance(exception, AuthError) else None


def _wants_caller(request: HttpRequest, visit: Visit) -> bool:
    """Whether the guard must be asked, where nobody has looked for a token yet.

    Paths are looked at again when the view is known: they may be rewritten.
    """
    conf = visit.conf
    if not conf.all_alike:
        method, path = request.method or "", request.path_info
        if not conf.is_guarded_path(method, path):
            return False
        if conf.is_unguarded_path(method, path):
            visit.guarded = True
            let_in(request, visit, ANONYMOUS, ANONYMOUS)
            return False
    visit.guarded = True
    visit.by_path = False
    principal = _recalled(request, conf)
    if principal is None:
        return True
    exempt(request)
    let_in(request, visit, principal, principal)
    return False


def _recalled(request: HttpRequest, conf: Configured) -> Principal | None:
    """Whose token was verified a moment ago; None decides nothing, and where users are loaded nobody is recalled."""
    authorization = request.META.get("HTTP_AUTHORIZATION")
    if authorization is None or conf.user is not None:
        return None
    return conf.guard.recall(authorization.encode("latin-1", "replace"))


def _settle(request: HttpRequest, visit: Visit, found: Found) -> None:
    """Let in who may come in. For all others the view is asked, once it is known."""
    admission, user = found
    if admission.refusal is None:
        admission = visit.conf.guard.conclude(admission)  # a hook may refuse
    if admission.refusal is not None:
        visit.refused = admission
        let_in(request, visit, ANONYMOUS, ANONYMOUS)
        return
    exempt_if_in_header(request, admission)
    visit.by_url = admission.by_url
    visit.unproven = admission if came_by_cookie(admission) and is_safe(request) else None
    let_in(request, visit, admission.principal, user)


def _judge(request: HttpRequest, visit: Visit, view: Callable[..., Any] | None) -> HttpResponse | None:
    """The answer to a request that is refused, unless its path or its view waives that."""
    if visit.refused is None:
        if visit.unproven is not None:
            keep_method(request)
        return None
    mark = mark_here(request, visit.conf, view)
    final = visit.conf.guard.conclude(visit.refused, lambda: mark)
    visit.answered, visit.waived = True, final.refusal is None
    if final.refusal is not None:
        return refusal_response(request, final.refusal)
    keep_method(request)
    # a preflight runs no view without a mark: nobody vouches for it that it looks at the method
    return HttpResponse(status=204) if mark is None else None


def _sealed(request: HttpRequest, visit: Visit, response: HttpResponseBase) -> HttpResponseBase:
    """Look at what was answered before the view was asked: a 404, a redirect, another middleware's own answer."""
    refused = visit.refused
    if refused is None or visit.waived or response.status_code >= 500:
        if visit.by_url:
            keep_private(response)
        return response
    if visit.answered and refused.refusal is not None:
        sealed: HttpResponse | None = refusal_response(request, refused.refusal)
    else:
        match = request.resolver_match  # known already where a middleware further out has answered for the view
        sealed = _judge(request, visit, None if match is None else match.func)
        if visit.waived and refused.request.is_preflight and _answers_preflight(response):
            return response
    if sealed is None:
        return response
    for close in getattr(response, "_resource_closers", ()):  # close() would also announce the end of the request
        close()
    return sealed


def keep_private(response: HttpResponseBase) -> None:
    """The answer to a token in the URL, which no shared cache may keep."""
    response.headers["Cache-Control"] = kept_private([response.headers.get("Cache-Control", "")])


def _answers_preflight(response: HttpResponseBase) -> bool:
    says_cors = any(name.lower().startswith("access-control-allow-") for name in response.headers)
    return says_cors or response.status_code >= 400


def admit_without_middleware(request: HttpRequest) -> AuthError | None:
    """What the middleware does, for a view that stands behind none and asks by itself. The refusal, if it is one."""
    end_with_request()
    visit = arrive(request)
    unguarded = visit.conf.is_unguarded_path(request.method or "", request.path_info)
    principal = None if unguarded else _recalled(request, visit.conf)
    if principal is not None:
        let_in(request, visit, principal, principal)
        return None
    let_in(request, visit, ANONYMOUS, ANONYMOUS)
    if unguarded:
        return None
    match = request.resolver_match
    mark = mark_here(request, visit.conf, None if match is None else match.func)
    admission, user = find_caller(request, visit.conf)
    if mark is None and isinstance(admission.refusal, MissingToken):
        return admission.refusal  # not decided: the view's permissions may refuse it or not
    final = visit.conf.guard.conclude(admission, lambda: mark)
    if final.refusal is None and final.principal.is_authenticated:
        visit.by_url = final.by_url
        let_in(request, visit, final.principal, user)
    return final.refusal
