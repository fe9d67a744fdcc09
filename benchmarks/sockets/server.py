"""One server with one worker on one core; how much processor time it has used."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

SERVERS: Final = {
    "uvicorn": (
        "uvicorn",
        "--factory",
        "--no-access-log",
        "--log-level",
        "warning",
        "--loop",
        "uvloop",
        "--http",
        "httptools",
    ),
    "granian": ("granian", "--factory", "--interface", "asgi", "--loop", "uvloop", "--workers", "1", "--no-log"),
}
_TICKS: Final = os.sysconf("SC_CLK_TCK")  # a second


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers, and the session that all its processes are in."""

    port: int
    session: int

    def processor_seconds(self) -> float:
        """Of all processes of the server."""
        total = 0
        for place in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = place.read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
            except OSError:  # it has ended meanwhile
                continue
            if int(fields[3]) == self.session:
                total += int(fields[11]) + int(fields[12])
        return total / _TICKS


@contextmanager
def running(server: str, application: str, core: int) -> Iterator[Running]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    module, *options = SERVERS[server]
    target = f"benchmarks.sockets.served:{application}"
    command = ["taskset", "-c", str(core), sys.executable, "-m", module, *options]
    process = subprocess.Popen(
        [*command, "--host", "127.0.0.1", "--port", str(port), target],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        _wait_for(port, process)
        yield Running(port, process.pid)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("a server did not start")
