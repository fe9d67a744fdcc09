"""The example's services as processes of their own on free ports, with a Redis, secrets and key folders beside them."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import httpx2

from tests.servers import Redis, _end_with_parent

EXAMPLE: Final = Path(__file__).parents[2] / "example_projects" / "microservices"
MODULES: Final = {
    "accounts": "accounts_demo",
    "orders": "orders",
    "inventory": "inventory",
    "shipping": "shipping_demo",
}
_PEOPLE: Final = "import sys; from people import People, add_some_to_play_with as add; add(People(sys.argv[1]))"


class Mesh:
    """Four services and a Redis. ``stop`` it where it was made: nothing of it is left then, but the logs."""

    def __init__(self, folder: Path, planted: Mapping[str, tuple[str, str]]) -> None:
        self._folder = folder
        self.example = folder / "example"
        shutil.copytree(EXAMPLE, self.example, ignore=shutil.ignore_patterns("tests", "deploy", "__pycache__", ".*"))
        for file, (written, instead) in planted.items():
            _plant(self.example / file, written, instead)
        self.redis = Redis()
        self.addresses = {name: f"http://127.0.0.1:{port}" for name, port in zip(MODULES, _free_ports(4), strict=True)}
        self.secrets = folder / "secrets"
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._run("make_secrets.py", str(self.secrets))
        self._run("-c", _PEOPLE, str(folder / "people.sqlite"))

    def start(self, *names: str) -> None:
        """Returns when all of them say that they are ready."""
        for name in names or tuple(MODULES):
            port = self.addresses[name].rpartition(":")[2]
            command = [sys.executable, "-m", "uvicorn", f"{MODULES[name]}:app", "--port", port]
            command += ["--timeout-keep-alive", "600"]  # seconds: locust keeps connections, and does not look at them
            with self.log(name).open("ab") as log:
                self._processes[name] = subprocess.Popen(
                    command,
                    cwd=self.example,
                    env={**self._environ(), "KEYS": str(self._folder / f"{name}-keys")},
                    stdout=log,
                    stderr=log,
                    preexec_fn=_end_with_parent,
                )
        for name in names or tuple(MODULES):
            self._answers(name)

    def end(self, name: str) -> None:
        """As whoever deploys a new version: it may finish what it does."""
        self._processes[name].terminate()
        self._processes[name].wait(30)

    def kill(self, name: str) -> None:
        """As a machine that fails."""
        self._processes[name].kill()
        self._processes[name].wait(30)

    def stop(self) -> None:
        for process in self._processes.values():
            process.terminate()
        for process in self._processes.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(10)
            process.kill()
            process.wait()
        self.redis.stop()

    def log(self, name: str) -> Path:
        return self._folder / f"{name}.log"

    def _environ(self) -> dict[str, str]:
        own = {
            "ISSUER": self.addresses["accounts"],
            "ORDERS_URL": self.addresses["orders"],
            "INVENTORY_URL": self.addresses["inventory"],
            "PARTNER_ISSUER": self.addresses["shipping"],
            "SHIPPING_URL": self.addresses["shipping"],
            "REDIS_URL": self.redis.url,
            "SECRETS": str(self.secrets),
            "PEOPLE_DATABASE": str(self._folder / "people.sqlite"),
            "PYTHONUNBUFFERED": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        return {**{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}, **own}

    def _run(self, *arguments: str) -> None:
        subprocess.run([sys.executable, *arguments], cwd=self.example, env=self._environ(), check=True, timeout=60)

    def _answers(self, name: str) -> None:
        deadline = time.monotonic() + 40
        while time.monotonic() < deadline and self._processes[name].poll() is None:
            with contextlib.suppress(httpx2.HTTPError):
                if httpx2.get(f"{self.addresses[name]}/ready", trust_env=False, timeout=2).status_code == 200:
                    return
            time.sleep(0.05)  # it says nothing when it listens
        raise RuntimeError(f"{name} did not start:\n{self.log(name).read_text(errors='replace')[-3000:]}")


def _plant(file: Path, written: str, instead: str) -> None:
    source = file.read_text(encoding="utf-8")
    assert source.count(written) == 1, f"{file.name}: the text to change is not there, or not alone"
    file.write_text(source.replace(written, instead), encoding="utf-8")


def _free_ports(count: int) -> list[int]:
    """All of them at once, so that no two are the same."""
    with contextlib.ExitStack() as held:
        taken = [held.enter_context(socket.socket()) for _ in range(count)]
        for each in taken:
            each.bind(("127.0.0.1", 0))
        return [int(each.getsockname()[1]) for each in taken]
