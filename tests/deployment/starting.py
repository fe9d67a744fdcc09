"""The command of a manifest, started for real on this machine: only folders, ports and hosts are put in their place."""

import os
import re
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

import pytest

from tests.servers import _end_with_parent, _program

from .manifests import DEPLOY, SECRETS, Service

EXAMPLE: Final = DEPLOY.parent
_HOSTS: Final = re.compile(r"\b(?:accounts|orders|inventory|shipping|redis|0\.0\.0\.0):(\d{4})\b")
PORTS: Final = {"accounts": 8001, "orders": 8002, "inventory": 8003, "shipping": 8004, "redis": 6379}
_NUMBERS: Final = re.compile(r"\b(?:800[1-4]|6379)\b")


class Place:
    """Where on this machine stands what the manifests say. One port for each of theirs."""

    def __init__(self, folder: Path, provisioned: Path) -> None:
        self.folder = folder
        self.provisioned = provisioned
        with ExitStack() as held:
            taken = [held.enter_context(socket.socket()) for _ in range(5)]
            for each in taken:
                each.bind(("127.0.0.1", 0))
            numbers = [each.getsockname()[1] for each in taken]
        self.ports = dict(zip(PORTS.values(), numbers, strict=True))

    def put(self, text: str, service: Service) -> str:
        """Folders first: the name of one may hold digits that look like a port."""
        found = _HOSTS.sub(lambda match: f"localhost:{match[1]}", text)
        found = _NUMBERS.sub(lambda match: str(self.ports[int(match[0])]), found).replace("0.0.0.0", "127.0.0.1")
        for within in (SECRETS, *service.writable):
            found = found.replace(within, str(self.within(service, within)))
        return found

    def within(self, service: Service, path: str) -> Path:
        return self.folder / service.name / path.strip("/")

    def prepare(self, service: Service, also: Mapping[str, str]) -> None:
        """The folders that it is given, and of the secrets those alone that the manifest gives it."""
        for each in (SECRETS, *service.writable):
            self.within(service, each).mkdir(parents=True)
        for target, source in service.secrets.items():
            text = also.get(f"{service.name}/{target}") or (self.provisioned / source).read_text(encoding="utf-8")
            (self.within(service, SECRETS) / target).write_text(self.put(text, service), encoding="utf-8")

    def environ(self, service: Service) -> dict[str, str]:
        own = {name: self.put(value, service) for name, value in service.environment.items()}
        paths = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        return {"PATH": paths, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1", **own}

    def run(self, service: Service, command: list[str], given: str = "") -> subprocess.CompletedProcess[str]:
        """A command beside the service, in the same folder and with the same variables."""
        where = DEPLOY if (DEPLOY / command[1]).is_file() else EXAMPLE  # the image has both in one folder
        placed = [self.put(each, service) for each in command]
        return subprocess.run(
            placed,
            cwd=where,
            env={**self.environ(service), "PYTHONPATH": str(EXAMPLE)},
            input=given,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )


class Started:
    """One service that runs. ``is_well`` returns when each of its health checks says so."""

    def __init__(self, place: Place, service: Service, process: "subprocess.Popen[bytes]", log: Path) -> None:
        self._place, self._service, self._process, self._log = place, service, process, log

    @property
    def log(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")

    def is_well(self) -> None:
        deadline, wrong = time.monotonic() + 60, "it does not listen"
        while time.monotonic() < deadline and self._process.poll() is None:
            if self._listens():
                wrong = "; ".join(filter(None, self._complaints()))
                if not wrong:
                    return
            time.sleep(0.1)  # it says nothing when it is well
        raise AssertionError(f"{self._service.name} is not well: {wrong}\n{self.log[-3000:]}")

    def _listens(self) -> bool:
        port = self._place.ports[PORTS[self._service.name]]
        with socket.socket() as tried:
            return tried.connect_ex(("127.0.0.1", port)) == 0

    def _complaints(self) -> Iterator[str]:
        yield from _asked(self._place, self._service)
        yield from _run_checks(self._place, self._service)


@contextmanager
def started(place: Place, service: Service) -> Iterator[Started]:
    """Runs while the block does."""
    command = [place.put(each, service) for each in service.command]
    if command[0] == "redis-server":
        command[0] = _program("redis-server", "redis-server")
    path = place.folder / f"{service.name}.log"
    with path.open("wb") as log:
        process = subprocess.Popen(
            command, cwd=EXAMPLE, env=place.environ(service), stdout=log, stderr=log, preexec_fn=_end_with_parent
        )
    try:
        yield Started(place, service, process, path)
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            pytest.fail(f"{service.name} does not stop when it is told to")


def _run_checks(place: Place, service: Service) -> Iterator[str]:
    for check in service.checks:
        done = place.run(service, check)
        yield done.stdout + done.stderr if done.returncode else ""


def _asked(place: Place, service: Service) -> Iterator[str]:
    """As the kubelet does: by HTTPS, without looking at the certificate."""
    anybody = ssl._create_unverified_context()
    for port, path in service.asked:
        try:
            with urllib.request.urlopen(f"https://127.0.0.1:{place.ports[port]}{path}", timeout=3, context=anybody):
                pass
        except (urllib.error.URLError, OSError) as error:
            yield f"{path}: {error}"
