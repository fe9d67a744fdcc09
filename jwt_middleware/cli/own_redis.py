"""A Redis for the demo alone, where this machine has one to start: it keeps nothing, and ends with the demo."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_PATIENCE: Final = 5.0  # seconds for its start
_LONGEST: Final = 100  # bytes that the path of a socket may have, on every system
# the shell ends it when standard input ends: then the demo has stopped it, or is gone, however it went
_LIFELINE: Final = 'redis-server "$@" & read -r _; kill "$!"; wait "$!"'


@contextmanager
def own_redis(place: Path) -> Iterator[str]:
    """Its URL, or an empty text where there is no redis-server on PATH. It listens on no port, only in ``place``."""
    where = place / "redis.sock"
    if shutil.which("redis-server") is None or len(str(where).encode()) > _LONGEST:
        yield ""
        return
    options = ["--port", "0", "--unixsocket", str(where), "--unixsocketperm", "700", "--save", "", "--appendonly", "no"]
    with subprocess.Popen(  # whose end closes the lifeline, and waits
        ["sh", "-c", _LIFELINE, "sh", *options, "--dir", str(place)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C reaches this process alone
    ) as redis:
        until = time.monotonic() + _PATIENCE
        while not (answers := _answers(where)) and redis.poll() is None and time.monotonic() < until:
            time.sleep(0.01)
        yield f"unix://{where}" if answers else ""


def _answers(where: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as asked:
        return asked.connect_ex(str(where)) == 0
