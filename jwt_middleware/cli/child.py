"""What runs in each process of the demo: one service under uvicorn, for as long as its parent lives.

    python child.py FOLDER APP SOCKET READY

``SOCKET`` is the file descriptor of a bound socket; a byte is written to descriptor ``READY`` when the service answers.
Standard input is the lifeline: when it ends, the parent has stopped the service or is gone, however it went.
"""

import json
import logging
import os
import socket
import sys
import threading
from pathlib import Path

import uvicorn

_LAST_CHANCE = 4.0  # seconds from the end of the lifeline to the end of the process


class AccessLines(logging.Handler):
    """Every answer as one line of JSON on standard error, between the decisions of the service's own log."""

    def emit(self, record: logging.LogRecord) -> None:
        _, method, path, _, status = record.args or ("", "", "", "", 0)
        line = {"answer": {"method": method, "path": path, "status": status}}
        print(json.dumps(line), file=sys.stderr, flush=True)


class Server(uvicorn.Server):
    """Says when it answers."""

    def __init__(self, config: uvicorn.Config, ready: int) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            os.write(self._ready, b"1")
        os.close(self._ready)


def end_with(lifeline: int, server: uvicorn.Server) -> None:
    while os.read(lifeline, 4096):
        pass
    server.should_exit = True
    threading.Event().wait(_LAST_CHANCE)
    os._exit(1)  # a service that hangs does not outlive its parent either


def main(folder: str, app: str, bound: int, ready: int) -> None:
    # The lifeline is watched before anything is imported: a parent that dies early leaves nobody behind.
    sys.path.insert(0, folder)
    sys.path.append(str(Path(__file__).parents[2]))  # a checkout that nobody has installed
    access = logging.getLogger("uvicorn.access")
    access.setLevel(logging.INFO)
    access.propagate = False
    access.addHandler(AccessLines())
    config = uvicorn.Config(app, log_config=None, lifespan="auto", timeout_graceful_shutdown=2)
    server = Server(config, ready)
    threading.Thread(target=end_with, args=(0, server), daemon=True).start()
    server.run(sockets=[socket.socket(fileno=bound)])
    sys.exit(0 if server.started else 3)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
