"""The page as a user starts it: ``jwt-middleware demo --serve``, in a process of its own."""

import os
import re
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO

ROOT = Path(__file__).parents[3]
COMMAND = [sys.executable, "-P", "-m", "jwt_middleware.cli", "demo", "--serve"]


class Served:
    """One running demo. ``url`` is what it prints; ``place`` the folder for temporary files that it was given."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()  # with a short path, as the socket of a Redis needs it
        self.place = Path(self._folder.name)
        environ = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", "TMPDIR": str(self.place)}
        self.process = subprocess.Popen(
            COMMAND, env=environ, cwd=self.place, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.said = ""
        for line in self._out:
            self.said += line
            found = re.search(r"Open (http://\S+)/ in a browser", line)
            if found:
                self.url = found[1]
                return
        raise AssertionError(self.said)

    @property
    def _out(self) -> IO[str]:
        assert self.process.stdout is not None
        return self.process.stdout

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    @property
    def demo(self) -> Path:
        """Where the demo keeps its secrets, keys and logs while it runs."""
        [found] = self.place.glob("jwt-middleware-demo-*")
        return found

    def processes(self) -> set[int]:
        """Everything that still runs for this demo, its Redis included: known by the folder that all of them name."""
        found = set()
        for each in Path("/proc").glob("[0-9]*"):
            try:
                names = (each / "environ").read_bytes() + (each / "cmdline").read_bytes()  # Redis writes over the first
            except OSError:  # it ended meanwhile, or is somebody else's
                continue
            if str(self.place).encode() in names and int(each.name) != os.getpid():
                found.add(int(each.name))
        return found

    def end(self, sent: signal.Signals = signal.SIGINT) -> tuple[int, str]:
        """The exit code, and all that was printed."""
        self.process.send_signal(sent)
        rest, _ = self.process.communicate(timeout=30)
        return self.process.returncode, self.said + rest

    def clean(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()
        self._folder.cleanup()
