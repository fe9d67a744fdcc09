"""Proof against cross-site forgery, which a token in a cookie needs: by Django's own check."""

from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware

from ..access.admission import Admission
from ..access.token_cookie import TokenInCookie
from ..access.token_location import TokenInHeader, authorization_header
from ..errors import Forbidden

_SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})  # RFC 9110 section 9.2.1; the same for Django


def came_by_cookie(admission: Admission) -> bool:
    return admission.refusal is None and isinstance(admission.location, TokenInCookie)


def is_safe(request: HttpRequest) -> bool:
    return request.method in _SAFE_METHODS


def lacks_proof(request: HttpRequest) -> bool:
    """Django's own check, also for views that are exempt and for sites that do not list its middleware."""
    check = CsrfViewMiddleware(_nobody)
    check.process_request(request)
    return check.process_view(request, _nobody, (), {}) is not None  # of no view, so that none is exempt


def without_proof(admission: Admission) -> Admission:
    return admission.refused_for(Forbidden("csrf_failed"), "csrf proof")


def exempt_if_in_header(request: HttpRequest, admission: Admission) -> None:
    if admission.location is authorization_header or isinstance(admission.location, TokenInHeader):
        exempt(request)


def exempt(request: HttpRequest) -> None:
    """No browser sends a header by itself, so it needs no proof; said before any view middleware looks."""
    request._dont_enforce_csrf_checks = True  # type: ignore[attr-defined]  # noqa: SLF001  # its only name


def _nobody(*_: Any) -> HttpResponse:
    return HttpResponse()
