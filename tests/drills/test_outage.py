"""The issuer is out of reach: known keys serve to the last second of ``max_stale``, and then nobody is called a liar."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jwt_middleware import Guard, TrustedIssuer
from jwt_middleware.key_sources.discovery import discovery
from jwt_middleware.key_sources.jwks_url import jwks_url
from tests.interop.conftest import started
from tests.interop.oidc_provider import Provider
from tests.key_sources.conftest import status

from .callers import Answer, Asked, refused, settle, statuses
from .conftest import Ask, Figure
from .issuers import AUDIENCE, Clock, Issuer

DAY = 86_400.0
HOUR = 3600.0


def a_day_of_outage(asked: Asked, clock: Clock, tokens: list[str]) -> list[Answer]:
    """Every answer of the day that begins when the keys were fetched: one request in an hour, more at its end."""
    answers, began = asked(tokens.pop()), clock.now
    for hour in range(1, 24):
        clock.now = began + hour * HOUR
        answers += asked(tokens.pop())
        settle(asked.guard)
    for left in (60.0, 1.0, 0.001):
        clock.now = began + DAY - left
        answers += asked(*[tokens.pop() for _ in range(4)])
        settle(asked.guard)
    clock.now = began + DAY
    return answers


def test_an_outage_of_a_day_refuses_nobody_and_after_that_it_is_503(
    issuer: Issuer, ask: Ask, clock: Clock, figure: Figure
) -> None:
    asked = ask(issuer.guard(clock))
    tokens = [issuer.token() for _ in range(60)]
    assert refused(asked(tokens.pop())) == 0
    issuer.down(status(503))
    began = clock.now
    answers = a_day_of_outage(asked, clock, tokens)
    figure(f"of {len(answers)} requests within max_stale, refused", refused(answers), limit=0)
    [state] = asked.guard.ready()
    settle(asked.guard)
    assert (state.usable, state.age, state.last_error) == (False, DAY, "ValueError")
    clock.now = began + DAY + 1
    late = asked(*[tokens.pop() for _ in range(10)])
    figure(
        f"of {len(late)} requests one second later, answered otherwise than 503",
        10 - statuses(late).get(503, 0),
        limit=0,
    )
    assert all(answer.retry_after.isdecimal() for answer in late)
    issuer.up()
    clock.now += 60
    assert refused(asked(tokens.pop())) == 0


def test_a_token_that_was_verified_a_second_before_is_not_served_a_second_after(
    issuer: Issuer, ask: Ask, clock: Clock, figure: Figure
) -> None:
    wall = Clock(1_800_000_000.0)
    issuer.tell_time_by(wall)
    asked = ask(Guard(issuer.trusted(), observers=[], clock=wall, monotonic=clock))
    token = issuer.token()
    asked(token)
    issuer.down(status(503))
    wall.now += DAY - 1
    clock.now += DAY - 1
    token = issuer.token()
    assert refused(asked(token, token)) == 0
    settle(asked.guard)
    wall.now += 1
    clock.now += 1
    figure(
        "answers to a recalled token past max_stale other than 503", sum(a.status != 503 for a in asked(token)), limit=0
    )


def test_a_cold_start_in_an_outage_is_503_and_never_401(issuer: Issuer, ask: Ask, clock: Clock, figure: Figure) -> None:
    issuer.down(status(500))
    asked = ask(issuer.guard(clock))
    answers = asked(*[issuer.token() for _ in range(100)])
    figure("of 100 requests, called a liar", statuses(answers).get(401, 0), limit=0)
    assert statuses(answers) == {503: 100}
    figure("fetches for 100 requests", len(set(issuer.web.asked)), limit=2)
    issuer.up()
    clock.now += 1
    assert refused(asked(issuer.token())) == 0


def test_a_restart_in_an_outage_starts_with_the_snapshot(
    issuer: Issuer, ask: Ask, clock: Clock, figure: Figure, tmp_path: Path
) -> None:
    def process() -> Guard:
        return Guard(issuer.trusted(snapshot=tmp_path / "keys"), observers=[], monotonic=clock)

    tokens = [issuer.token() for _ in range(60)]
    assert refused(ask(process())(tokens.pop())) == 0
    issuer.down(status(503))
    answers = [answer for _ in range(4) for answer in ask(process())(tokens.pop(), tokens.pop())]
    figure(f"of {len(answers)} requests to 4 new processes, refused", refused(answers), limit=0)


DECLARED: dict[str, Callable[[Issuer], dict[str, Any]]] = {
    "by discovery": lambda _: {},
    "discovery": lambda issuer: {"keys": discovery(issuer.url, timeout=4)},
    "a URL": lambda issuer: {"jwks_url": f"{issuer.url}/jwks"},
    "jwks_url": lambda issuer: {"keys": jwks_url(f"{issuer.url}/jwks", timeout=4)},
}


@pytest.mark.parametrize("kind", DECLARED)
def test_an_issuer_that_a_resolver_declares_anew_every_minute_keeps_its_keys_in_an_outage(
    kind: str, issuer: Issuer, ask: Ask, clock: Clock, figure: Figure
) -> None:
    """Whoever writes a resolver builds a TrustedIssuer, and its key source, whenever they are asked."""
    declared = list[str]()

    def resolver(said: str) -> TrustedIssuer:
        declared.append(said)
        return issuer.trusted(**DECLARED[kind](issuer))

    asked = ask(Guard(resolver=resolver, realm=AUDIENCE, observers=[], monotonic=clock))
    answers = asked(issuer.token())
    issuer.down(status(503))
    for _ in range(20):
        clock.now += 61
        answers += asked(issuer.token())
        settle(asked.guard)
    figure(f"of {len(answers)} requests and {len(declared)} declarations, refused", refused(answers), limit=0)
    assert len(declared) == 21


@pytest.mark.interop
def test_an_outage_of_a_certified_provider_refuses_nobody_up_to_max_stale(
    ask: Ask, clock: Clock, figure: Figure
) -> None:
    provider = started()
    url = f"https://{AUDIENCE}.test/v1"
    try:
        tokens = [provider.machine_token(url) for _ in range(60)]
        asked = ask(guard_for(provider, url, clock))
        assert refused(asked(tokens.pop())) == 0
        provider.rotate()
        unseen = provider.machine_token(url)
    finally:
        provider.stop()
    answers = a_day_of_outage(asked, clock, tokens)
    figure(f"of {len(answers)} requests within max_stale, refused", refused(answers), limit=0)
    unknown = asked(unseen)
    clock.now += 1
    late = asked(*tokens[:3])
    figure(
        "answers other than 503 to keys that nobody could look up",
        sum(a.status != 503 for a in (*unknown, *late)),
        limit=0,
    )


def guard_for(provider: Provider, audience: str, clock: Clock) -> Guard:
    return Guard(TrustedIssuer(provider.issuer, audience=audience), observers=[], monotonic=clock)
