"""No private endpoint of these tests ever ran for somebody without a token."""

from collections.abc import Iterator

import pytest

from jwt_middleware.access.current import current_passage
from tests.fastapi.callers import reached


@pytest.fixture(autouse=True)
def nobody_got_through() -> Iterator[None]:
    reached.clear()
    yield
    assert reached == []
    assert current_passage() is None
