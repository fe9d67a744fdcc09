"""The application of this project, reached in four ways."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from ..issuer import IssuerServer
from ..transports.environ import Environ
from ..transports.scope import Scope
from ..transports.servers import serving
from ..transports.sockets import Sockets
from . import ours_asgi, ours_wsgi
from .application import Application
from .settings import VARIABLES, Issuers, clock, words

_WITHOUT: Final = {
    "cors": "WSGI has no CORS middleware of its own",
    "slow-keys": "WSGI has no event loop",
}
_UVICORN: Final = ("uvicorn", "conformance.applications.under_servers:asgi", "--http", "h11", "--lifespan", "off")
_GUNICORN: Final = ("gunicorn", "conformance.applications.under_servers:wsgi")


@contextmanager
def _scope(issuers: IssuerServer) -> Iterator[Scope]:
    yield Scope(ours_asgi.application(Issuers(issuers.plain, issuers.tls, "scope")))


@contextmanager
def _environ(issuers: IssuerServer) -> Iterator[Environ]:
    yield Environ(ours_wsgi.application(Issuers(issuers.plain, issuers.tls, "environ")), without=_WITHOUT)


@contextmanager
def _uvicorn(issuers: IssuerServer) -> Iterator[Sockets]:
    command = (*_UVICORN, "--ws", "websockets-sansio", "--fd", "{fd}")
    with serving(command, _told(issuers, "uvicorn")) as (address, log):
        yield Sockets("uvicorn", address, log=log)


@contextmanager
def _gunicorn(issuers: IssuerServer) -> Iterator[Sockets]:
    with serving((*_GUNICORN, "--bind", "fd://{fd}"), _told(issuers, "gunicorn")) as (address, log):
        yield Sockets("gunicorn", address, websockets=False, log=log, without=_WITHOUT)


def _told(issuers: IssuerServer, transport: str) -> dict[str, str]:
    return dict(zip(VARIABLES, (issuers.plain, issuers.tls, transport), strict=True))


OURS: Final = Application(
    "jwt_middleware",
    {"scope": _scope, "environ": _environ, "uvicorn": _uvicorn, "gunicorn": _gunicorn},
    now=clock,
    words=words,
)
