"""A token endpoint, targets, and requests in which somebody is calling."""

import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.threads import threads_end

from .servers import Listener, TokenServer


class Clock:
    """A clock that stands still until it is moved. Seconds."""

    def __init__(self, now: float = 1000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def listener() -> Iterator[Callable[..., Any]]:
    """Makes servers that are stopped at the end."""
    made: list[Listener] = []

    def make(kind: type[Listener] = Listener, tls: ssl.SSLContext | None = None) -> Listener:
        made.append(kind(tls))
        return made[-1]

    yield make
    for each in made:
        each.stop()
    threads_end()


@pytest.fixture
def target(listener: Callable[..., Any]) -> Listener:
    made: Listener = listener()
    return made


@pytest.fixture
def issuer(listener: Callable[..., Any]) -> TokenServer:
    made: TokenServer = listener(TokenServer)
    return made


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for the loopback interface, with its key."""
    from conformance.certificate import self_signed

    return self_signed(tmp_path_factory.mktemp("tls"))
