"""The clock on the wall is set back by an hour: no key dies of it, and none lives past ``max_stale``."""

from pathlib import Path

import pytest

from jwt_middleware import Guard
from tests.key_sources.conftest import status

from .callers import refused, settle, statuses
from .conftest import Ask, Figure
from .issuers import Clock, Issuer

HOUR = 3600.0
DAY = 86_400.0


@pytest.mark.parametrize("hours", [-1, 1], ids=["back", "ahead"])
def test_a_clock_that_is_set_by_an_hour_changes_nothing_for_keys(
    hours: int, issuer: Issuer, ask: Ask, clock: Clock, figure: Figure
) -> None:
    wall = Clock(1_800_000_000.0)
    issuer.tell_time_by(wall)
    asked = ask(Guard(issuer.trusted(), observers=[], clock=wall, monotonic=clock))
    assert refused(asked(issuer.token())) == 0
    issuer.down(status(503))
    wall.now += hours * HOUR
    answers = []
    for moment in (0.0, HOUR / 2, HOUR, 12 * HOUR, DAY - 2 * HOUR, DAY - 1):
        clock.now = 1000.0 + moment
        answers += asked(issuer.token())
        settle(asked.guard)
    figure(f"of {len(answers)} requests within max_stale, refused", refused(answers), limit=0)
    clock.now = 1000.0 + DAY
    late = asked(issuer.token())
    figure("seconds that a key lived past max_stale", 0 if statuses(late) == {503: 1} else HOUR, limit=0)


def test_a_process_that_starts_after_the_clock_was_set_back_trusts_its_snapshot_and_no_longer_than_before(
    issuer: Issuer, ask: Ask, clock: Clock, figure: Figure, tmp_path: Path
) -> None:
    wall, since_boot = Clock(1_800_000_000.0), Clock(50_000.0)

    def process() -> Guard:
        issuer.tell_time_by(wall)
        guard = Guard(issuer.trusted(snapshot=tmp_path / "keys"), observers=[], clock=wall, monotonic=clock)
        source: object = guard._trusts.declared[0].keys._source
        source.clock, source.monotonic = wall, since_boot  # type: ignore[attr-defined]  # a snapshot
        return guard

    assert refused(ask(process())(issuer.token())) == 0
    issuer.down(status(503))
    wall.now -= HOUR
    since_boot.now += 60
    answers = ask(process())(issuer.token())
    since_boot.now += DAY - 61
    answers += ask(process())(issuer.token())
    figure("of 2 starts within max_stale, refused", refused(answers), limit=0)
    since_boot.now += 1
    late = ask(process())(issuer.token())
    figure("starts past max_stale answered otherwise than 503", sum(a.status != 503 for a in late), limit=0)
