"""The contract holds: every row of the table, on every stack where it applies."""

import importlib
import pkgutil
import runpy
import sys
from collections.abc import Callable

import pytest

from tests.contract import cases, report
from tests.contract.cases import CASES
from tests.contract.report import cells_of, lines
from tests.contract.stacks import STACKS
from tests.contract.table import Applications, Case, Stack


@pytest.mark.parametrize("stack", STACKS, ids=lambda stack: stack.name)
def test_every_row_holds(stack: Stack, record_property: Callable[[str, object], None]) -> None:
    cells = cells_of(stack)
    broken = sum(1 for cell in cells if cell.broken)
    record_property(report.SIZE, [len(CASES), len(cells), broken])
    if broken:
        pytest.fail("\n".join(lines(cells, [stack])), pytrace=False)


def test_no_row_of_a_section_is_forgotten() -> None:
    for section in pkgutil.iter_modules(cases.__path__, f"{cases.__name__}."):
        written = vars(importlib.import_module(section.name))
        of_several_steps = [each for each in written.values() if isinstance(each, Case)]
        assert {case.name for case in (*written.get("ROWS", ()), *of_several_steps)} <= {case.name for case in CASES}


def test_no_two_rows_and_no_two_stacks_have_one_name() -> None:
    for names in ([case.name for case in CASES], [stack.name for stack in STACKS]):
        assert sorted({*names}) == sorted(names)


def test_what_a_stack_lacks_is_what_a_row_needs() -> None:
    needed = {need for case in CASES for need in case.needs}
    for stack in STACKS:
        assert set(stack.lacks) <= needed, stack.name


def test_a_broken_cell_is_told_and_fails_the_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def breaks(applications: Applications) -> None:
        raise AssertionError("on purpose")

    monkeypatch.setattr(report, "CASES", [Case("what never holds", breaks), *CASES[:1]])
    monkeypatch.setattr(sys, "argv", ["contract", "plain"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("tests.contract", run_name="__main__", alter_sys=False)
    assert ended.value.code
    told = capsys.readouterr().out
    assert "    broken: what never holds: AssertionError: on purpose" in told
    assert "contract: 2 cases x 2 stacks = 4 cells, 2 held, 2 broken" in told
