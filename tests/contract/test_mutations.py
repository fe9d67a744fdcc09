"""The table is worth something: every door that guards nothing and every mistake of the guard turns it red."""

import runpy
import sys
from contextlib import nullcontext
from typing import Any
from unittest.mock import patch

import pytest

from jwt_middleware import Guard
from tests.contract.cases import CASES
from tests.contract.mutations import survey
from tests.contract.mutations.mutation import Mutation
from tests.contract.mutations.of_the_guard import MUTATIONS
from tests.contract.mutations.survey import examine, lines, mutations_of, total
from tests.contract.stacks import STACKS
from tests.contract.table import Stack

NOTHING = Mutation("nothing is changed", nullcontext)
STACK = STACKS[0]
MUTANTS = [
    pytest.param(stack, mutation, id=f"{stack.name}: {mutation.name}")
    for stack in STACKS
    for mutation in mutations_of(stack)
]
every_stack = pytest.mark.parametrize("stack", STACKS, ids=lambda stack: stack.name)


@pytest.mark.parametrize(("stack", "mutation"), MUTANTS)
@pytest.mark.plants_secrets("one of the planted mistakes shows a token")
def test_a_mutant_turns_the_table_red(stack: Stack, mutation: Mutation) -> None:
    verdict = examine(stack, mutation, thorough=False)
    assert verdict.noticed, "it survived the whole table"
    assert not verdict.complaints


@every_stack
def test_without_a_mutation_the_table_is_green(stack: Stack) -> None:
    verdict = examine(stack, NOTHING)
    assert not [cell.broken for cell in verdict.cells if cell.broken]
    assert [cell.case for cell in verdict.cells if cell.case.name != NOTHING.still_holds] == [
        case for case in CASES if not case.missing_in(stack) and case.name != NOTHING.still_holds
    ]


@every_stack
def test_every_mistake_is_taken_back(stack: Stack) -> None:
    for mutation in mutations_of(stack):
        with mutation.planted():
            pass
    assert not examine(stack, NOTHING).noticed


def test_there_are_thirteen_mistakes_of_the_guard() -> None:
    assert len({mutation.name for mutation in MUTATIONS}) == len(MUTATIONS) == 13


@every_stack
def test_the_rows_that_a_mutation_names_apply_everywhere(stack: Stack) -> None:
    applying = {case.name for case in CASES if not case.missing_in(stack)}
    for mutation in mutations_of(stack):
        assert mutation.noticed_by
        assert {*mutation.noticed_on(stack), mutation.still_holds} <= applying, mutation.name


def test_a_mutation_that_changes_nothing_is_reported_as_survived() -> None:
    verdict = examine(STACK, Mutation("the same", lambda: patch.object(Guard, "admit", Guard.admit)), thorough=False)
    assert not verdict.noticed
    assert verdict.complaints == [f"survived {len(verdict.cells)} rows"]
    assert f"        WRONG: survived {len(verdict.cells)} rows" in lines(verdict)
    assert total([verdict]).endswith("= 1 mutants, 0 noticed, 1 not as they must be")


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
@pytest.mark.plants_secrets("one of the planted mistakes shows a token")
def test_a_table_without_the_rows_that_notice_it_lets_a_mutant_survive(mutation: Mutation) -> None:
    noticed = examine(STACK, mutation).noticed
    verdict = examine(STACK, mutation, cases=[case for case in CASES if case.name not in noticed])
    assert verdict.complaints == [f"survived {len(verdict.cells)} rows"]


def test_a_named_row_that_does_not_notice_is_reported() -> None:
    first = MUTATIONS[0]
    verdict = examine(STACK, Mutation("named wrongly", first.planted, ("no token is 401 without an error code",)))
    assert verdict.noticed
    assert verdict.complaints == ["not noticed by: no token is 401 without an error code"]


def test_a_mutant_that_cannot_do_anything_is_reported() -> None:
    def wreck(self: Guard) -> None:
        raise AssertionError("it takes other arguments")

    verdict = examine(STACK, Mutation("a wreck", lambda: patch.object(Guard, "admit", wreck)), thorough=False)
    assert verdict.complaints == ["not a mutant but a wreck: 'a genuine caller passes' does not hold any more"]


@pytest.mark.parametrize(("mutations", "fails"), [(MUTATIONS[:1], False), ((*MUTATIONS[:1], NOTHING), True)])
def test_the_command_fails_when_a_mutant_survives(
    mutations: Any, fails: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(survey, "MUTATIONS", mutations)
    monkeypatch.setattr(sys, "argv", ["mutations", STACK.name])
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("tests.contract.mutations", run_name="__main__", alter_sys=False)
    assert bool(ended.value.code) is fails
    told = capsys.readouterr().out
    assert "signatures are not verified: 2 of" in told
    assert ("WRONG" in told) is fails
