"""Run the whole table and print it: every stack, what held, what broke, what does not apply and why."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .cases import CASES
from .stacks import STACKS
from .table import Applications, Cell, Stack, run_cell

SIZE = "contract"  # the property of a test's report that holds the size of the part of the table that it ran


@dataclass(frozen=True)
class NotApplied:
    """A cell that does not exist, and why."""

    case: str
    stack: str
    reason: str


def cells_of(stack: Stack) -> list[Cell]:
    """Run every row that applies to ``stack``, on applications built for this run."""
    applications = Applications(stack)
    return [run_cell(case, applications) for case in CASES if not case.missing_in(stack)]


def not_applied(stacks: Iterable[Stack] = STACKS) -> list[NotApplied]:
    return [
        NotApplied(case.name, stack.name, reason)
        for stack in stacks
        for case in CASES
        if (reason := case.missing_in(stack))
    ]


def lines(cells: Sequence[Cell], stacks: Sequence[Stack] = STACKS) -> list[str]:
    """The matrix in short: one line per stack, one per broken cell, one per reason why rows do not apply."""
    text = []
    for stack in stacks:
        own = [cell for cell in cells if cell.stack is stack]
        if not own:
            continue
        absent: dict[str, int] = {}
        for each in not_applied([stack]):
            absent[each.reason] = absent.get(each.reason, 0) + 1
        broken = [cell for cell in own if cell.broken]
        text.append(
            f"{stack.name:34} {len(own) - len(broken):4} held {len(broken):4} broken {sum(absent.values()):4} do not apply"
        )
        text += [f"    broken: {cell.case.name}: {cell.broken}" for cell in broken]
        text += [f"    does not apply ({count}): {reason}" for reason, count in sorted(absent.items())]
    ran = len({cell.stack.name for cell in cells})
    text.append(size(len(CASES), ran, len(cells), sum(1 for cell in cells if cell.broken)))
    return text


def size(cases: int, stacks: int, cells: int, broken: int) -> str:
    """The whole table in one line."""
    return f"contract: {cases} cases x {stacks} stacks = {cells} cells, {cells - broken} held, {broken} broken"
