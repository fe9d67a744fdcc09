"""What an application adds to decisions, through ``run`` and awaited. What doors make of it: tests/contract."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from jwt_middleware import (
    AuthUnavailable,
    ConfigurationError,
    Decision,
    Forbidden,
    Guard,
    Principal,
    RequestInfo,
    TrustedIssuer,
)
from jwt_middleware.access.hooks import Enrich, enriched, tell_refused
from jwt_middleware.access.marks import Mark
from jwt_middleware.access.refusal_body import body_of, problem_json
from jwt_middleware.errors import MissingToken
from jwt_middleware.key_sources.static import static
from jwt_middleware.waiting import run
from tests.tokens import AUDIENCE, ISSUER, jwks, mint

ALICE = Principal(
    subject="alice",
    issuer=ISSUER,
    client_id="web",
    scopes=("a", "b"),
    incomplete=frozenset({"roles"}),
    claims={"sub": "alice"},
)
REFUSED = Decision(admitted=False, reason="token_missing")


async def _clerk(principal: Principal) -> Principal:
    return replace(principal, roles=("clerk",))


def test_a_plain_enrich_is_called_through_run_and_awaited() -> None:
    changes = {"roles": ("clerk",), "groups": ("g",), "permissions": ("p",), "incomplete": frozenset[str]()}
    enrich: Enrich = lambda principal: replace(principal, tenant="acme", scopes=("a",), **changes)  # type: ignore[arg-type]  # noqa: E731  # a name for one line
    for found in (run(enriched(ALICE, enrich)), asyncio.run(enriched(ALICE, enrich))):
        assert (found.subject, found.roles, found.tenant, found.scopes) == ("alice", ("clerk",), "acme", ("a",))


def test_an_async_enrich_is_awaited_and_is_a_mistake_where_nothing_can_wait() -> None:
    assert asyncio.run(enriched(ALICE, _clerk)).roles == ("clerk",)
    with pytest.raises(ConfigurationError, match="plain function"):
        run(enriched(ALICE, _clerk))


def test_what_is_awaitable_and_no_coroutine_is_a_mistake_as_well() -> None:
    class Later:
        def __await__(self) -> Any:
            return iter(())

    with pytest.raises(ConfigurationError, match="plain function"):
        run(enriched(ALICE, lambda principal: Later()))


@pytest.mark.parametrize(
    "change",
    [
        {"subject": "bob"},
        {"issuer": "https://other.example"},
        {"client_id": "other"},
        {"kind": "machine"},
        {"session_id": "1"},
        {"token_id": "1"},
        {"expires_at": 1e12},
        {"claims": {"sub": "alice"}},
        {"actor": {"sub": "bob"}},
        {"scopes": ("a", "b", "c")},
        {"scopes": ["a"]},
        {"roles": ["clerk"]},
        {"groups": (1,)},
        {"permissions": "p"},
        {"incomplete": {"roles"}},
        {"tenant": 1},
    ],
    ids=lambda change: next(iter(change)),
)
def test_what_only_the_token_may_say_and_what_could_be_changed_later_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(AuthUnavailable) as refused:
        run(enriched(ALICE, lambda principal: replace(principal, **change)))
    assert refused.value.reason == "hooks_unavailable"
    assert isinstance(refused.value.__cause__, ValueError)


def test_a_tenant_that_the_token_names_stays() -> None:
    there = replace(ALICE, tenant="acme")
    with pytest.raises(AuthUnavailable):
        run(enriched(there, lambda principal: replace(principal, tenant="other")))


def test_scopes_that_are_not_known_stay_unknown() -> None:
    with pytest.raises(AuthUnavailable):
        run(
            enriched(
                replace(ALICE, incomplete=frozenset({"scopes"})), lambda each: replace(each, incomplete=frozenset())
            )
        )


def test_a_request_that_is_cancelled_meanwhile_is_not_let_in() -> None:
    async def waits(principal: Principal) -> Principal:
        await asyncio.Event().wait()
        return principal

    async def cancelled() -> None:
        task = asyncio.create_task(enriched(ALICE, waits))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancelled())


def _fails(*_: object) -> Any:
    raise RuntimeError("hunter2")


def test_what_a_hook_says_when_it_fails_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "jwt_middleware")
    tell_refused(_fails, REFUSED, None)
    assert body_of(MissingToken(), {}, _fails) == problem_json(MissingToken(), {})
    lines = [record.getMessage() for record in caplog.records]
    assert lines == ["on_refused failed: RuntimeError", "refusal_body failed: RuntimeError"]
    assert {record.levelno for record in caplog.records} == {logging.ERROR}


async def _async_hook(*_: object) -> None:
    """Where a plain function is wanted."""


class _Measuring:
    def decided(self, decision: Decision) -> None: ...

    def attached(self, keys: Any, lag: Any) -> None: ...

    def recalled(self, principal: Principal) -> None: ...

    def remembered(self, seconds: float) -> None: ...

    def step(self, what: str, issuer: str = "") -> Any: ...


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"on_admitted": _async_hook}, "on_admitted=...): takes a plain function"),
        ({"on_refused": _async_hook}, "on_refused=...): takes a plain function"),
        ({"on_refused": "print"}, "on_refused=...): takes a plain function"),
        ({"enrich": "roles"}, "enrich=...): takes a function"),
        ({"observers": [_Measuring(), _Measuring()]}, "two of them measure"),
    ],
)
def test_wrong_hooks_are_found_when_the_guard_is_built(arguments: dict[str, Any], words: str) -> None:
    trusted = TrustedIssuer(ISSUER, audience=AUDIENCE, keys=static(jwks=jwks("ec")))
    with pytest.raises(ConfigurationError) as mistake:
        Guard(trusted, **arguments)
    assert words in str(mistake.value)


def test_a_refusal_that_a_hook_raises_again_and_again_is_told_each_time() -> None:
    refusal = Forbidden("user_refused")
    refusal.told = True
    hook: Callable[[Principal], Principal] = lambda principal: (_ for _ in ()).throw(refusal)  # noqa: E731  # a name for one line
    with pytest.raises(Forbidden):
        run(enriched(ALICE, hook))
    assert not refusal.told


def _refuses(principal: Principal, request: RequestInfo) -> None:
    raise Forbidden("user_refused")


@pytest.mark.parametrize(
    ("on_admitted", "reason"),
    [
        (lambda principal, request: None, ""),
        (_refuses, "user_refused"),
        (_fails, "hooks_unavailable"),
        (lambda principal, request: False, "hooks_unavailable"),
        (lambda principal, request: _async_hook(), "hooks_unavailable"),
    ],
    ids=["agrees", "refuses", "fails", "answers", "is async"],
)
def test_on_admitted_lets_in_only_by_answering_nothing(on_admitted: Any, reason: str) -> None:
    trusted = TrustedIssuer(ISSUER, audience=AUDIENCE, keys=static(jwks=jwks("ec")))
    token = mint()
    told: list[str] = []
    guard = Guard(
        trusted,
        on_admitted=on_admitted,
        on_refused=lambda decision, request: told.append(decision.reason),
        observers=[],
    )
    request = RequestInfo(header=lambda name: [f"Bearer {token}"] if name == "authorization" else [])
    for _ in range(2):
        assert guard.recall(f"Bearer {token}".encode()) is None
        final = guard.conclude(run(guard.admit(request)))
        assert (final.refusal.reason if final.refusal else "") == reason
        assert final.principal.is_authenticated is not bool(reason)
        assert guard.conclude(final, lambda: Mark.UNGUARDED).refusal is final.refusal  # it is concluded
    assert told == [reason] * 2 * bool(reason)
