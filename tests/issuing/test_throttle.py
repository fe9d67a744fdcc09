"""How often somebody may try a password."""

import asyncio
from typing import Any

import pytest

from jwt_middleware import ConfigurationError
from jwt_middleware.issuing.throttle import MemoryThrottle, throttle_key

from .cast import at_once
from .test_signing_keys import Clock


def test_five_failures_in_a_minute_and_no_more() -> None:
    clock = Clock()
    throttle = MemoryThrottle(clock=clock)
    for _ in range(5):
        assert throttle.attempt("ann", "192.0.2.1") == 0
        clock.now += 1
    assert throttle.attempt("ann", "192.0.2.1") == 55
    assert throttle.attempt("ann", "192.0.2.1") == 55  # asking costs nothing more
    clock.now += 55
    assert throttle.attempt("ann", "192.0.2.1") == 0
    assert throttle.attempt("ann", "192.0.2.1") == 1


def test_strangers_lock_nobody_out() -> None:
    throttle = MemoryThrottle(clock=Clock())
    for _ in range(6):
        throttle.attempt("ann", "192.0.2.66")
    assert throttle.attempt("ann", "192.0.2.1") == 0
    assert throttle.attempt("bob", "192.0.2.66") == 0


def test_a_success_forgets_the_failures() -> None:
    throttle = MemoryThrottle(failures=1, clock=Clock())
    assert throttle.attempt("ann", "a") == 0
    assert throttle.attempt("ann", "a") > 0
    asyncio.run(throttle.asucceeded("ann", "a"))
    assert asyncio.run(throttle.aattempt("ann", "a")) == 0


def test_many_attempts_at_once_gain_nothing() -> None:
    throttle = MemoryThrottle()
    assert sorted(at_once(lambda: throttle.attempt("ann", "a") == 0)).count(True) == 5


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (("ann", "192.0.2.1"), ("ANN ", "192.0.2.1"), True),
        (("\ufb01sh", "a"), ("fish", "a"), True),
        (("ann", "2001:db8::1"), ("ann", "2001:db8::ffff:1"), True),
        (("ann", "2001:db8::1"), ("ann", "2001:db8:0:1::1"), False),
        (("ann", "::ffff:192.0.2.1"), ("ann", "192.0.2.1"), True),
        (("ann", "192.0.2.1"), ("ann", "192.0.2.2"), False),
        (("ann", "/run/sock"), ("ann", ""), False),
        (("b", "a"), ("a b", ""), False),
        (("\ud800", ""), ("\ud801", ""), False),
    ],
)
def test_an_account_however_it_is_spelt_and_the_addresses_of_one_subscriber_are_one(
    one: Any, other: Any, same: bool
) -> None:
    assert (throttle_key(*one) == throttle_key(*other)) is same


def test_memory_is_bounded() -> None:
    throttle = MemoryThrottle(clock=Clock())
    for number in range(10_500):
        throttle.attempt(str(number), "a")
    assert len(throttle._attempts) == 10_000


@pytest.mark.parametrize("given", [{"failures": 0}, {"failures": True}, {"failures": 1.5}, {"window": 0}])
def test_wrong_settings_are_refused_when_it_is_built(given: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match=next(iter(given))):
        MemoryThrottle(**given)
    assert repr(MemoryThrottle()) == "<MemoryThrottle 5 in 60 s>"
