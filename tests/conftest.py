"""What every test folder shares: a switch that turns skips into failures, and one set of keys."""

import os
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from typing import Any

import pytest

from tests import leaks, tokens

NO_SKIPS = "JWT_MIDDLEWARE_NO_SKIPS"

if find_spec("hypothesis") is not None:  # the tests of one door alone do without it
    from hypothesis import settings

    settings.register_profile("thorough", max_examples=2_000, deadline=None)  # --hypothesis-profile=thorough


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--no-skips", action="store_true", help="a test that would be skipped fails: nothing may be missing"
    )


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(leaks, "leaks")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    outcome = yield
    report: pytest.TestReport = outcome.get_result()  # type: ignore[attr-defined]  # the same
    if report.skipped and not hasattr(report, "wasxfail") and _no_skips(item.config):
        report.outcome = "failed"
        report.longrepr = f"skipped although nothing may be missing: {report.longrepr}"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print how large the contract table was, and what was drawn from which seed, wherever it ran, also in workers."""
    reports = [each for outcome in ("passed", "failed") for each in terminalreporter.stats.get(outcome, ())]
    noted = [each for report in reports for each in report.user_properties]
    for line in [value for name, value in noted if name == "drawn"]:
        terminalreporter.write_line(str(line))
    found = [value for name, value in noted if name == "contract"]
    if found:
        from tests.contract.report import size  # imports every framework

        cases, cells, broken = (list(column) for column in zip(*found, strict=True))
        terminalreporter.write_line(size(max(cases), len(found), sum(cells), sum(broken)))


def _no_skips(config: pytest.Config) -> bool:
    return bool(config.getoption("--no-skips")) or os.environ.get(NO_SKIPS) == "1"


@pytest.fixture(scope="session")
def jwks() -> dict[str, Any]:
    """The public halves of the keys that ``mint`` signs with."""
    return tokens.jwks()


@pytest.fixture(scope="session")
def mint() -> Callable[..., str]:
    """Gives a signed token that is good but for what is changed. See ``tests.tokens.mint``."""
    return tokens.mint


@pytest.fixture(scope="session")
def redis_server() -> Iterator[Any]:
    """A real Redis for the tests that do not stop it; skipped where there is none."""
    pytest.importorskip("redis", reason="needs the package redis")
    from tests.servers import Redis

    server = Redis()
    yield server
    server.stop()
