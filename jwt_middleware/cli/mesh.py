"""Mesh: all services of the demo, with what they have to know of one another; each can be stopped and started again."""

import os
import runpy
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from .processes import Child, bound, started

APPS: Final = {
    "accounts": "accounts_demo:app",
    "orders": "orders:app",
    "inventory": "inventory:app",
    "shipping": "shipping_demo:app",
}
_START: Final = 30.0  # seconds for all services together
_OWN: Final = ("accounts", "orders", "inventory")  # of one company, which shares a Redis; shipping is another one


@dataclass(frozen=True)
class Mesh:
    """The services by name, in ``children``. All that they write down is below ``place``."""

    folder: Path
    place: Path
    urls: Mapping[str, str]
    redis_url: str = field(default="", repr=False)
    children: dict[str, Child] = field(default_factory=dict)

    def start(self, name: str) -> None:
        """Start one that was stopped, where it was before. Raises PortTaken and ChildDied."""
        with bound(urlsplit(self.urls[name]).port or 0) as port:
            self.children[name] = started(name, APPS[name], self.folder, port, self.log(name), self.environment(name))
        self.children[name].await_ready(_START)

    def stop(self, name: str) -> None:
        child = self.children[name]
        child.let_go()
        child.await_end()

    def runs(self, name: str) -> bool:
        return self.children[name].process.poll() is None

    def log(self, name: str) -> Path:
        return self.place / f"{name}.log"

    @property
    def secrets(self) -> Path:
        return self.place / "secrets"

    def environment(self, name: str) -> Mapping[str, str]:
        """What README.md of the example lists. Nothing of this shell's that would reach beyond the demo."""
        theirs = {"REDIS_URL", "PEOPLE_DATABASE", "SHIPPING_URL"}
        return {
            **{variable: value for variable, value in os.environ.items() if variable not in theirs},
            "ISSUER": self.urls["accounts"],
            "ORDERS_URL": self.urls["orders"],
            "INVENTORY_URL": self.urls["inventory"],
            "PARTNER_ISSUER": self.urls["shipping"],
            "SECRETS": str(self.secrets),
            "KEYS": str(self.place / "keys" / name),
            "REDIS_URL": self.redis_url if name in _OWN else "",
        }


def services_folder() -> Path:
    """Where the services are: in the installed package, or in the checkout around it."""
    installed = Path(__file__).with_name("microservices")
    return installed if installed.is_dir() else Path(__file__).parents[2] / "example_projects" / "microservices"


@contextmanager
def running(folder: Path, place: Path, port_base: int | None = None, redis_url: str = "") -> Iterator[Mesh]:
    """Start every service of ``folder`` and stop them in the end. Raises PortTaken and ChildDied.

    The sockets are bound here and handed down, so the addresses are known before anything runs and nobody can take a
    port in between.
    """
    with ExitStack() as stack:
        sockets = {
            name: stack.enter_context(bound(0 if port_base is None else port_base + index))
            for index, name in enumerate(APPS)
        }
        urls = {name: f"http://127.0.0.1:{port.getsockname()[1]}" for name, port in sockets.items()}
        mesh = Mesh(folder, place, urls, redis_url)
        runpy.run_path(str(folder / "make_secrets.py"))["make"](mesh.secrets)
        stack.callback(_stop, mesh.children)
        for name, app in APPS.items():
            mesh.children[name] = started(name, app, folder, sockets[name], mesh.log(name), mesh.environment(name))
        deadline = time.monotonic() + _START
        for child in mesh.children.values():
            child.await_ready(deadline - time.monotonic())
        yield mesh


def _stop(children: Mapping[str, Child]) -> None:
    for child in children.values():
        child.let_go()
    for child in children.values():
        child.await_end()
