"""The steps of a request to Flask, beside the bare one: behind hooks, and behind a WSGI application around it."""

from collections.abc import Callable, Iterable
from typing import Any, Final

from flask import request

from ..applications import wsgi
from ..applications.driven import WSGI
from ..figures import Figure
from . import steps
from .uses import Use, profile, uses

HOOKS: Final = "Flask, hooks, warm"
AROUND: Final = "Flask, around the application, warm"
App = Callable[..., Iterable[bytes]]


def figures(*, peers: bool) -> list[Figure]:
    if not peers:  # shown, and not gated
        return []
    found = []
    for name, using, whole in ((HOOKS, hooked, wsgi.flask_ours), (AROUND, Using, wsgi.flask_in_ours)):
        rungs = {steps.BARE: wsgi.flask_bare(), **{rung: using(use) for rung, use in uses().items()}}
        found += profile(name, {rung: WSGI(app) for rung, app in {**rungs, steps.DOOR: whole()}.items()})
    return found


def hooked(use: Use) -> App:
    """Flask with the three hooks of the door, of which the first does something with the header's value."""
    app = wsgi.flask()

    def arrive(endpoint: Any, arguments: Any) -> None:
        use(request.environ["HTTP_AUTHORIZATION"].encode("latin-1"))

    app.url_value_preprocessors.setdefault(None, []).append(arrive)
    app.after_request(lambda response: response)
    app.teardown_request(lambda _: None)
    return app.wsgi_app


class Using:
    """A WSGI application that does something with the header's value, and passes on."""

    def __init__(self, use: Use) -> None:
        self.app = wsgi.flask().wsgi_app
        self.use = use

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        self.use(environ["HTTP_AUTHORIZATION"].encode("latin-1"))
        return self.app(environ, start_response)
