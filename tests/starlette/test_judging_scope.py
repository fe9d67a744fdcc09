"""However a router writes the endpoint into a scope, it is judged first."""

from collections.abc import Callable
from typing import Any

import pytest

from jwt_middleware import MissingToken
from jwt_middleware.starlette_gate import JudgingScope, write_back
from jwt_middleware.starlette_routes import Choice

PREDICTED, OTHER, MOUNTED = object(), object(), object()
WRITES: dict[str, Callable[[Any, object], object]] = {
    "item": lambda scope, endpoint: scope.__setitem__("endpoint", endpoint),
    "update": lambda scope, endpoint: scope.update({"endpoint": endpoint}),
    "update by name": lambda scope, endpoint: scope.update(endpoint=endpoint),
    "update by pairs": lambda scope, endpoint: scope.update([("endpoint", endpoint)]),
    "in-place or": lambda scope, endpoint: scope.__ior__({"endpoint": endpoint}),
    "setdefault": lambda scope, endpoint: scope.setdefault("endpoint", endpoint),
}


def judging(choice: Choice | None) -> JudgingScope:
    return JudgingScope({"type": "http", "path": "/"}, choice, MissingToken)


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_only_what_was_predicted_can_be_written(write: Callable[[Any, object], object]) -> None:
    for allowed in (PREDICTED, MOUNTED):
        scope = judging(Choice(PREDICTED, True, (MOUNTED,)))
        write(scope, allowed)
        assert scope["endpoint"] is allowed
        with pytest.raises(MissingToken):
            scope["endpoint"] = OTHER
        assert scope["endpoint"] is allowed
    for scope in (judging(Choice(PREDICTED, True)), judging(None)):
        with pytest.raises(MissingToken):
            write(scope, OTHER)
        assert "endpoint" not in scope


def test_everything_else_is_written_as_into_any_scope() -> None:
    scope = judging(None)
    scope["path"] = "/other"
    scope.update(root_path="/v1")
    scope |= {"state": 1}
    assert scope.setdefault("path", "/never") == "/other"
    assert scope.setdefault("app") is None
    assert scope == {"type": "http", "path": "/other", "root_path": "/v1", "state": 1, "app": None}


def test_the_scope_outside_learns_what_was_written() -> None:
    outside = judging(None)  # of another door, which has judged already
    inner = judging(Choice(PREDICTED, True))
    inner["endpoint"] = PREDICTED
    write_back(outside, inner)
    assert outside["endpoint"] is PREDICTED
