"""The door for Django, sync and async. It has no models: a service without a database needs no migration."""

from ..access.current import current_principal
from ..access.marks import public, unguarded
from ..access.principal import ANONYMOUS, Principal
from .conf import configured_guard
from .middleware import JWTMiddleware
from .refusal import refusal_response
from .views import demand, require

__all__ = [
    "ANONYMOUS",
    "JWTMiddleware",
    "Principal",
    "configured_guard",
    "current_principal",
    "demand",
    "public",
    "refusal_response",
    "require",
    "unguarded",
]
