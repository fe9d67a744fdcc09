"""Serves the page until somebody ends it."""

import socket

import uvicorn

from ..mesh import Mesh
from .play import Play
from .site import site


def serve(mesh: Mesh, port: socket.socket) -> None:
    """Answer on this socket, which is bound to loopback. Ctrl-C comes as KeyboardInterrupt, when the page has ended."""
    play = Play(mesh)
    try:
        application = site(play, port.getsockname()[1])
        config = uvicorn.Config(
            application, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=2
        )
        uvicorn.Server(config).run(sockets=[port])
    finally:
        play.close()
