"""A server in a process of its own."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

_ROOT: Final = Path(__file__).parents[2]


@contextmanager
def serving(
    command: Sequence[str], variables: Mapping[str, str]
) -> Iterator[tuple[tuple[str, int], Callable[[], str]]]:
    """Run ``python -m`` and ``command``; gives the address, and what tells what was logged since it was asked last.

    The socket listens already, as the file descriptor ``{fd}``: no port is guessed, and the first request waits in the
    kernel until the server has started.
    """
    with TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as listening:
        file = Path(folder) / "log"
        number = listening.fileno()
        with file.open("wb") as written:
            process = subprocess.Popen(
                [sys.executable, "-m", *(word.format(fd=number) for word in command)],
                cwd=_ROOT,
                env={**os.environ, **variables, "XDG_RUNTIME_DIR": folder},  # where gunicorn keeps a socket of its own
                pass_fds=[number],
                stdout=written,
                stderr=subprocess.STDOUT,
            )
        try:
            yield listening.getsockname(), _Log(file).since
        finally:
            process.terminate()
            process.wait(20)


class _Log:
    """What a process has written into a file."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._read = 0

    def since(self) -> str:
        with self._file.open("rb") as file:
            file.seek(self._read)
            text = file.read()
        self._read += len(text)
        return text.decode(errors="replace")
