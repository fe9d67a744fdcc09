"""docs/keys.md says what the code does: its figures, its settings, and links that lead somewhere."""

import inspect
import re
from dataclasses import asdict
from pathlib import Path

from jwt_middleware import Freshness
from jwt_middleware.config import SETTINGS
from jwt_middleware.key_sources.discovery import discovery
from jwt_middleware.key_sources.jwks_url import jwks_url
from jwt_middleware.keys.key_set import MAX_KEYS

BOUNDS = asdict(jwks_url("https://idp.example/keys").web.bounds)
DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "keys.md").read_text("utf-8")


def test_every_figure_stands_there_with_its_default_and_its_setting() -> None:
    rows = re.findall(r"^\| `(\w+)` \| ([\d.]+) \| `(\w+)` \|", PAGE, re.MULTILINE)
    written = {name: float(default) for name, default, _ in rows}
    assert written == {name: each.default for name, each in inspect.signature(Freshness).parameters.items()}
    assert {setting for *_, setting in rows} == {f"KEYS_{name.upper()}" for name in written} <= SETTINGS


def test_the_figures_of_a_fetch_are_those_of_the_code() -> None:
    rows = re.findall(r"^\| `(\w+)` \| ([\d.]+) \| (?:seconds|bytes|keys) \|", PAGE, re.MULTILINE)
    written = {name: float(default) for name, default in rows}
    figures = {name for name, value in BOUNDS.items() if isinstance(value, int | float)}
    assert set(written) == figures
    for source in (jwks_url, discovery):
        parameters = inspect.signature(source).parameters
        assert {name: parameters[name].default for name in written} == written
    assert written["max_keys"] == MAX_KEYS


def test_every_drill_that_is_named_there_is_run() -> None:
    assert "tests/drills/" in PAGE
    assert "[testenv:drills]" in (DOCS.parent / "tox.ini").read_text("utf-8")


def test_other_pages_link_to_headings_that_are_there() -> None:
    anchors = {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for heading in re.findall(r"^#+ (.*)$", PAGE, re.MULTILINE)
    }
    for page in (*DOCS.glob("*.md"), DOCS.parent / "README.md"):
        assert set(re.findall(r"keys\.md#([\w-]+)", page.read_text("utf-8"))) <= anchors, page.name
