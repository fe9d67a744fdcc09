"""What every test folder shares: a switch that turns skips into failures."""

import os
from collections.abc import Iterator

import pytest

NO_SKIPS = "JWT_MIDDLEWARE_NO_SKIPS"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--no-skips", action="store_true", help="a test that would be skipped fails: nothing may be missing")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    outcome = yield  # type: ignore[misc]  # what pluggy sends into a hook wrapper
    report: pytest.TestReport = outcome.get_result()  # type: ignore[attr-defined]  # the same
    if report.skipped and not hasattr(report, "wasxfail") and _no_skips(item.config):
        report.outcome = "failed"
        report.longrepr = f"skipped although nothing may be missing: {report.longrepr}"


def _no_skips(config: pytest.Config) -> bool:
    return bool(config.getoption("--no-skips")) or os.environ.get(NO_SKIPS) == "1"
