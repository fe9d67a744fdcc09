"""Any other application: its URL, and how a token for it is minted."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import urlsplit

from ..issuer import IssuerServer
from ..keys import Signer
from ..request import PROTECTED
from ..transports.sockets import Sockets
from .application import Application


def another(
    url: str,
    *,
    issuer: str,
    audience: str,
    algorithm: str,
    sign: Callable[[bytes], bytes],
    kid: str | None = None,
    routes: Mapping[str, str] | None = None,
    now: Callable[[], float] = time.time,
) -> Application:
    """An application that runs somewhere over plain HTTP, to ask the rows of.

    ``url`` is that of a route that any genuine caller may call. ``issuer`` and ``audience`` stand in good tokens,
    ``sign`` signs the bytes of header and claims with the key ``kid`` and ``algorithm``. ``routes`` name further paths
    by those that the rows know, such as ``{"/read": "/orders"}`` for a route that wants the scope ``read``. ``now`` is
    the application's clock. What needs more (another configuration or key, a change at the issuer) is not asked.
    """
    parts = urlsplit(url)
    places = {PROTECTED: parts.path or "/", **(routes or {})}

    @contextmanager
    def opened(_: IssuerServer) -> Iterator[Sockets]:
        address = (parts.hostname or "127.0.0.1", parts.port or 80)
        yield Sockets("another", address, place="", marked=False, routes=places)

    return Application(
        url,
        {"another": opened},
        audience=audience,
        issuer=issuer,
        now=now,
        keys={"ec": Signer(algorithm, kid, sign), "stranger": _strange(algorithm, kid, sign)},
        settings=lambda name: name == "default",
        paths=places.__contains__,
    )


def _strange(algorithm: str, kid: str | None, sign: Callable[[bytes], bytes]) -> Signer:
    """Somebody whose signatures look right and are not."""
    return Signer(algorithm, kid, lambda message: sign(message + b"x"))
