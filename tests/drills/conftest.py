"""Bad days: an issuer with faults, requests from threads and from one event loop, and figures with their limits."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from jwt_middleware import Guard
from tests.key_sources.conftest import Web
from tests.threads import threads_end

from .callers import Asked, OneLoop, Threads
from .issuers import Clock, Issuer

Figure = Callable[..., None]
Ask = Callable[[Guard], Asked]


@pytest.fixture
def figure(record_property: Callable[[str, object], None], request: pytest.FixtureRequest) -> Figure:
    """``figure("refused", 0, limit=0)``: print what was measured, and hold it to its limit."""

    def measured(what: str, found: float, *, limit: float, unit: str = "") -> None:
        line = f"{request.node.name}: {what} {found:.3g}{unit} (at most {limit:g}{unit})"
        print(line)  # noqa: T201  # a figure is there to be read
        record_property("figure", line)
        assert found <= limit, line

    return measured


def pytest_terminal_summary(terminalreporter: Any) -> None:
    lines = [
        value
        for reports in terminalreporter.stats.values()
        for report in reports
        if getattr(report, "when", "") == "call"
        for name, value in report.user_properties
        if name == "figure"
    ]
    if lines:
        terminalreporter.section("figures")
        for line in lines:
            terminalreporter.write_line(line)


@pytest.fixture
def web() -> Iterator[Web]:
    server = Web()
    yield server
    server.stop()
    threads_end()


@pytest.fixture
def issuer(web: Web) -> Issuer:
    """Publishes metadata and keys at ``web``."""
    return Issuer(web)


@pytest.fixture
def clock() -> Clock:
    """For the age of keys; stands still until a drill moves it."""
    return Clock()


@pytest.fixture(params=[Threads, OneLoop], ids=["threads", "one loop"])
def ask(request: pytest.FixtureRequest) -> Iterator[Ask]:
    """Send requests through the WSGI door from 50 threads, or through the ASGI door on one event loop."""
    with ExitStack() as stack:
        yield lambda guard: stack.enter_context(request.param(guard))
