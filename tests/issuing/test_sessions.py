"""Begun by a login, continued by tokens that are used once, ended for every resource server."""

import asyncio
import json
import logging
from datetime import timedelta
from typing import Any

import jwt
import pytest

from jwt_middleware import AuthUnavailable, ConfigurationError, Guard, TrustedIssuer
from jwt_middleware.issuing import Account
from jwt_middleware.issuing.refresh_token import RefreshTokens, digest
from jwt_middleware.issuing.session import Rotation, Session
from jwt_middleware.issuing.session_stores.memory import MemorySessions
from jwt_middleware.issuing.tokens import Tokens
from jwt_middleware.verification.revocation import Revocation
from jwt_middleware.waiting import run

from .cast import ANN, FINISH, SECRET, Stage
from .test_signing_keys import ISSUER, Clock, bearing


def said(token: str) -> dict[str, Any]:
    decoded: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return decoded


def at_the_resource_server(stage: Stage, token: str) -> str:
    trusted = TrustedIssuer(ISSUER, audience="orders", keys=stage.issuer.keys, profile="rfc9068", leeway=300)
    guard = Guard(trusted, revocations=stage.revocations, clock=stage.clock)
    refusal = run(guard.admit(bearing(token))).refusal
    return "admitted" if refusal is None else refusal.reason


@pytest.mark.parametrize("finish", FINISH, ids=["run", "awaited"])
def test_a_session_begins_and_goes_on(finish: Any) -> None:
    stage = Stage()
    begun = finish(stage.sessions.begin(ANN, address="192.0.2.1", agent="Browser"))
    stage.clock.now += 100
    continued = finish(stage.sessions.refresh(begun.refresh_token))
    assert isinstance(begun, Tokens)
    assert isinstance(continued, Tokens)
    first, second = said(begun.access_token), said(continued.access_token)
    assert first["sid"] == second["sid"] == begun.session.session_id
    assert first["jti"] != second["jti"]
    assert second["iat"] == first["iat"] + 100
    assert (second["aud"], second["client_id"], second["scope"]) == (["orders", "inventory"], "shop", "read write")
    assert begun.refresh_token != continued.refresh_token
    assert [event.kind for event in stage.events] == ["started", "refreshed"]


def test_when_and_how_somebody_logged_in_stays_the_same() -> None:
    stage = Stage()
    tokens = stage.begin()
    logged_in_at = int(stage.clock.now)
    stage.people.change("ann", acr="low", amr=["nothing"])
    for _ in range(3):
        stage.clock.now += 3600
        tokens = stage.refresh(tokens.refresh_token)
        found = said(tokens.access_token)
        assert (found["auth_time"], found["acr"], found["amr"]) == (logged_in_at, "high", ["pwd"])


def test_what_an_account_may_do_is_asked_again() -> None:
    stage = Stage()
    begun = stage.begin()
    stage.people.change("ann", roles=["manager"], scopes=["read"], claims={"desk": 7})
    found = said(stage.refresh(begun.refresh_token).access_token)
    assert (found["roles"], found["scope"], found["desk"]) == (["manager"], "read", 7)


def test_the_token_before_gets_the_same_successor_within_the_grace() -> None:
    stage = Stage()
    first = stage.begin().refresh_token
    second = stage.refresh(first).refresh_token
    stage.clock.now += 10
    again = stage.refresh(first)
    assert again.refresh_token == second
    assert at_the_resource_server(stage, again.access_token) == "admitted"
    third = stage.refresh(second).refresh_token
    stage.refresh(third)


def test_after_the_grace_somebody_holds_a_copy_and_the_session_ends(caplog: pytest.LogCaptureFixture) -> None:
    stage = Stage()
    begun = stage.begin()
    continued = stage.refresh(begun.refresh_token)
    stage.clock.now += 10.001
    with caplog.at_level(logging.WARNING, "jwt_middleware"):
        assert stage.refused(begun.refresh_token) == "refresh_refused"
    assert caplog.messages == ["a refresh token was used again: the session was ended"]
    assert stage.refused(continued.refresh_token) == "refresh_refused"
    assert stage.refused(begun.refresh_token) == "refresh_refused"
    for token in (begun.access_token, continued.access_token):
        assert at_the_resource_server(stage, token) == "token_revoked"
    assert [(event.kind, event.reason) for event in stage.events][-1] == ("ended", "replay")


@pytest.mark.parametrize(("off", "forgiven"), [(-9.0, True), (9.0, True), (-11.0, False)])
def test_servers_whose_clocks_differ_forgive_as_well(off: float, forgiven: bool) -> None:
    here = Stage()
    there = Stage(here.store, clock=Clock())
    first = here.begin().refresh_token
    second = here.refresh(first).refresh_token
    there.clock.now = here.clock.now + off
    if forgiven:
        assert there.refresh(first).refresh_token == second
    else:
        assert there.refused(first) == "refresh_refused"


def test_an_older_token_ends_the_session_even_within_the_grace() -> None:
    stage = Stage()
    first = stage.begin().refresh_token
    second = stage.refresh(first).refresh_token
    third = stage.refresh(second)
    assert stage.refused(first) == "refresh_refused"
    assert stage.refused(third.refresh_token) == "refresh_refused"
    assert at_the_resource_server(stage, third.access_token) == "token_revoked"


def test_without_grace_the_second_use_ends_the_session() -> None:
    stage = Stage(grace=0)
    first = stage.begin().refresh_token
    second = stage.refresh(first).refresh_token
    assert stage.refused(first) == "refresh_refused"
    assert stage.refused(second) == "refresh_refused"


def test_a_revocation_is_kept_for_as_long_as_any_verifier_would_take_a_token() -> None:
    told: list[Revocation] = []

    class Told:
        def revoke(self, revocation: Revocation) -> None:
            told.append(revocation)

        async def arevoke(self, revocation: Revocation) -> None:
            told.append(revocation)

    stage = Stage(revocations=Told())
    begun = stage.begin()
    stage.clock.now += 10
    run(stage.sessions.end_by_token(begun.refresh_token))
    until = stage.clock.now + 300 + 300  # a token that was made this very moment, and the largest leeway
    assert told == [Revocation("session", ISSUER, begun.session.session_id, until)]


def test_the_end_of_a_session_is_told_once() -> None:
    stage = Stage()
    begun = stage.begin()
    for _ in range(3):
        run(stage.sessions.end_by_token(begun.refresh_token))
    assert [event.kind for event in stage.events] == ["started", "ended"]


class Overtaken(MemorySessions):
    """Somebody logs out between the look at a session and its rotation."""

    logs_out = False

    def rotate(self, rotation: Rotation) -> Session | None:
        if self.logs_out:
            self.end(rotation.session_id, rotation.at, "logout")
        return super().rotate(rotation)


@pytest.mark.parametrize("again", [False, True], ids=["the current token", "the one before, within the grace"])
def test_whoever_is_overtaken_by_a_logout_gets_nothing_and_is_not_accused(
    again: bool, caplog: pytest.LogCaptureFixture
) -> None:
    store = Overtaken()
    stage = Stage(store)
    begun = stage.begin()
    if again:
        stage.refresh(begun.refresh_token)
    store.logs_out = True
    assert stage.refused(begun.refresh_token) == "refresh_refused"
    kept = store.find(begun.session.session_id)
    assert kept is not None
    assert kept.ended_for == "logout"
    assert caplog.messages == []


def test_one_session_that_ends_leaves_the_others_alone() -> None:
    stage = Stage()
    one, other = stage.begin(), stage.begin()
    run(stage.sessions.end_by_token(one.refresh_token))
    assert stage.refused(one.refresh_token) == "refresh_refused"
    assert at_the_resource_server(stage, one.access_token) == "token_revoked"
    assert at_the_resource_server(stage, other.access_token) == "admitted"
    stage.refresh(other.refresh_token)


def test_a_made_up_token_ends_nothing() -> None:
    """The name of a session stands in its access tokens: whoever reads one there cannot log its owner out."""
    stage = Stage()
    begun = stage.begin()
    session_id, secret, tag = begun.refresh_token.split(".")
    foreign = RefreshTokens([b"f" * 32]).first(session_id)
    for text in (
        "",
        "x",
        session_id,
        f"{session_id}.{secret[::-1]}.{tag}",
        f"{session_id}.{secret}.{tag[::-1]}",
        foreign,
        f"{session_id}.{secret}.{tag}\n",
        f"{session_id}.{secret}.{tag}".replace("A", "\u0391") + "\u0661",
    ):
        assert stage.refused(text) == "refresh_refused"
        run(stage.sessions.end_by_token(text))
    stage.refresh(begun.refresh_token)


def test_a_dump_of_the_store_holds_no_token_that_works() -> None:
    store = MemorySessions()
    stage = Stage(store)
    first = stage.begin().refresh_token
    second = stage.refresh(first).refresh_token
    dump = repr([{name: getattr(each, name) for name in Session.__slots__} for each in store._sessions.values()])
    for token in (first, second):
        assert token not in dump
        assert token.split(".")[1] not in dump
        assert digest(token) in dump
    assert SECRET not in dump


def test_a_session_keeps_no_stamp_of_an_account_as_it_is() -> None:
    """It may be a hash of a password, which somebody could try to guess."""
    stage = Stage()
    kept = stage.store.find(stage.begin().session.session_id)
    assert kept is not None
    assert (len(kept.stamp), kept.stamp.count(ANN.stamp)) == (64, 0)


def test_tokens_are_unguessable() -> None:
    tokens = {Stage().begin().refresh_token.split(".")[1] for _ in range(50)}
    assert len(tokens) == 50
    assert all(len(each) == 43 for each in tokens)  # 256 bits
    assert "secret" not in repr(Stage().begin())


def test_a_session_that_nobody_refreshes_expires() -> None:
    stage = Stage(idle_lifetime=timedelta(hours=1), absolute_lifetime=timedelta(hours=3))
    tokens = stage.begin()
    assert (tokens.refresh_expires_in, tokens.session_expires_in) == (3600, 10_800)
    for _ in range(3):
        stage.clock.now += 3599
        tokens = stage.refresh(tokens.refresh_token)
    assert (tokens.refresh_expires_in, tokens.session_expires_in) == (3, 3)
    stage.clock.now += 3
    assert stage.refused(tokens.refresh_token) == "refresh_refused"
    idle = stage.begin()
    stage.clock.now += 3600
    assert stage.refused(idle.refresh_token) == "refresh_refused"


@pytest.mark.parametrize("change", ["disabled", "gone", "password", "somebody else"])
def test_a_session_ends_with_its_account(change: str) -> None:
    stage = Stage()
    begun = stage.begin()
    if change == "disabled":
        stage.people.disabled.add("ann")
    elif change == "gone":
        del stage.people.accounts["ann"]
    elif change == "password":
        stage.people.change("ann", stamp="password 2")
    else:
        stage.people.accounts["ann"] = Account(subject="eve", stamp="password 1")
    assert stage.refused(begun.refresh_token) == "refresh_refused"
    stage.people.disabled.clear()
    stage.people.accounts["ann"] = ANN
    assert stage.refused(begun.refresh_token) == "refresh_refused"
    assert at_the_resource_server(stage, begun.access_token) == "token_revoked"
    expected = "account-changed" if change == "password" else "account-gone"
    assert stage.events[-1].reason == expected


def test_scopes_may_be_fewer_for_one_token_and_come_back() -> None:
    stage = Stage()
    begun = stage.begin(scopes=["read", "write"])
    fewer = stage.refresh(begun.refresh_token, scopes=["read"])
    assert said(fewer.access_token)["scope"] == "read"
    assert said(stage.refresh(fewer.refresh_token).access_token)["scope"] == "read write"


def test_more_than_was_granted_is_refused_and_uses_nothing_up() -> None:
    stage = Stage()
    begun = stage.begin(scopes=["read"], resources=["orders"])
    assert stage.refused(begun.refresh_token, scopes=["read", "write"]) == "scope_refused"
    assert stage.refused(begun.refresh_token, resources=["inventory"]) == "resource_refused"
    assert stage.refused(begun.refresh_token, resources=[]) == "resource_refused"
    continued = stage.refresh(begun.refresh_token, resources=["orders"])
    assert (continued.session.generation, said(continued.access_token)["aud"]) == (2, "orders")
    assert run(stage.sessions.begin(ANN, scopes=["admin"])) == "scope_refused"
    assert run(stage.sessions.begin(ANN, resources=["billing"])) == "resource_refused"


def test_a_token_of_another_client_is_refused_and_untouched() -> None:
    shop = Stage()
    other = Stage(shop.store, client_id="app", clock=shop.clock)
    begun = shop.begin()
    assert other.refused(begun.refresh_token) == "refresh_refused"
    run(other.sessions.end_by_token(begun.refresh_token))
    assert run(other.sessions.living(begun.session.session_id)) is None
    shop.refresh(begun.refresh_token)


def test_a_confidential_client_keeps_its_token() -> None:
    stage = Stage(rotation=False)
    begun = stage.begin()
    for _ in range(3):
        stage.clock.now += 3600
        assert stage.refresh(begun.refresh_token).refresh_token == begun.refresh_token


def test_nothing_is_lost_when_something_is_out_of_reach() -> None:
    stage = Stage()
    begun = stage.begin()
    stage.people.out_of_reach = OSError("the database is away")
    with pytest.raises(AuthUnavailable) as unavailable:
        run(stage.sessions.refresh(begun.refresh_token))
    assert unavailable.value.reason == "sessions_unavailable"
    stage.people.out_of_reach = None
    assert stage.refresh(begun.refresh_token).session.generation == 2


def test_a_session_does_not_end_quietly_while_its_revocation_cannot_be_written() -> None:
    stage = Stage()
    begun = stage.begin()

    def away(revocation: Any) -> None:
        raise OSError("redis is away")

    stage.revocations.revoke, right = away, stage.revocations.revoke  # type: ignore[method-assign]  # a store that fails
    with pytest.raises(AuthUnavailable):
        run(stage.sessions.end_by_token(begun.refresh_token))
    stage.revocations.revoke = right  # type: ignore[method-assign]  # it is back
    run(stage.sessions.end_by_token(begun.refresh_token))
    assert at_the_resource_server(stage, begun.access_token) == "token_revoked"


def test_the_secret_can_be_changed_while_sessions_live() -> None:
    old = Stage()
    begun = old.begin()
    both = Stage(old.store, secret=["n" * 32, SECRET], clock=old.clock)
    continued = both.refresh(begun.refresh_token)
    assert both.refresh(begun.refresh_token).refresh_token == continued.refresh_token
    new = Stage(old.store, secret="n" * 32, clock=old.clock)
    new.refresh(continued.refresh_token)


def test_a_secret_that_changes_within_the_grace_accuses_nobody() -> None:
    old = Stage()
    begun = old.begin()
    continued = old.refresh(begun.refresh_token)
    new = Stage(old.store, secret=["n" * 32, "m" * 32], clock=old.clock)
    assert new.refused(begun.refresh_token) == "refresh_refused"
    both = Stage(old.store, secret=["n" * 32, SECRET], clock=old.clock)
    assert both.refresh(begun.refresh_token).refresh_token == continued.refresh_token  # made with the old secret
    both.refresh(continued.refresh_token)


def test_a_server_that_lacks_the_new_secret_accuses_nobody(caplog: pytest.LogCaptureFixture) -> None:
    old = Stage()
    begun = old.begin()
    both = Stage(old.store, secret=["n" * 32, SECRET], clock=old.clock)
    continued = both.refresh(begun.refresh_token)
    assert old.refused(begun.refresh_token) == "refresh_refused"
    assert caplog.messages == []
    both.refresh(continued.refresh_token)


@pytest.mark.parametrize("finish", FINISH, ids=["run", "awaited"])
def test_log_out_everywhere_ends_every_session_of_one_subject(finish: Any) -> None:
    stage = Stage()
    anns, bobs = [stage.begin() for _ in range(3)], stage.begin(Account(subject="bob"))
    assert len(finish(stage.sessions.of_subject("ann"))) == 3
    assert finish(stage.sessions.end_all("ann")) == 3
    assert finish(stage.sessions.end_all("ann")) == 0
    assert {stage.refused(each.refresh_token) for each in anns} == {"refresh_refused"}
    stage.refresh(bobs.refresh_token)


def test_sessions_that_expired_are_neither_shown_nor_ended_once_more() -> None:
    stage = Stage()
    stage.begin()
    stage.clock.now += 10 * 86_400
    alive = stage.begin()
    stage.clock.now += 5 * 86_400
    assert [each.session_id for each in run(stage.sessions.of_subject("ann"))] == [alive.session.session_id]
    assert run(stage.sessions.end_all("ann")) == 1


def test_who_holds_a_token_is_found_without_using_it_up() -> None:
    stage = Stage()
    first = stage.begin().refresh_token
    second = stage.refresh(first).refresh_token
    for token in (first, second):
        holder = run(stage.sessions.holder_of(token))
        assert holder is not None and holder.subject == "ann"
    stage.clock.now += 11
    assert run(stage.sessions.holder_of(first)) is None
    assert run(stage.sessions.holder_of("x")) is None
    stage.refresh(second)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"secret": "short"}, "at least 32 bytes"),
        ({"secret": []}, "at least 32 bytes"),
        ({"client_id": ""}, "never empty"),
        ({"audience": []}, "never empty"),
        ({"grace": 61}, "grace is 61"),
        ({"grace": -1}, "grace is -1"),
        ({"idle_lifetime": 0}, "idle_lifetime is 0"),
        ({"absolute_lifetime": True}, "absolute_lifetime is True"),
    ],
)
def test_wrong_settings_are_refused_when_it_is_built(given: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        Stage(**given)


def test_sessions_show_nothing_secret() -> None:
    stage = Stage()
    begun = stage.begin()
    assert repr(stage.sessions) == f"<Sessions of 'shop' at {ISSUER!r}>"
    shown = repr(begun) + repr(stage.events) + json.dumps([begun.session.session_id])
    assert begun.refresh_token not in shown
    assert digest(begun.refresh_token) not in shown


def test_fifty_tasks_of_one_loop_get_one_successor() -> None:
    stage = Stage()
    token = stage.begin().refresh_token

    async def many() -> set[str]:
        found = await asyncio.gather(*(stage.sessions.refresh(token) for _ in range(50)))
        return {each.refresh_token if isinstance(each, Tokens) else each for each in found}

    assert len(asyncio.run(many())) == 1
