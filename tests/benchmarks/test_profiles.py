"""The steps of a profile stand where they are, and add up to the whole."""

import pytest

from benchmarks.profiles import ladder
from benchmarks.profiles.ladder import climbed, repeated, rungs
from benchmarks.rounds import Rounds


def test_a_rung_is_a_step_and_all_before_it() -> None:
    done: list[str] = []
    steps = {name: lambda name=name: done.append(name) for name in "abc"}
    works = rungs(steps, before=(lambda: done.append("<"),), after=(lambda: done.append(">"),))
    for work, expected in zip(works.values(), ("<a>", "<ab>", "<abc>"), strict=True):
        done.clear()
        work(2)
        assert "".join(done) == expected * 2


def test_the_steps_add_up_to_all_that_is_added(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = {"bare": [1.0, 2.0, 1.0], "one step": [2.0, 4.0, 2.0], "all": [5.0, 10.0, 5.0]}
    monkeypatch.setattr(ladder, "measure_steadily", lambda works, judged: Rounds(seconds))
    bare, *steps = climbed("a profile", dict.fromkeys(seconds, repeated()))
    assert (bare.what, bare.ratio.median, bare.microseconds) == ("bare", 0.0, 1e6)
    assert [(each.what, each.ratio.median, each.microseconds) for each in steps] == [
        ("one step", 0.25, 1e6),
        ("all", 0.75, 3e6),
    ]
