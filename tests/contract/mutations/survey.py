"""Does the table notice a mutant? It is run while the mistake is planted; the verdict says which rows broke."""

from collections.abc import Sequence
from contextvars import copy_context
from dataclasses import dataclass

from ..cases import CASES
from ..table import Applications, Case, Cell, Stack, run_cell
from .mutation import Mutation
from .of_a_door import pass_through
from .of_the_guard import MUTATIONS


@dataclass(frozen=True)
class Verdict:
    """What the table said of one mutant on one stack."""

    mutation: Mutation
    stack: Stack
    cells: tuple[Cell, ...]

    @property
    def noticed(self) -> list[str]:
        """The rows that broke."""
        return [cell.case.name for cell in self.cells if cell.broken]

    @property
    def complaints(self) -> list[str]:
        """Why this mutant, or the table, is not as it must be."""
        ran, noticed = [cell.case.name for cell in self.cells], self.noticed
        found = [] if noticed else [f"survived {len(ran)} rows"]
        named = self.mutation.noticed_on(self.stack)
        found += [f"not noticed by: {name}" for name in named if name in ran and name not in noticed]
        if self.mutation.still_holds in noticed:
            found.append(f"not a mutant but a wreck: {self.mutation.still_holds!r} does not hold any more")
        return found


def mutations_of(stack: Stack) -> tuple[Mutation, ...]:
    """The door of ``stack`` as a pass-through, and every mistake of the guard."""
    return (pass_through(stack), *MUTATIONS)


def examine(stack: Stack, mutation: Mutation, *, thorough: bool = True, cases: Sequence[Case] = CASES) -> Verdict:
    """Run ``cases`` on applications that are built with the mistake in them.

    Unless ``thorough`` it is enough that the rows which the mutation names have run and that a row has broken.
    """
    applying = [case for case in cases if not case.missing_in(stack)]
    named = [case for case in applying if case.name in (*mutation.noticed_on(stack), mutation.still_holds)]

    def run() -> tuple[Cell, ...]:
        applications = Applications(stack)
        with mutation.planted():
            cells = [run_cell(case, applications) for case in named]
            for case in applying:
                if not thorough and any(cell.broken for cell in cells):
                    break
                if case not in named:
                    cells.append(run_cell(case, applications))
        return tuple(cells)

    # a mutant may leave a caller behind, whom the next one must not meet
    return Verdict(mutation, stack, copy_context().run(run))


def lines(verdict: Verdict, *, every_row: bool = False) -> list[str]:
    """What is printed of one mutant: how many rows noticed it, and which."""
    noticed = verdict.noticed
    shown = noticed if every_row else noticed[:3]
    hidden = len(noticed) - len(shown)
    return [
        f"    {verdict.mutation.name}: {len(noticed)} of {len(verdict.cells)} rows noticed",
        *(f"        {name}" for name in shown),
        *([f"        and {hidden} more"] if hidden else []),
        *(f"        WRONG: {complaint}" for complaint in verdict.complaints),
    ]


def total(verdicts: Sequence[Verdict]) -> str:
    """The sum of a survey in one line."""
    stacks = len({verdict.stack.name for verdict in verdicts})
    wrong = sum(1 for verdict in verdicts if verdict.complaints)
    return (
        f"mutations: {len(MUTATIONS)} of the guard and 1 of the door x {stacks} stacks = {len(verdicts)} mutants,"
        f" {len(verdicts) - wrong} noticed, {wrong} not as they must be"
    )
