"""One provider for all tests here; those that stop or rotate it for others start their own."""

from collections.abc import Iterator

import pytest

from .oidc_provider import NotInstallable, Provider


def started() -> Provider:
    try:
        return Provider()
    except NotInstallable as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def provider() -> Iterator[Provider]:
    running = started()
    yield running
    running.stop()


@pytest.fixture
def own_provider() -> Iterator[Provider]:
    running = started()
    yield running
    running.stop()
