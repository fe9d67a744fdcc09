"""Fixtures for pytest: an issuer for the whole run, and the headers of its callers.

Name this module in your topmost conftest.py: ``pytest_plugins = ["jwt_middleware.testing.pytest_plugin"]``. Nothing
loads it by itself.
"""

from collections.abc import Callable

import pytest

from . import LocalIssuer

__all__ = ["headers_for", "local_issuer"]

_AUDIENCE = "jwt_middleware_audience"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addini(_AUDIENCE, "what the tokens of the fixture local_issuer are meant for", default="tests")


@pytest.fixture(scope="session")
def local_issuer(pytestconfig: pytest.Config) -> LocalIssuer:
    """Whom your application trusts in this run: build it with ``Guard(local_issuer.trusted)``.

    The audience is the setting ``jwt_middleware_audience``; for anything else, override the fixture.
    """
    return LocalIssuer(audience=str(pytestconfig.getini(_AUDIENCE)))


@pytest.fixture
def headers_for(local_issuer: LocalIssuer) -> Callable[..., dict[str, str]]:
    """What a caller sends: ``headers_for("alice", scopes=["orders:read"], roles=["clerk"])``."""
    return local_issuer.headers
