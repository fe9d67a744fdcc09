"""The middleware, one for sync and async; it never blocks and never hops to another thread."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from asgiref.sync import async_to_sync, iscoroutinefunction, markcoroutinefunction, sync_to_async
from django.core.signals import request_finished
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.csrf import CsrfViewMiddleware

from ..access.admission import Admission
from ..access.current import Passage, enter
from ..access.marks import Mark
from ..access.principal import ANONYMOUS, Principal
from ..access.request import RequestInfo
from ..access.token_location import TokenInCookie, TokenInHeader, authorization_header
from ..errors import AuthError, Forbidden, MissingToken
from ..waiting import run
from .conf import Configured, configured
from .marks import mark_of_view
from .refusal import refusal_response

_VISIT = "_jwt_middleware_visit"
_GUARDED = "_jwt_middleware_guarded"
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})  # RFC 9110 section 9.2.1; the same for Django


@dataclass(slots=True)
class Visit:
    """One request on its way through Django: what was found about it, and whether its refusal still stands."""

    conf: Configured
    refused: Admission | None = None  # waits for the view to be known: its mark may let the request in
    answered: bool = False


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
        visit = self._begin(request)
        if visit is not None:
            admission = run(visit.conf.guard.admit(_request_info(request)))
            if _needs_csrf_proof(admission) and _lacks_csrf_proof(request):
                admission = _without_proof(admission)
            self._settle(request, visit, admission, _loaded(visit.conf, admission))
        return self._end_of(request, self.get_response(request))

    async def _acall(self, request: HttpRequest) -> HttpResponseBase:
        visit = self._begin(request)
        if visit is not None:
            admission = await visit.conf.guard.admit(_request_info(request))
            # in a thread, for it may read a body from disk and a session from the database
            if _needs_csrf_proof(admission) and await sync_to_async(_lacks_csrf_proof)(request):
                admission = _without_proof(admission)
            self._settle(request, visit, admission, await _aloaded(visit.conf, admission))
        return self._end_of(request, await self.get_response(request))

    def _begin(self, request: HttpRequest) -> Visit | None:
        """The visit that is left to be decided; None where paths or a token of a moment ago have decided it."""
        conf = configured()
        method, path = request.method or "", request.path_info
        enter(None)
        if not conf.is_guarded_path(method, path):
            return None
        if conf.is_unguarded_path(method, path):
            _let_in(request, conf, ANONYMOUS, ANONYMOUS)
            setattr(request, _GUARDED, True)
            return None
        visit = Visit(conf)
        setattr(request, _VISIT, visit)
        setattr(request, _GUARDED, True)  # or it will be refused before any view can ask
        authorization = request.META.get("HTTP_AUTHORIZATION")
        if authorization is None or conf.user is not None:
            return visit
        principal = conf.guard.recall(authorization.encode("latin-1", "replace"))
        if principal is None:
            return visit
        _exempt_from_csrf(request)
        _let_in(request, conf, principal, principal)
        return None

    def _settle(self, request: HttpRequest, visit: Visit, admission: Admission, user: Any) -> None:
        """Let in who may come in by now. For all others the view is asked, once it is known."""
        if admission.refusal is None and user is None:
            admission = _refused(admission)
        if admission.refusal is not None:
            public = visit.conf.is_public_path(request.method or "", request.path_info)
            if not isinstance(admission.refusal, MissingToken) or not (public or admission.request.is_preflight):
                visit.refused = admission
                _let_in(request, visit.conf, ANONYMOUS, ANONYMOUS)
                return
        final = visit.conf.guard.conclude(admission, lambda: Mark.PUBLIC)
        if final.location is authorization_header or isinstance(final.location, TokenInHeader):
            _exempt_from_csrf(request)
        _let_in(request, visit.conf, final.principal, user if final.principal.is_authenticated else ANONYMOUS)

    def _view(
        self, request: HttpRequest, view: Callable[..., Any], args: Sequence[Any], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        visit: Visit | None = getattr(request, _VISIT, None)
        if visit is None or visit.refused is None:
            return None
        return self._judge(request, visit, visit.refused, lambda: mark_of_view(view, request.method or ""))

    async def _aview(
        self, request: HttpRequest, view: Callable[..., Any], args: Sequence[Any], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        return self._view(request, view, args, kwargs)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Sync on purpose: Django calls it so in both worlds."""
        return refusal_response(request, exception) if isinstance(exception, AuthError) else None

    def _judge(
        self, request: HttpRequest, visit: Visit, refused: Admission, mark: Callable[[], Mark | None]
    ) -> HttpResponse | None:
        final = refused if visit.answered else visit.conf.guard.conclude(refused, mark)
        visit.answered = True
        if final.refusal is None:
            visit.refused = None
            return None
        visit.refused = final
        return refusal_response(request, final.refusal)

    def _end_of(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Seal what was answered before any view was chosen: a 404, a redirect, another middleware's own answer."""
        visit: Visit | None = getattr(request, _VISIT, None)
        if visit is None or visit.refused is None or response.status_code >= 500:
            return response
        sealed = self._judge(request, visit, visit.refused, lambda: None)
        if sealed is None:
            return response
        for close in getattr(response, "_resource_closers", ()):  # close() would also announce the end of the request
            close()
        return sealed


def is_guarded(request: HttpRequest) -> bool:
    """Whether JWTMiddleware stands in front of this request: who gets here was let in by it."""
    return getattr(request, _GUARDED, False) is True


def admit_without_middleware(request: HttpRequest, mark: Mark | None) -> AuthError | None:
    """What the middleware does, for a view that stands behind none and asks by itself. The refusal, if it is one."""
    conf = configured()
    end_with_request()
    _let_in(request, conf, ANONYMOUS, ANONYMOUS)  # whoever was served by this thread before is forgotten
    admission = run(conf.guard.admit(_request_info(request)))
    if _needs_csrf_proof(admission) and _lacks_csrf_proof(request):
        admission = _without_proof(admission)
    user = _loaded(conf, admission)
    if admission.refusal is None and user is None:
        admission = _refused(admission)
    final = conf.guard.conclude(admission, lambda: mark)
    if final.refusal is None:
        _let_in(request, conf, final.principal, user if final.principal.is_authenticated else ANONYMOUS)
    return final.refusal


def _let_in(request: HttpRequest, conf: Configured, principal: Principal, user: Any) -> None:
    async def auser() -> Any:
        return user

    request.principal = principal  # type: ignore[attr-defined]  # where Django people look
    request.user = user
    request.auser = auser
    enter(Passage(principal, conf.guard, request))


def _loaded(conf: Configured, admission: Admission) -> Any:
    """The user behind an admitted principal; None if there is none who may come in."""
    if conf.user is None or admission.refusal is not None:
        return admission.principal
    load = async_to_sync(conf.user) if iscoroutinefunction(conf.user) else conf.user
    return _active(load(admission.principal))


async def _aloaded(conf: Configured, admission: Admission) -> Any:
    if conf.user is None or admission.refusal is not None:
        return admission.principal
    load = conf.user if iscoroutinefunction(conf.user) else sync_to_async(conf.user)
    return _active(await load(admission.principal))


def _active(user: Any) -> Any:
    return user if user is not None and getattr(user, "is_active", True) else None


def _refused(admission: Admission) -> Admission:
    return admission.refused_for(Forbidden("user_refused"), "account usable")


def _exempt_from_csrf(request: HttpRequest) -> None:
    """No browser sends a header by itself, so it needs no proof; said before any view middleware looks."""
    request._dont_enforce_csrf_checks = True  # type: ignore[attr-defined]  # noqa: SLF001  # its only name


def _needs_csrf_proof(admission: Admission) -> bool:
    by_cookie = isinstance(admission.location, TokenInCookie) and admission.refusal is None
    return by_cookie and admission.request.method not in _SAFE_METHODS


def _without_proof(admission: Admission) -> Admission:
    return admission.refused_for(Forbidden("csrf_failed"), "csrf proof")


def _lacks_csrf_proof(request: HttpRequest) -> bool:
    """Django's own check, also for views that are exempt and for sites that do not list its middleware."""
    check = CsrfViewMiddleware(_nobody)
    check.process_request(request)
    return check.process_view(request, _nobody, (), {}) is not None  # of no view, so that none is exempt


def _nobody(*_: Any) -> HttpResponse:
    return HttpResponse()


def _request_info(request: HttpRequest) -> RequestInfo:
    def header(name: str) -> Sequence[str]:
        value = request.META.get("HTTP_" + name.upper().replace("-", "_"))
        return [] if value is None else [value]

    return RequestInfo(
        method=request.method or "",
        scheme=request.scheme or "http",
        path=request.path_info,
        query=request.META.get("QUERY_STRING", ""),
        header=header,
        csrf_by_framework=True,
    )


def end_with_request() -> None:
    """Forget the caller when a request has ended. Connected once, however often it is called."""
    request_finished.connect(_end, dispatch_uid="jwt_middleware.django.middleware")


def _end(**_: Any) -> None:
    """After the last byte, streamed ones included; a thread that serves another request knows nothing of this one."""
    enter(None)
