"""What every session store must do, whatever it is made of: cases that take a store."""

import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from jwt_middleware.issuing.refresh_token import new_session_id
from jwt_middleware.issuing.session import Rotation, Session, SessionStore
from jwt_middleware.issuing.tokens import Tokens
from jwt_middleware.waiting import run

from .cast import Stage, at_once

CASES: list[Callable[[SessionStore], None]] = []


def case(function: Callable[[SessionStore], None]) -> Callable[[SessionStore], None]:
    CASES.append(function)
    return function


def session(**changes: Any) -> Session:
    now = float(int(time.time()))  # redis forgets what has expired by its own clock
    whole: dict[str, Any] = {
        "session_id": new_session_id(),
        "subject": f"ann \u00e9 {new_session_id()}",
        "client_id": "shop",
        "audience": ("orders", "inventory"),
        "scopes": ("read",),
        "acr": "high",
        "amr": ("pwd", "otp"),
        "stamp": "ab" * 32,
        "logged_in_at": now,
        "refreshed_at": now,
        "expires_at": now + 1000.5,
        "current": "digest 1",
        "address": "192.0.2.7",
        "agent": "Browser \u00e9",
    }
    return Session(**{**whole, **changes})


def rotation(of: Session, **changes: Any) -> Rotation:
    whole: dict[str, Any] = {
        "session_id": of.session_id,
        "presented": of.current,
        "successor": "digest 2",
        "nonce": "nonce 2",
        "at": of.logged_in_at + 10.25,
        "expires_at": of.logged_in_at + 1010.75,
    }
    return Rotation(**{**whole, **changes})


@case
def what_was_added_is_found_as_it_was(store: SessionStore) -> None:
    plain, bare = session(), session(acr=None, amr=(), scopes=(), address="", agent="", stamp="")
    store.add(plain)
    store.add(bare)
    assert store.find(plain.session_id) == plain
    assert store.find(bare.session_id) == bare
    assert store.find(new_session_id()) is None
    assert store.rotate(rotation(session())) is None


@case
def a_rotation_moves_the_session_on(store: SessionStore) -> None:
    before = session()
    store.add(before)
    after = store.rotate(rotation(before))
    assert after == store.find(before.session_id)
    assert after == replace(
        before,
        current="digest 2",
        previous="digest 1",
        nonce="nonce 2",
        generation=2,
        refreshed_at=before.logged_in_at + 10.25,
        expires_at=before.logged_in_at + 1010.75,
    )


@case
def a_token_that_is_not_current_moves_nothing(store: SessionStore) -> None:
    before = session()
    store.add(before)
    assert store.rotate(rotation(before, presented="digest 0")) == before
    store.rotate(rotation(before))
    once = store.find(before.session_id)
    assert store.rotate(rotation(before, successor="digest 3")) == once


@case
def a_session_that_has_expired_or_ended_does_not_move(store: SessionStore) -> None:
    expired, ended = session(), session()
    store.add(expired)
    assert store.rotate(rotation(expired, at=expired.expires_at)) == expired
    store.add(ended)
    store.end(ended.session_id, ended.logged_in_at + 1.5, "logout")
    gone = replace(ended, ended_at=ended.logged_in_at + 1.5, ended_for="logout")
    assert store.rotate(rotation(ended)) == gone == store.find(ended.session_id)


@case
def a_session_ends_once(store: SessionStore) -> None:
    one = session()
    store.add(one)
    store.end(one.session_id, one.logged_in_at + 1, "replay")
    store.end(one.session_id, one.logged_in_at + 2, "logout")
    store.end(new_session_id(), one.logged_in_at, "logout")
    assert store.find(one.session_id) == replace(one, ended_at=one.logged_in_at + 1, ended_for="replay")


@case
def the_sessions_of_a_subject_are_those_that_nobody_has_ended(store: SessionStore) -> None:
    first = session()
    second, ended, other = session(subject=first.subject), session(subject=first.subject), session()
    for each in (first, second, ended, other):
        store.add(each)
    store.end(ended.session_id, ended.logged_in_at, "logout")
    found = store.of_subject(first.subject)
    assert sorted(each.session_id for each in found) == sorted([first.session_id, second.session_id])
    assert store.of_subject("nobody") == []


@case
def awaited_forms_do_the_same(store: SessionStore) -> None:
    one = session()

    async def all_of_them() -> None:
        await store.aadd(one)
        assert await store.afind(one.session_id) == one
        moved = await store.arotate(rotation(one))
        assert moved is not None and moved.generation == 2
        assert list(await store.aof_subject(one.subject)) == [moved]
        await store.aend(one.session_id, one.logged_in_at + 1, "logout")
        assert await store.aof_subject(one.subject) == []

    asyncio.run(all_of_them())


@case
def fifty_requests_with_one_token_get_one_successor(store: SessionStore) -> None:
    stage = Stage(store, clock=time.time, grace=60)
    token = stage.begin().refresh_token
    found = at_once(lambda: run(stage.sessions.refresh(token)))
    successors = {each.refresh_token for each in found if isinstance(each, Tokens)}
    assert len([each for each in found if isinstance(each, Tokens)]) == 50
    assert len(successors) == 1
    moved = stage.refresh(successors.pop())
    assert moved.session.generation == 3


@case
def without_grace_one_of_fifty_wins_and_the_session_ends(store: SessionStore) -> None:
    stage = Stage(store, clock=time.time, grace=0)
    begun = stage.begin()
    found = at_once(lambda: run(stage.sessions.refresh(begun.refresh_token)))
    winners = [each for each in found if isinstance(each, Tokens)]
    assert len(winners) == 1
    assert [each for each in found if not isinstance(each, Tokens)] == ["refresh_refused"] * 49
    kept = store.find(begun.session.session_id)
    assert kept is not None
    assert (kept.generation, kept.ended_for) == (2, "replay")
    assert stage.refused(winners[0].refresh_token) == "refresh_refused"


@case
def whoever_refreshes_while_somebody_logs_out_is_logged_out(store: SessionStore) -> None:
    stage = Stage(store, clock=time.time)
    for _ in range(5):
        begun = stage.begin()
        ending = threading.Thread(target=run, args=(stage.sessions.end_by_token(begun.refresh_token),))
        ending.start()
        found = at_once(lambda token=begun.refresh_token: run(stage.sessions.refresh(token)), 5)  # type: ignore[misc]  # bound now
        ending.join()
        for each in found:
            if isinstance(each, Tokens):
                assert stage.refused(each.refresh_token) == "refresh_refused"
        kept = store.find(begun.session.session_id)
        assert kept is not None and kept.ended_for == "logout"
