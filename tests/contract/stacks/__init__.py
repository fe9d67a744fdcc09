"""Every stack of the contract: a real framework with the same logical routes behind its door."""

from typing import Final

from ..table import Stack
from . import django, drf, fastapi, flask, plain_asgi, plain_wsgi, starlette

STACKS: Final[tuple[Stack, ...]] = (
    plain_asgi.STACK,
    *starlette.STACKS,
    *fastapi.STACKS,
    plain_wsgi.STACK,
    *flask.STACKS,
    *django.STACKS,
    *drf.STACKS,
)
