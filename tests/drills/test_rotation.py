"""The issuer rotates its keys while requests run."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from jwt_middleware import Guard, TrustedIssuer
from tests.interop.conftest import started

from .callers import LONG, Answer, Asked, refused, settle
from .conftest import Ask, Figure
from .issuers import AUDIENCE, Clock, Issuer

AUDIENCE_URL = f"https://{AUDIENCE}.test/v1"


def under_load(asked: Asked, clock: Clock, first: str, rotate: Callable[[], str], times: int) -> list[Answer]:
    """Requests with every token so far, without a pause, while ``rotate`` gives the first token of the next key."""
    tokens, answers = [first], list[Answer]()
    over, told, rounds = threading.Event(), threading.Condition(), 0

    def load() -> None:
        nonlocal rounds
        while not over.is_set():
            answers.extend(asked(*(tokens[-8:] * 4)))
            with told:
                rounds += 1
                told.notify()

    def two_more_rounds() -> None:
        """The one that is under way, and a whole one: then nobody waits for keys, and the clock may move."""
        with told:
            until = rounds + 2
            assert told.wait_for(lambda: rounds >= until, LONG)

    with ThreadPoolExecutor(1) as pool:
        loading = pool.submit(load)
        try:
            for _ in range(times):
                tokens.append(rotate())
                two_more_rounds()
                clock.now += 40
        finally:
            over.set()
        loading.result(LONG)
    return answers


def test_rotation_under_load_refuses_nobody(issuer: Issuer, ask: Ask, clock: Clock, figure: Figure) -> None:
    def rotate() -> str:
        issuer.rotate()
        return issuer.token()

    asked = ask(issuer.guard(clock))
    answers = under_load(asked, clock, issuer.token(), rotate, 20)
    assert len(answers) > 1000
    figure(f"of {len(answers)} requests during 20 rotations, refused", refused(answers), limit=0)
    figure("fetches for 20 rotations", issuer.fetches - 1, limit=21)


@pytest.mark.interop
def test_rotation_of_a_certified_provider_under_load_refuses_nobody(ask: Ask, clock: Clock, figure: Figure) -> None:
    provider = started()
    try:

        def rotate() -> str:
            provider.rotate()
            return provider.machine_token(AUDIENCE_URL)

        guard = Guard(TrustedIssuer(provider.issuer, audience=AUDIENCE_URL), observers=[], monotonic=clock)
        answers = under_load(ask(guard), clock, provider.machine_token(AUDIENCE_URL), rotate, 5)
    finally:
        provider.stop()
    figure(f"of {len(answers)} requests during 5 rotations, refused", refused(answers), limit=0)


def test_a_key_that_was_withdrawn_serves_no_longer_than_a_renewal(
    issuer: Issuer, ask: Ask, clock: Clock, figure: Figure
) -> None:
    asked = ask(issuer.guard(clock))
    tokens, kid = [issuer.token() for _ in range(400)], issuer.keys.active.kid
    assert refused(asked(tokens.pop())) == 0
    issuer.rotate()
    issuer.keys.withdraw(kid)
    began = served = clock.now
    while asked(tokens.pop())[0].status == 200:
        served = clock.now
        settle(asked.guard)
        clock.now += 1
    figure("a withdrawn key served for", served - began, limit=300 * 0.8 * 1.1, unit=" s")
