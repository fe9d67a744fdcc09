"""The applications that the servers load, each by the name of its factory."""

from ..applications.asgi import starlette as bare
from ..applications.asgi import starlette_by_hand as pyjwt
from ..applications.asgi import starlette_ours as ours

__all__ = ["bare", "ours", "pyjwt"]
