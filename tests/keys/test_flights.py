"""One fetch at a time: what becomes of one that is lost, and of one that was under way when a process forked."""

import os
import threading
from collections.abc import Iterator

import pytest

from jwt_middleware.keys.flights import Flights


@pytest.fixture
def flights() -> Flights:
    return Flights(limit=6.0)


def test_a_fetch_is_under_way_until_it_lands(flights: Flights) -> None:
    assert flights.under_way(0.0) is None
    flight = flights.take_off(0.0)
    assert flights.under_way(5.9) is flight
    assert flights.is_current(flight)
    flights.land(flight, True)
    assert flights.under_way(1.0) is None
    assert (flight.landing.result(0), flights.apart) == (True, False)


@pytest.mark.parametrize(("moment", "is_over"), [(6.0, False), (0.0, True)])
def test_a_fetch_that_is_lost_makes_place_and_wakes_whoever_waits(
    moment: float, is_over: bool, flights: Flights
) -> None:
    flight = flights.take_off(0.0)
    flight.is_over = lambda: is_over
    assert flights.under_way(moment) is None
    assert (flight.landing.result(0), flights.apart) == (None, True)
    second = flights.take_off(moment)
    flights.land(flight, True)  # it comes after all: too late to change anything
    assert flights.under_way(moment) is second
    assert flight.landing.result(0) is None


def test_flights_are_numbered_by_their_beginning(flights: Flights) -> None:
    assert [flights.take_off(0.0).number for _ in range(3)] == [1, 2, 3]


def test_fetches_that_never_end_leave_no_more_than_ten_behind(flights: Flights) -> None:
    over, now = set[int](), 0.0
    for _ in range(10):
        assert not flights.crowded
        flight = flights.take_off(now)
        flight.is_over = lambda number=flight.number: number in over  # type: ignore[misc]  # mypy infers no lambda with a default
        now += 6
        assert flights.under_way(now) is None
    assert flights.crowded
    over.add(4)
    assert not flights.crowded
    ended = flights.take_off(now)
    ended.is_over = lambda: True
    assert flights.under_way(now) is None
    assert not flights.crowded  # this one is lost with its loop, and leaves nothing behind


@pytest.fixture
def held(flights: Flights) -> Iterator[None]:
    """Another thread holds the lock for the whole of the test."""
    taken, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with flights.lock:
            taken.set()
            leave.wait(20)

    thread = threading.Thread(target=hold)
    thread.start()
    taken.wait(20)
    yield
    leave.set()
    thread.join()


@pytest.mark.usefixtures("held")
def test_a_forked_child_waits_neither_for_a_lock_nor_for_a_fetch_of_its_parent(
    flights: Flights, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a child, where the other thread does not exist but its lock is still taken."""
    for number in range(10):
        flights.take_off(number * 6.0)
        flights.under_way(number * 6.0 + 6)
    assert flights.crowded
    flight = flights.take_off(0.0)
    process = os.getpid()
    monkeypatch.setattr(os, "getpid", lambda: process + 1)
    with flights.lock:
        assert flights.under_way(0.0) is None
        assert not flights.crowded
    assert not flights.is_current(flight)
    flight.settle(None)
