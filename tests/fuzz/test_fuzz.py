"""Whatever comes in, a door answers as the oracle says, shows nothing, and does little for it."""

from collections.abc import Callable, Iterator

import pytest
from hypothesis import settings

from tests.fuzz.faults import FAULTS
from tests.fuzz.found import FOUND
from tests.fuzz.judging import Complaint
from tests.fuzz.playing import Doors, Tally, draw, drawn, every_door, swept
from tests.fuzz.requests import Case, Line, Request
from tests.planting import Fault, function_of, planted
from tests.seeds import seed_of

CASES = 700  # of each part; a part is a test, so that workers share them
PARTS = 3


@pytest.fixture(scope="module")
def doors() -> Iterator[Doors]:
    with every_door() as doors:
        yield doors


@pytest.fixture(scope="module")
def cases_of_the_first_part(request: pytest.FixtureRequest) -> list[Case]:
    return drawn(CASES, seed_of(request.config))


@pytest.mark.timeout(600)  # a case that fails is made small first
@pytest.mark.parametrize("part", range(PARTS))
def test_every_door_answers_as_the_oracle_says(
    part: int, doors: Doors, request: pytest.FixtureRequest, record_property: Callable[[str, object], None]
) -> None:
    seed = seed_of(request.config) + part
    tally = Tally()
    try:
        draw(max(CASES, settings().max_examples // 2), seed, lambda case: tally.play(case, doors))
    except Complaint as complaint:
        complaint.add_note(f"seed {seed}: --hypothesis-seed={seed - part}, part {part}; write the case into found.py")
        raise
    record_property("drawn", f"fuzz: seed {seed}, {tally}")
    assert tally.share("correctly signed") >= 0.3
    assert tally.share("200") >= 0.15, "who must be let in was hardly ever asked for"
    assert all(tally.counts[status] for status in ("200", "400", "401", "403"))


def test_each_single_change_is_answered_as_the_oracle_says(doors: Doors) -> None:
    tally = Tally()
    for case in swept():
        tally.play(case, doors)
    assert tally.counts["cases"] > 500


@pytest.mark.parametrize("case", FOUND.values(), ids=FOUND.keys())
def test_what_was_found_once_stays_mended(case: Case, doors: Doors) -> None:
    Tally().play(case, doors)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
@pytest.mark.plants_secrets("one of the planted faults shows a token")
@pytest.mark.once
def test_each_planted_fault_is_found(fault: Fault, doors: Doors, cases_of_the_first_part: list[Case]) -> None:
    tally = Tally()
    if function_of(fault.place).__module__ not in ("jwt_middleware.asgi", "jwt_middleware.wsgi"):
        doors = doors[:1]  # behind each door it is the same one
    with planted(fault.place, fault.written, fault.instead):
        sent = [(b"authorization", Line().value)]
        assert {door(False).send(Request(), sent).status for door in doors} == {200}, "not a fault but a wreck"
        with pytest.raises(Complaint):
            for case in (*cases_of_the_first_part, *swept()):
                tally.play(case, doors)


def test_there_are_faults_from_the_door_to_the_claims() -> None:
    assert len({fault.name for fault in FAULTS}) == len(FAULTS) >= 15


def test_the_same_seed_draws_the_same_cases() -> None:
    assert drawn(30, 5) == drawn(30, 5) != drawn(30, 6)


def test_the_oracle_shares_no_code_with_what_it_judges() -> None:
    import sys
    from subprocess import run

    script = "import sys, tests.fuzz.oracle.verdict; print([name for name in sys.modules if name.startswith('jwt')])"
    assert run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout == "[]\n"
