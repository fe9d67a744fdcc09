"""One service of the demo as a real process on loopback: started, watched, and never left behind."""

import os
import select
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_CHILD: Final = Path(__file__).with_name("child.py")
_STOP: Final = 6.0  # seconds for one service, before it is killed


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
    ready: int  # a file descriptor; a byte comes when the service answers

    def check(self) -> None:
        """Raises ChildDied."""
        code = self.process.poll()
        if code is not None:
            lines = self.log.read_text(errors="replace").splitlines()
            said = [line for line in lines if not line.startswith("{")][-12:]
            raise ChildDied("\n".join([f"{self.name} ended by itself with exit code {code}", *said]))

    def await_ready(self, seconds: float) -> None:
        """Raises ChildDied."""
        until = time.monotonic() + seconds
        readable, _, _ = select.select([self.ready], [], [], max(0.0, seconds))
        answers = bool(readable and os.read(self.ready, 1))
        os.close(self.ready)
        if answers:
            return
        if readable:
            self.process.wait(max(0.0, until - time.monotonic()) + _STOP)
            self.check()
        raise ChildDied(f"{self.name} did not answer in time")

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


def started(name: str, app: str, folder: Path, port: socket.socket, log: Path, environment: Mapping[str, str]) -> Child:
    """Start a service on a socket that is bound already: nobody can take its port in between. Closes the socket here.

    It goes on in ``log`` where the one before it has stopped.
    """
    ready, write_end = os.pipe()
    command = [sys.executable, "-P", str(_CHILD), str(folder), app, str(port.fileno()), str(write_end)]
    try:
        with log.open("ab") as opened:
            process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=opened,
                stderr=opened,
                env=environment,
                pass_fds=(port.fileno(), write_end),
                start_new_session=True,  # Ctrl-C reaches this process alone, which then stops the others
            )
    except BaseException:
        os.close(ready)
        raise
    finally:
        os.close(write_end)
    url = f"http://127.0.0.1:{port.getsockname()[1]}"
    port.close()
    return Child(name, url, log, process, ready)


def bound(port: int) -> socket.socket:
    """A socket on loopback; 0 is any free port. Raises PortTaken."""
    found = socket.socket()
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind(("127.0.0.1", port))
        if port:
            found.listen()  # a second listener on the same port is found out here, not in the child
    except (OSError, OverflowError) as error:
        found.close()
        raise PortTaken(f"port {port} on 127.0.0.1 cannot be had") from error
    return found
