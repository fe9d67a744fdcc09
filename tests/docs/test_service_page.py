"""docs/service-to-service.md: its code runs, and its figures are those of the code."""

import re
from pathlib import Path

from jwt_middleware.client import Carrier, held_tokens
from jwt_middleware.client.rests import LONGEST_REST

PAGE = (Path(__file__).parents[2] / "docs" / "service-to-service.md").read_text(encoding="utf-8")


def test_the_table_of_targets_is_taken_as_it_stands() -> None:
    found: dict[str, object] = {}
    exec(re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)[0], found)
    assert isinstance(found["carrier"], Carrier)


def test_the_figures_are_those_of_the_code() -> None:
    assert f"| {held_tokens._AT_ONCE}; others wait |" in PAGE
    assert f"for 1, 2, 4 ... {LONGEST_REST:g} s" in PAGE
    assert f"up to {10 * LONGEST_REST:g} s" in PAGE
    assert f"once in {held_tokens._COOLDOWN:g}\nseconds" in PAGE


def test_the_issuing_side_runs_as_it_stands() -> None:
    found: dict[str, object] = {}
    exec(re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)[-1], found)
    assert "app" in found
