"""What a door tells of a request."""

import pytest

from jwt_middleware import RequestInfo


@pytest.mark.parametrize(
    ("method", "headers", "expected"),
    [
        ("OPTIONS", {"origin", "access-control-request-method"}, True),
        ("OPTIONS", {"origin"}, False),
        ("OPTIONS", {"access-control-request-method"}, False),
        ("OPTIONS", set(), False),
        ("GET", {"origin", "access-control-request-method"}, False),
        ("options", {"origin", "access-control-request-method"}, False),
    ],
)
def test_only_a_cors_preflight_is_one(method: str, headers: set[str], expected: bool) -> None:
    request = RequestInfo(method=method, header=lambda name: ["x"] if name in headers else [])
    assert request.is_preflight is expected
