"""The fixtures, in a pytest run of their own."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
TESTS = """
import pytest

from jwt_middleware import Guard, scope
from jwt_middleware.wsgi import JWTMiddleware, demand


def application(environ, start_response):
    demand(scope("orders:read"))
    start_response("200 OK", [])
    return [environ["jwt_middleware.principal"].subject.encode()]


def ask(app, headers):
    given = {f"HTTP_{name.upper()}": value for name, value in headers.items()}
    answers = []
    body = app({"REQUEST_METHOD": "GET", "PATH_INFO": "/", **given}, lambda status, headers: answers.append(status))
    return answers[0][:3], b"".join(body)


@pytest.fixture(scope="session")
def app(local_issuer):
    return JWTMiddleware(application, guard=Guard(local_issuer.trusted))


def test_callers(app, headers_for, local_issuer):
    assert ask(app, headers_for("bob", scopes=["orders:read"])) == ("200", b"bob")
    assert ask(app, headers_for("bob"))[0] == "403"
    assert ask(app, {})[0] == "401"
    assert local_issuer.trusted.rules.audience == {"AUDIENCE"}
"""


def run(folder: Path, conftest: str, *options: str, audience: str) -> "subprocess.CompletedProcess[str]":
    (folder / "conftest.py").write_text(conftest, encoding="utf-8")
    (folder / "test_callers.py").write_text(TESTS.replace("AUDIENCE", audience), encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error", *options]
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60)


PLUGIN = 'pytest_plugins = ["jwt_middleware.testing.pytest_plugin"]\n'
OVERRIDING = f"""{PLUGIN}
import pytest

from jwt_middleware.testing import LocalIssuer


@pytest.fixture(scope="session")
def local_issuer():
    return LocalIssuer("https://idp.example", audience="orders")
"""


def test_the_fixtures_serve_a_guarded_application(tmp_path: Path) -> None:
    done = run(tmp_path, PLUGIN, audience="tests")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout


def test_the_audience_is_a_setting(tmp_path: Path) -> None:
    done = run(tmp_path, PLUGIN, "-o", "jwt_middleware_audience=billing", audience="billing")
    assert done.returncode == 0, done.stdout + done.stderr


def test_an_issuer_of_ones_own_replaces_the_fixture(tmp_path: Path) -> None:
    done = run(tmp_path, OVERRIDING, audience="orders")
    assert done.returncode == 0, done.stdout + done.stderr


def test_nothing_is_loaded_unless_it_is_named(tmp_path: Path) -> None:
    done = run(tmp_path, "", audience="tests")
    assert done.returncode == 1
    assert "fixture 'local_issuer' not found" in done.stdout
