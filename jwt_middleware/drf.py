"""The door for Django REST framework: behind Django's own, or by itself."""

import functools
from typing import Any

from django.http import HttpRequest
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from .access.challenge import challenge_for
from .access.current import current_principal
from .access.marks import public, unguarded
from .access.principal import ANONYMOUS, Principal
from .django.conf import configured
from .django.middleware import admit_without_middleware, keep_private
from .django.views import demand
from .django.visit import came_by_url, is_guarded
from .drf_permissions import HasRequirement, require
from .drf_refusal import Refused, refusal_answer
from .errors import MissingToken

__all__ = [
    "ANONYMOUS",
    "HasRequirement",
    "JWTAuthentication",
    "Principal",
    "Refused",
    "current_principal",
    "demand",
    "public",
    "refusal_answer",
    "require",
    "unguarded",
]


class JWTAuthentication(BaseAuthentication):
    """Who sent the request: what JWTMiddleware has found out, or, without it, what the same guard finds out here.

    ``request.user`` is the principal (or the user that ``USER`` loads), ``request.auth`` the principal. Without a token
    the next authentication class is asked, as REST framework has it: let views ``require`` something.
    """

    asks_guard = True  # for the route map

    def authenticate(self, request: Request) -> tuple[Any, Principal] | None:
        asked: HttpRequest = request._request  # noqa: SLF001  # its documented way to Django's request
        if not is_guarded(asked):
            refusal = admit_without_middleware(asked)
            if isinstance(refusal, MissingToken):
                return None
            if refusal is not None:
                raise Refused(refusal)
            if came_by_url(asked):
                _answer_privately((request.parser_context or {}).get("view"))
        principal: Principal = asked.principal  # type: ignore[attr-defined]  # hung there by the Django door
        return (asked.user, principal) if principal.is_authenticated else None

    def authenticate_header(self, request: Request) -> str:
        """What a 401 of REST framework's own says: real 401s, never its fallback to 403."""
        return challenge_for(MissingToken(), configured().guard.realm).authenticate


def _answer_privately(view: Any) -> None:
    """No shared cache may keep what this view, an object per request, answers; no middleware of ours sees it."""
    finalize = getattr(view, "finalize_response", None)
    if finalize is None:
        return

    @functools.wraps(finalize)
    def privately(*args: Any, **kwargs: Any) -> Any:
        response = finalize(*args, **kwargs)
        keep_private(response)
        return response

    view.finalize_response = privately
