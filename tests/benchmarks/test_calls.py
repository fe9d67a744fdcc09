"""Calls are counted, not timed: exactly what runs, on every machine."""

import asyncio
from typing import Any

from benchmarks.calls import CALLED, called, figures, room_of
from benchmarks.goals import GOALS


async def inner() -> None:
    pass


async def outer() -> None:
    await inner()
    await inner()


def test_every_python_function_counts_once() -> None:
    async def count(asked: Any) -> int:
        return (await called(asked)).total()

    assert asyncio.run(count(inner())) == 1
    assert asyncio.run(count(outer())) == 3


def test_a_warm_request_calls_no_more_functions_than_its_goal() -> None:
    (goal,) = [each for each in GOALS if each.id == "D1 warm"]
    (warm,) = [each for each in figures(peers=False) if each.what == "warm"]
    assert warm.ratio.median <= goal.goal


def test_the_rooms_of_a_new_token_add_up_to_all_that_is_called() -> None:
    found = figures(peers=False)
    (cold,) = [each for each in found if each.what == "cold"]
    assert sum(each.ratio.median for each in found if each.where == CALLED) == cold.ratio.median


def test_a_room_is_a_folder_or_a_file_that_stands_by_itself() -> None:
    files = (
        "/x/jwt_middleware/keys/key.py",
        "/x/jwt_middleware/guard.py",
        "/x/jwt/algorithms.py",
        "/x/benchmarks/a.py",
    )
    assert [room_of(each) for each in files] == ["keys", "guard.py", "PyJWT and cryptography", "benchmarks"]
