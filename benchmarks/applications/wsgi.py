"""The smallest WSGI application there is, and Flask: a package, and ours as hooks and around it."""

from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask

from jwt_middleware.flask import JWTMiddleware as FlaskDoor
from jwt_middleware.wsgi import JWTMiddleware as PlainDoor

from .. import ours
from ..samples import AUDIENCE, ISSUER, verifying_pem
from .by_hand import ALGORITHM

App = Callable[..., Iterable[bytes]]


def null(environ: Any, start_response: Any) -> list[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"ok"]


def null_ours() -> App:
    return PlainDoor(null, guard=ours.guard(ours.trusted(ALGORITHM)))


def flask(decorate: Callable[[Any], Any] = lambda view: view) -> Flask:
    app = Flask("orders")

    def orders() -> str:
        return "ok"

    app.add_url_rule("/orders", "orders", decorate(orders))
    return app


def flask_bare() -> App:
    return flask().wsgi_app


def flask_ours() -> App:
    app = flask()
    FlaskDoor(app, guard=ours.guard(ours.trusted(ALGORITHM)))
    return app.wsgi_app


def flask_in_ours() -> App:
    return PlainDoor(flask().wsgi_app, guard=ours.guard(ours.trusted(ALGORITHM)))


def flask_jwt_extended() -> App:
    from flask_jwt_extended import JWTManager, jwt_required

    app = flask(jwt_required())
    app.config.update(
        JWT_ALGORITHM=ALGORITHM,
        JWT_PUBLIC_KEY=verifying_pem(ALGORITHM),
        JWT_DECODE_AUDIENCE=AUDIENCE,
        JWT_DECODE_ISSUER=ISSUER,
    )
    JWTManager(app)
    return app.wsgi_app
