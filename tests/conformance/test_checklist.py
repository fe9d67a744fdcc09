"""The rows are those of the checklist, each once, and only what may wait is planned."""

import re
from collections import Counter

import pytest

from conformance.row import PLANNED, Row
from conformance.rows import ROWS

# group by group, without the rows that concern issuers or clients alone
NUMBERS = {
    "A": set(range(1, 34)) - {22},
    "B": set(range(1, 41)) - {23},
    "C": set(range(1, 13)),
    "D": set(range(1, 17)) - {4},
    "F": set(range(1, 21)) - {13, 14},
}
IDS = [f"{group}-{number:02}" for group, numbers in NUMBERS.items() for number in sorted(numbers)]
WAITING = {
    "C-07": "JWE",
    "F-08": "step-up",
    "F-09": "step-up",
    "F-10": "step-up",
    "F-11": "step-up",
    "F-12": "step-up",
}


def test_every_row_of_the_checklist_is_there_once() -> None:
    assert len(IDS) == 116
    assert [row.id for row in ROWS] == IDS


def test_only_these_rows_wait_and_for_what_may_be_waited_for() -> None:
    assert {row.id: row.planned for row in ROWS if row.planned} == WAITING
    assert set(WAITING.values()) <= set(PLANNED)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_a_row_is_one_thing_and_says_where_it_comes_from(row: Row) -> None:
    assert bool(row.tries) != bool(row.planned), "a row that is not planned is tried"
    assert not (row.planned and (row.decided or row.note))
    assert row.section and row.requirement.endswith(".")
    assert row.section in ("availability", "least privilege") or re.search(
        r"section|standard|specification|RFC|MCP", row.section
    )


@pytest.mark.parametrize("row", [row for row in ROWS if row.decided], ids=lambda row: row.id)
def test_what_is_decided_otherwise_has_a_reason(row: Row) -> None:
    assert len(row.decided) > 60
    assert row.decided.endswith(".")


def test_a_setting_whose_issuer_changes_belongs_to_one_row() -> None:
    changing = {each.setting for row in ROWS for each in row.tries if each.issuer is not None}
    users = Counter(setting for row in ROWS for setting in {each.setting for each in row.tries} & changing)
    shared = {setting for setting, count in users.items() if count > 1}
    assert shared <= {"two-alike"}, "the rows that share a setting would depend on their order"
