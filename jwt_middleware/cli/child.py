"""What runs in each process of the demo: one service under uvicorn, for as long as its parent lives.

    python child.py FOLDER APP SOCKET READY

``SOCKET`` is the file descriptor of a bound socket; a byte is written to descriptor ``READY`` when the service answers.
Standard input is the lifeline: when it ends, the parent has stopped the service or is gone, however it went.
"""

import json
import os
import socket
import sys
import threading
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import uvicorn

_LAST_CHANCE = 4.0  # seconds from the end of the lifeline to the end of the process


class Answers:
    """Tells every answer as one line of JSON on standard error, between the decisions of the service's own log.

    With it goes the caller that its door had attached: names and rights, nothing of the token itself.
    """

    def __init__(self, app: Callable[..., Any]) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async def told(message: Any) -> None:
            if message["type"] == "http.response.start":
                tell({"answer": {**span(), "method": scope["method"], "path": scope["path"], **came_to(message)}})
            await send(message)

        await self.app(scope, receive, told if scope["type"] == "http" else send)


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


def tell(line: object) -> None:
    print(json.dumps(line), file=sys.stderr, flush=True)


def span() -> dict[str, object]:
    found = import_module("tracing").current_span.get()  # beside the service
    ids = {} if found is None else {"trace": found.trace_id, "span": found.span_id, "parent": found.parent_id}
    return {"at": time.time(), **ids}


def came_to(start: Any) -> dict[str, object]:
    from jwt_middleware import current_principal  # the path to it was set by ``main``

    caller = current_principal()
    if not caller.is_authenticated:
        return {"status": start["status"], "principal": None}
    lists = {name: list(getattr(caller, name)) for name in ("roles", "permissions", "scopes")}
    actors = [actor.name for actor in caller.actors]
    said = {name: getattr(caller, name) for name in ("subject", "issuer", "kind", "tenant")}
    return {"status": start["status"], "principal": {**said, **lists, "actors": actors}}


def application(name: str) -> Answers:
    """The service, and its route map as another line: what each of its routes demands."""
    from jwt_middleware.routes_of import routes_of  # the same

    module, _, attribute = name.partition(":")
    app = getattr(import_module(module), attribute)
    found = routes_of(getattr(app, "app", app)).routes  # within the tracing, where a framework does not take it in
    tell({"routes": [[list(each.methods), each.path, each.access.value, each.words] for each in found]})
    return Answers(app)


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
    config = uvicorn.Config(
        lambda: application(app), factory=True, log_config=None, access_log=False, timeout_graceful_shutdown=2
    )
    server = Server(config, ready)
    threading.Thread(target=end_with, args=(0, server), daemon=True).start()
    server.run(sockets=[socket.socket(fileno=bound)])
    sys.exit(0 if server.started else 3)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
