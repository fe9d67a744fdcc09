"""Streams of events that end with the token of their caller."""

import time
from collections.abc import Iterator

from flask import Flask, Response

from jwt_middleware import Guard, TrustedIssuer, until_expiry
from jwt_middleware.flask import JWTMiddleware
from jwt_middleware.key_sources.static import static
from tests import tokens

NOW = 1_800_000_000.0


def blocking() -> Iterator[bytes]:
    while True:
        yield b"one of many;"
        time.sleep(0.01)  # such a stream sends something now and then


def test_a_stream_ends_when_the_token_does() -> None:
    app = Flask(__name__)
    trusted = TrustedIssuer(tokens.ISSUER, audience=tokens.AUDIENCE, keys=static(jwks=tokens.jwks()), leeway=0)
    JWTMiddleware(app, guard=Guard(trusted, clock=lambda: NOW))

    @app.get("/events")
    def events() -> Response:
        return Response(until_expiry(blocking()), mimetype="text/event-stream")

    token = tokens.mint(iat=NOW - 5, exp=NOW + 0.2)
    answer = app.test_client().get("/events", headers={"Authorization": f"Bearer {token}"}, buffered=True)
    assert set(answer.data.split(b";")) == {b"one of many", b""}
