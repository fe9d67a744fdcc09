"""docs/conformance.md shows every row as it stands. That what was seen is fresh, the tox environment conformance tells."""

import re
from pathlib import Path

import pytest

from conformance.row import Row
from conformance.rows import ROWS

PAGE = (Path(__file__).parents[2] / "docs" / "conformance.md").read_text(encoding="utf-8")
SECTIONS = {part.split("\n", 1)[0]: part for part in re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:]}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_a_row_is_shown_with_what_was_sent_and_what_must_be_seen(row: Row) -> None:
    shown = SECTIONS[row.id]
    assert f"{row.section}. {row.requirement}" in shown
    assert f"**{row.status.capitalize()}" in shown
    lines = [line for line in shown.split("\n") if line.startswith("| ") and not line.startswith("| sent")]
    assert len(lines) == len(row.tries)
    for each, line in zip(row.tries, lines, strict=True):
        assert all(f"`{part}`".replace("|", "\\|") in line for part in str(each.request).split("\n"))
        assert each.must.words.replace("|", "\\|") in line


def test_no_row_is_red_and_nothing_that_differs_from_run_to_run_is_shown() -> None:
    assert "✗" not in PAGE
    assert not re.search(r"127\.0\.0\.1:\d+/\w+/|localhost:\d|/tmp|\d{4}-\d\d-\d\dT|\b1\d{9}\b", PAGE)
