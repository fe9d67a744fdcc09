"""Sets Django up for this folder only: all other tests run without it."""

import functools
import os
from collections.abc import Iterator
from typing import Any

import django
import pytest

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.django_settings")
django.setup()


@pytest.fixture(params=["sync", "async"])
def call(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Sends one request: ``call(path, headers, method)``."""
    from jwt_middleware.access.current import current_passage
    from tests.django import callers, urls  # want Django to be set up

    urls.ran.clear()
    yield functools.partial(callers.send, world=request.param)
    assert current_passage() is None, "a caller was left behind in this thread"
