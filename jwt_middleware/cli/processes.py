"""The services of the demo as real processes on loopback: started, watched, and never left behind."""

import os
import select
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_CHILD: Final = Path(__file__).with_name("child.py")
_START: Final = 30.0  # seconds for all services together
_STOP: Final = 6.0  # seconds for one service, before it is killed
_APPS: Final = {"accounts": "accounts_demo:app", "orders": "orders:app", "inventory": "inventory:app"}


class PortTaken(Exception):
    """Somebody else has the port that was asked for."""


class ChildDied(Exception):
    """A service ended that nobody had stopped; says which, and the end of what it had to say."""


@dataclass(frozen=True)
class Child:
    """One service: where it answers, and the file that holds everything it says."""

    name: str
    url: str
    log: Path
    process: "subprocess.Popen[bytes]"

    def check(self) -> None:
        """Raises ChildDied."""
        code = self.process.poll()
        if code is not None:
            lines = self.log.read_text(errors="replace").splitlines()
            said = [line for line in lines if not line.startswith("{")][-12:]
            raise ChildDied("\n".join([f"{self.name} ended by itself with exit code {code}", *said]))

    def let_go(self) -> None:
        """End the lifeline: the process ends itself."""
        if self.process.stdin is not None:
            self.process.stdin.close()

    def await_end(self) -> None:
        try:
            self.process.wait(_STOP)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def services_folder() -> Path:
    """Where the three services are: in the installed package, or in the checkout around it."""
    installed = Path(__file__).with_name("microservices")
    return installed if installed.is_dir() else Path(__file__).parents[2] / "example_projects" / "microservices"


@contextmanager
def running(folder: Path, logs: Path, port_base: int | None = None) -> Iterator[Mapping[str, Child]]:
    """Start every service of ``folder`` and stop them in the end. Raises PortTaken and ChildDied.

    The sockets are bound here and handed down, so the addresses are known before anything runs and nobody can take a
    port in between.
    """
    with ExitStack() as stack:
        sockets = {
            name: stack.enter_context(_bound(0 if port_base is None else port_base + index))
            for index, name in enumerate(_APPS)
        }
        urls = {name: f"http://127.0.0.1:{bound.getsockname()[1]}" for name, bound in sockets.items()}
        environment = {**os.environ, "ISSUER": urls["accounts"], "INVENTORY_URL": urls["inventory"]}
        children: dict[str, Child] = {}
        stack.callback(_stop, children)
        ready: dict[str, int] = {}
        for name, app in _APPS.items():
            ready[name], write_end = os.pipe()
            stack.callback(os.close, ready[name])
            try:
                with (logs / f"{name}.log").open("wb") as log:
                    process = subprocess.Popen(
                        [
                            sys.executable,
                            "-P",
                            str(_CHILD),
                            str(folder),
                            app,
                            str(sockets[name].fileno()),
                            str(write_end),
                        ],
                        stdin=subprocess.PIPE,
                        stdout=log,
                        stderr=log,
                        env=environment,
                        pass_fds=(sockets[name].fileno(), write_end),
                        start_new_session=True,  # Ctrl-C reaches this process alone, which then stops the others
                    )
            finally:
                os.close(write_end)
            children[name] = Child(name, urls[name], logs / f"{name}.log", process)
        for bound in sockets.values():
            bound.close()
        deadline = time.monotonic() + _START
        for name, child in children.items():
            _await_ready(child, ready[name], deadline)
        yield children


def _stop(children: Mapping[str, Child]) -> None:
    for child in children.values():
        child.let_go()
    for child in children.values():
        child.await_end()


def _bound(port: int) -> socket.socket:
    bound = socket.socket()
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind(("127.0.0.1", port))
        if port:
            bound.listen()  # a second listener on the same port is found out here, not in the child
    except (OSError, OverflowError) as error:
        bound.close()
        raise PortTaken(f"port {port} on 127.0.0.1 cannot be had") from error
    return bound


def _await_ready(child: Child, ready: int, deadline: float) -> None:
    readable, _, _ = select.select([ready], [], [], max(0.0, deadline - time.monotonic()))
    if readable and os.read(ready, 1):
        return
    if readable:
        child.process.wait(_STOP)
        child.check()
    raise ChildDied(f"{child.name} did not answer within {_START:.0f} seconds")
