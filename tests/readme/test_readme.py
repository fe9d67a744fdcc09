"""Every block of the README, in an empty folder, on the built wheel, under a real server."""

import contextlib
import http.client
import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(
    r"<!-- file: (?P<file>[^\s,]+?)(?:, run: (?P<run>[^>]+?))? -->\n```python\n(?P<code>.*?)```", re.DOTALL
)
SIGNER = ec.generate_private_key(ec.SECP256R1())


class Project(NamedTuple):
    """One framework's files, and the command that serves them."""

    files: dict[str, str]
    command: list[str]


TEST = re.compile(r"<!-- test -->\n```python\n(?P<code>.*?)```", re.DOTALL)


def projects() -> dict[str, Project]:
    found: dict[str, Project] = {}
    for block in BLOCK.finditer((ROOT / "README.md").read_text(encoding="utf-8")):
        name, _, file = block["file"].partition("/")
        project = found.get(name, Project({}, []))
        project.files[file] = block["code"]
        found[name] = Project(project.files, block["run"].split() if block["run"] else project.command)
    return found


PROJECTS = projects()


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built wheel, unpacked where nothing else of the project is."""
    place = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(place)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True, timeout=60)
    (wheel,) = place.glob("*.whl")
    target = place / "site"
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index", "--target", str(target), str(wheel)]
    subprocess.run(pip, check=True, capture_output=True, timeout=60)
    return target


class Metadata(BaseHTTPRequestHandler):
    """An issuer: its metadata and its keys."""

    def do_GET(self) -> None:
        assert isinstance(self.server, HTTPServer)
        issuer = f"http://127.0.0.1:{self.server.server_port}"
        jwk = {**json.loads(jwt.get_algorithm_by_name("ES256").to_jwk(SIGNER.public_key())), "kid": "k1"}
        answers = {
            "/.well-known/openid-configuration": {"issuer": issuer, "jwks_uri": f"{issuer}/jwks"},
            "/jwks": {"keys": [jwk]},
        }
        answer = answers.get(self.path)
        self.send_response(404 if answer is None else 200)
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="session")
def issuer() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Metadata) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@contextlib.contextmanager
def serving(project: Project, folder: Path, installed: Path, issuer: str) -> Iterator[int]:
    """Serve a project on a socket that is already bound: no port is guessed, none can be taken."""
    for file, code in project.files.items():
        (folder / file).write_text(code, encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as listening, (folder / "log").open("wb") as log:
        number = listening.fileno()
        socket_option = ["--fd", str(number)] if project.command[0] == "uvicorn" else ["--bind", f"fd://{number}"]
        process = subprocess.Popen(
            [sys.executable, "-m", *project.command, *socket_option],
            cwd=folder,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(installed), "ISSUER": issuer, "SECRET_KEY": "x" * 50},
            pass_fds=[number],
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            yield listening.getsockname()[1]
        finally:
            process.terminate()
            process.wait(20)


def get(port: int, path: str, token: str | None = None) -> tuple[int, dict[str, str], bytes]:
    """Ask once; the kernel queues the connection until the server has started."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    with contextlib.closing(connection):
        connection.request("GET", path, headers={"Authorization": f"Bearer {token}"} if token else {})
        response = connection.getresponse()
        return response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()


def mint(issuer: str, **changes: Any) -> str:
    claims = {"iss": issuer, "aud": "orders", "sub": "alice", "exp": time.time() + 300, **changes}
    return jwt.encode(claims, SIGNER, "ES256", headers={"kid": "k1"})


def test_the_readme_has_a_start_for_every_door() -> None:
    assert sorted(PROJECTS) == ["asgi", "django", "drf", "fastapi", "flask", "starlette", "wsgi"]
    assert all(project.command for project in PROJECTS.values())


@pytest.mark.timeout(120)
@pytest.mark.parametrize("name", sorted(PROJECTS))
def test_a_block_runs_as_printed(name: str, tmp_path: Path, installed: Path, issuer: str) -> None:
    with serving(PROJECTS[name], tmp_path, installed, issuer) as port:
        try:
            assert get(port, "/health")[0] == 200
            status, headers, _ = get(port, "/orders")
            assert (status, headers["www-authenticate"]) == (401, 'Bearer realm="orders"')
            status, headers, _ = get(port, "/orders", mint(issuer, scope="other"))
            assert status == 403
            assert 'error="insufficient_scope"' in headers["www-authenticate"]
            assert 'scope="orders:read"' in headers["www-authenticate"]
            status, _, body = get(port, "/orders", mint(issuer, scope="orders:read"))
            assert (status, json.loads(body)) == (200, {"caller": "alice"})
            assert get(port, "/orders", mint(issuer, scope="orders:read", exp=1))[0] == 401
            assert get(port, "/nowhere")[0] == 401
        except Exception:
            print((tmp_path / "log").read_text())
            raise


def test_the_test_of_the_readme_passes(tmp_path: Path, installed: Path) -> None:
    (block,) = TEST.findall((ROOT / "README.md").read_text(encoding="utf-8"))
    (tmp_path / "test_orders.py").write_text(block, encoding="utf-8")
    run = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_orders.py"]
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(installed)}
    done = subprocess.run(run, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout
