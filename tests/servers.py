"""Real database servers for tests, in a temporary folder and on a socket file: no port is taken from anybody."""

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest


class Redis:
    """One Redis server. ``stop`` it where it was started; ``start`` it again to see what happens then."""

    def __init__(self) -> None:
        self._program = _program("redis-server", "redis-server")
        self._folder = Path(tempfile.mkdtemp(prefix="jm-redis-"))
        self._socket = self._folder / "s"
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"unix://{self._socket}"
        self.start()

    def start(self) -> None:
        command = [self._program, "--port", "0", "--unixsocket", str(self._socket), "--dir", str(self._folder)]
        command += ["--appendonly", "yes", "--appendfsync", "everysec", "--save", ""]  # outlives the process
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, preexec_fn=_end_with_parent)
        _await(self._socket.exists, self._process, self._folder / "log")

    def kill(self) -> None:
        """As a machine that fails."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
            self._socket.unlink(missing_ok=True)

    def stop(self) -> None:
        self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)


class PostgreSQL:
    """One PostgreSQL server with an empty database. ``stop`` it where it was started."""

    def __init__(self) -> None:
        postgres, initdb = _program("postgres", "postgresql"), _program("initdb", "postgresql")
        self.folder = Path(tempfile.mkdtemp(prefix="jm-pg-"))
        self.user = "postgres"
        user = _server_user()
        if user is not None:
            shutil.chown(self.folder, user)
        place, log = self.folder / "data", self.folder / "log"
        made = [initdb, "-D", str(place), "-U", self.user, "-A", "trust", "-N", "-E", "UTF8", "--locale=C"]
        subprocess.run(made, user=user, cwd=self.folder, check=True, capture_output=True, timeout=60)
        command = [postgres, "-D", str(place), "-k", str(self.folder), "-c", "listen_addresses=", "-c", "fsync=off"]
        command += ["-c", "max_connections=200"]
        with log.open("wb") as written:
            self._process = subprocess.Popen(
                command, user=user, cwd=self.folder, stdout=written, stderr=written, preexec_fn=_end_with_parent
            )
        _await(lambda: "ready to accept" in log.read_text(errors="replace"), self._process, log)

    def stop(self) -> None:
        self._process.send_signal(2)  # SIGINT: end now, connections or not
        self._process.wait(30)
        shutil.rmtree(self.folder, ignore_errors=True)


def _end_with_parent() -> None:
    """A server whose test process was killed ends, too (Linux: PR_SET_PDEATHSIG)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGINT)


def _program(name: str, package: str) -> str:
    found = shutil.which(name)
    if found is None:  # Debian keeps PostgreSQL's programs out of PATH
        newest = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
        found = str(newest[-1]) if newest else None
    if found is None:
        pytest.skip(f"needs the program {name} (Debian: {package})")
    return found


def _server_user() -> str | None:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    pytest.skip("needs a user who is not root to run postgres as (Debian: postgresql)")


def _await(ready: object, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        if callable(ready) and ready():
            return
        time.sleep(0.01)  # it says nothing when it is ready
    process.kill()
    raise RuntimeError(f"the server did not start: {log.read_text(errors='replace')[-2000:]}")
