"""Every command and health check of the manifests is started for real; then somebody logs in and ships an order."""

import json
import ssl
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("redis", reason="needs the package redis")
pytest.importorskip("uvicorn_worker", reason="needs the package uvicorn-worker")

from .manifests import DEPLOY, Service, of_compose, of_kubernetes
from .starting import Place, Started, started

pytestmark = pytest.mark.once

MANIFESTS = {"docker-compose.yml": of_compose, "kubernetes": of_kubernetes}
PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def provisioned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("provisioned") / "secrets"
    subprocess.run([sys.executable, str(DEPLOY / "provision.py"), str(folder)], check=True, timeout=60)
    return folder


class Running:
    def __init__(self, place: Place, services: list[Service], processes: list[Started]) -> None:
        self.place = place
        self.services = {each.name: each for each in services}
        self.processes = processes
        self._tls = ssl.create_default_context(cafile=str(place.provisioned / "ca.crt"))

    def ask(self, port: int, method: str, path: str, body: object = None, token: str = "") -> Any:
        """Raises HTTPError for a refusal, and URLError where the certificate is not of the authority."""
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
        url = f"https://localhost:{self.place.ports[port]}{path}"
        sent = None if body is None else json.dumps(body).encode()
        asked = urllib.request.Request(url, sent, headers, method=method)
        with urllib.request.urlopen(asked, timeout=10, context=self._tls) as answer:
            return json.load(answer)


@pytest.fixture(scope="module", params=MANIFESTS)
def running(
    request: pytest.FixtureRequest, provisioned: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    services = MANIFESTS[request.param]()
    place = Place(tmp_path_factory.mktemp("running"), provisioned)
    current = (provisioned / "orders-secret").read_text()
    both = {"accounts/orders-secret": f"{'n' * 40}\n{current}\n"}  # as while one is replaced
    with ExitStack() as stack:
        for each in services:
            place.prepare(each, both)
        processes = [stack.enter_context(started(place, each)) for each in services]  # they find each other
        for process in processes:
            process.is_well()
        yield Running(place, services, processes)


def test_somebody_is_added_logs_in_orders_and_ships(running: Running) -> None:
    accounts = running.services["accounts"]
    command = ["python", "add_person.py", "ann", "--shop", "north", "--role", "manager"]
    assert " ".join(command) in (DEPLOY / "README.md").read_text(encoding="utf-8")
    assert running.place.run(accounts, command, f"{PASSWORD}\n").returncode == 0
    token = running.ask(8001, "POST", "/login", {"username": "ann", "password": PASSWORD})["access_token"]
    order = running.ask(8002, "POST", "/orders", {"item": "bolts", "quantity": 2}, token)
    assert (order["placed_by"], order["tenant"]) == ("ann", "north")
    assert running.ask(8002, "POST", f"/orders/{order['id']}/ship", token=token)["state"] == "shipped"
    assert running.ask(8002, "GET", "/available/nuts") == {"available": True}


def test_keys_rotate_by_the_command_of_the_readme(running: Running) -> None:
    readme = (DEPLOY / "README.md").read_text(encoding="utf-8")
    for name, seal, port in (("accounts", "keys-seal", 8001), ("shipping", "partner-keys-seal", 8004)):
        keys = f"stores.signing_keys('{seal}')"
        assert f'exec {name} python -c "import stores; {keys}.rotate()"' in readme
        assert len(running.ask(port, "GET", "/jwks")["keys"]) == 2  # one signs, and one waits
        rotation = f"import stores; keys = {keys}; keys.rotate(at_once=True); print(len(keys.published))"
        done = running.place.run(running.services[name], ["python", "-c", rotation])
        assert (done.returncode, done.stdout, done.stderr) == (0, "3\n", "")
    early = running.place.run(running.services[name], ["python", "-c", f"import stores; {keys}.rotate()"])
    assert early.returncode != 0
    assert "seconds" in early.stderr  # how long verifiers may not know the next key yet


def test_what_speaks_plain_http_gets_no_answer(running: Running) -> None:
    for port in (8001, 8002, 8003, 8004):
        with pytest.raises(OSError):
            urllib.request.urlopen(f"http://127.0.0.1:{running.place.ports[port]}/health", timeout=5)


def test_no_secret_stands_in_a_log(running: Running) -> None:
    secrets = [each.read_text().strip() for each in running.place.provisioned.iterdir() if "crt" not in each.name]
    for process in running.processes:
        assert not [each for each in secrets if each in process.log]
        assert "Traceback" not in process.log
