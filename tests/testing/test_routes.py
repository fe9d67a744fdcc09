"""The assertion that holds an application to its map, for every framework."""

from pathlib import Path

import pytest

from jwt_middleware import Guard, asgi, wsgi
from jwt_middleware.errors import ConfigurationError
from jwt_middleware.route_map.recorded import to_json
from jwt_middleware.routes_of import routes_of
from jwt_middleware.testing import LocalIssuer
from jwt_middleware.testing.routes import assert_routes

ALLOWED = ["/health", "POST /login"]


@pytest.fixture(scope="module")
def guard() -> Guard:
    return Guard(LocalIssuer(audience="orders").trusted)


def test_a_plain_application_is_told_by_its_paths(guard: Guard) -> None:
    async def asgi_app(scope: object, receive: object, send: object) -> None: ...

    paths = {"public_paths": ["/health"], "unguarded_paths": [("POST", "/login")]}
    for app in (
        wsgi.JWTMiddleware(lambda environ, start_response: [], guard=guard, **paths),  # type: ignore[arg-type]  # a dict of arguments
        asgi.JWTMiddleware(asgi_app, guard=guard, **paths),  # type: ignore[arg-type]  # the same
    ):
        assert_routes(app, allowed=ALLOWED)
        with pytest.raises(AssertionError, match="open: POST /login"):
            assert_routes(app, allowed=["/health"])


def test_holes_and_changes_are_told_together(tmp_path: Path) -> None:
    pytest.importorskip("fastapi", reason="needs the package fastapi")
    from tests.cli.hole import leaky, sound

    recorded = tmp_path / "routes.json"
    recorded.write_text(to_json(routes_of(sound())))
    assert_routes(sound(), allowed=ALLOWED, declared_only=True, recorded=recorded)
    with pytest.raises(AssertionError) as found:
        assert_routes(leaky(), allowed=ALLOWED, declared_only=True, recorded=recorded)
    said = str(found.value)
    for each in (
        "undeclared: DELETE /orders",
        "open: GET /debug",
        "unmapped: GET /admin",
        "gained: any genuine caller",
    ):
        assert each in said


def test_each_framework_has_its_reader(guard: Guard) -> None:
    pytest.importorskip("flask", reason="needs the package flask")
    from flask import Flask

    from jwt_middleware.flask import JWTMiddleware

    app = Flask(__name__, static_folder=None)
    JWTMiddleware(app, guard=guard)
    app.add_url_rule("/x", view_func=lambda: "x")
    assert [(each.path, each.access.value) for each in routes_of(app).routes] == [("/x", "default")]


def test_what_is_no_application_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="no application whose routes can be read"):
        routes_of(object())
