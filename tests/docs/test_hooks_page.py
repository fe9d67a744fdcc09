"""docs/hooks.md: its code runs as it stands, and does what the page says."""

import re
from pathlib import Path
from typing import Any

import pytest

from jwt_middleware import Guard, RequestInfo, role
from jwt_middleware.config import SETTINGS
from jwt_middleware.testing import LocalIssuer
from jwt_middleware.waiting import run

PAGE = (Path(__file__).parents[2] / "docs" / "hooks.md").read_text(encoding="utf-8")


def test_the_example_runs_as_it_stands(capsys: pytest.CaptureFixture[str]) -> None:
    found: dict[str, Any] = {}
    exec(re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)[0], found)
    local = LocalIssuer(audience="orders")
    guard = Guard(
        local.trusted,
        enrich=found["known_here"],
        on_admitted=found["not_suspended"],
        on_refused=found["count"],
        observers=[],
    )

    def asked(subject: str) -> Any:
        headers = local.headers(subject)
        request = RequestInfo(header=lambda name: [headers["Authorization"]] if name == "authorization" else [])
        return guard.conclude(run(guard.admit(request)))

    alice = asked("alice").principal
    assert alice.roles == ("clerk",)
    guard.demand(alice, ~role("banned"), {})
    assert asked("mallory").refusal.reason == "user_refused"
    assert capsys.readouterr().out == "refused: user_refused\n"


def test_the_settings_are_those_of_the_code() -> None:
    named = set(re.findall(r"`([A-Z]+_?[A-Z]+)`", PAGE))
    assert named == {"ENRICH", "ON_ADMITTED", "ON_REFUSED", "REFUSAL_BODY"} <= SETTINGS
