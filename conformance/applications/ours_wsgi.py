"""The application of this project behind the door for WSGI, mounted once per setting."""

import time
from collections.abc import Iterable, Iterator
from typing import Any

from jwt_middleware import until_expiry
from jwt_middleware.wsgi import PRINCIPAL, JWTMiddleware, demand

from .mounted import Mounted
from .routes import EVENTS, PUBLIC, reply
from .settings import Issuers, guard_for


def application(issuers: Issuers) -> Any:
    """A WSGI application whose first path segment names the setting."""
    mounted = Mounted(lambda setting: JWTMiddleware(_app, guard=guard_for(setting, issuers), public_paths=PUBLIC))

    def mount(environ: Any, start_response: Any) -> Iterable[bytes]:
        place = mounted.at(environ["PATH_INFO"])

        def marked(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            return start_response(status, [*headers, place.mark], *more)

        if place.app is None:
            marked("500 Internal Server Error", [])
            return []
        environ["SCRIPT_NAME"] = place.root
        environ["PATH_INFO"] = environ["PATH_INFO"].removeprefix(place.root)
        return place.app(environ, marked)

    return mount


def _app(environ: Any, start_response: Any) -> Iterable[bytes]:
    if environ["PATH_INFO"] == "/events":
        start_response("200 Answer", list(EVENTS.items()))
        return until_expiry(_events())
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    status, headers, content = reply(environ["PATH_INFO"], body, environ[PRINCIPAL], demand)
    start_response(f"{status} Answer", list(headers.items()))
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [content]


def _events() -> Iterator[bytes]:
    while True:
        yield b"data: one of many\n\n"
        time.sleep(0.05)  # such a stream sends something now and then, so that it notices a client that has left
