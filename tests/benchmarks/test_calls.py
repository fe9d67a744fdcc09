"""Calls are counted, not timed: exactly what runs, on every machine."""

import asyncio
from typing import Any

from benchmarks.calls import counted, figures
from benchmarks.goals import GOALS


async def inner() -> None:
    pass


async def outer() -> None:
    await inner()
    await inner()


def test_every_python_function_counts_once() -> None:
    async def count(asked: Any) -> int:
        return await counted(asked)

    assert asyncio.run(count(inner())) == 1
    assert asyncio.run(count(outer())) == 3


def test_a_warm_request_calls_no_more_functions_than_its_goal() -> None:
    (goal,) = [each for each in GOALS if each.id == "D1 warm"]
    (warm,) = [each for each in figures(peers=False) if each.what == "warm"]
    assert warm.ratio.median <= goal.goal
