"""A refusal in REST framework's own terms, for views behind no JWTMiddleware; and as the challenge to the letter."""

import json
from collections.abc import Mapping
from typing import Any, NoReturn

from django.http import HttpResponse
from rest_framework.exceptions import APIException
from rest_framework.request import Request

from .django.conf import configured
from .django.refusal import refusal_response
from .django.visit import is_guarded
from .errors import AuthError, AuthUnavailable


class Refused(APIException):
    """A refusal in REST framework's own terms, for views that stand behind no JWTMiddleware."""

    def __init__(self, refusal: AuthError) -> None:
        challenge = configured().guard.challenge(refusal)
        super().__init__(detail=refusal.sentence, code=refusal.reason)
        self.refusal = refusal
        if "json" in dict(challenge.headers)["content-type"]:  # else REST framework makes its own of the sentence
            self.detail = json.loads(challenge.body)
        self.status_code = challenge.status
        self.auth_header = challenge.authenticate
        self.wait = refusal.retry_after if isinstance(refusal, AuthUnavailable) else None


def refusal_answer(exception: Exception, context: Mapping[str, Any]) -> HttpResponse | None:
    """For ``EXCEPTION_HANDLER``: a refusal becomes the challenge, all else what REST framework makes of it.

    Behind JWTMiddleware it is needed only in a handler of your own that answers every exception: let it ask this first.
    """
    from rest_framework.views import exception_handler, set_rollback  # import what their settings name: this module

    refusal = exception.refusal if isinstance(exception, Refused) else exception
    if not isinstance(refusal, AuthError):
        return exception_handler(exception, dict(context))
    set_rollback()
    return refusal_response(context["request"]._request, refusal)  # noqa: SLF001  # its documented way there


def refuse(refusal: AuthError, request: Request) -> NoReturn:
    """Behind JWTMiddleware a refusal is answered by it, as behind every door; else REST framework answers."""
    if is_guarded(request._request):  # noqa: SLF001  # its documented way to Django's request
        raise refusal
    raise Refused(refusal)
