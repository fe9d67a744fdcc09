"""The application of this project behind the door for WSGI, mounted once per setting."""

from collections.abc import Iterable
from typing import Any

from jwt_middleware.wsgi import PRINCIPAL, JWTMiddleware, demand

from .mounted import Mounted
from .routes import PUBLIC, reply
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
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    status, headers, content = reply(environ["PATH_INFO"], body, environ[PRINCIPAL], demand)
    start_response(f"{status} Answer", list(headers.items()))
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [content]
