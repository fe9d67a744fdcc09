"""Metrics and spans: what is counted, timed and named, in both worlds; and what never becomes a label."""

import asyncio
import subprocess
import sys
from typing import Any

import pytest
from opentelemetry.trace import StatusCode

from jwt_middleware import ConfigurationError, Decision, Guard, Principal, TrustedIssuer, scope
from jwt_middleware.access.marks import Mark
from jwt_middleware.asgi import JWTMiddleware
from jwt_middleware.errors import REASONS, AuthError
from jwt_middleware.key_sources.static import static
from jwt_middleware.observers.log import LogObserver
from jwt_middleware.observers.opentelemetry import OpenTelemetryObserver, trace_id
from jwt_middleware.observers.opentelemetry.error_type import error_type
from jwt_middleware.revocation_stores.memory import memory
from tests.leaks import LEAKS
from tests.tokens import AUDIENCE, ISSUER, jwks, mint

from .scene import DOWN, KEY, Asked, every_outcome, recorded, scene

DECISIONS = "jwt_middleware.decisions"
VERIFICATION = "jwt_middleware.verification.duration"
both = pytest.mark.parametrize("awaited", [False, True], ids=["sync", "async"])


def counted(there: Any) -> dict[str, int]:
    return {point["jwt_middleware.reason"]: value for point, value in there.points(DECISIONS)}


@both
def test_decisions_are_counted_by_outcome_and_reason(awaited: bool) -> None:
    with recorded() as there:
        every_outcome(there.observer(), awaited=awaited)
        assert counted(there) == {
            "admitted": 3,  # two of them recalled
            "public": 1,
            "token_missing": 2,
            "token_expired": 1,
            "keys_unavailable": 1,
            "requirement_not_met": 1,
        }
        assert {point["jwt_middleware.outcome"] for point, _ in there.points(DECISIONS)} == {"admitted", "refused"}


@both
def test_new_and_recalled_tokens_are_timed_apart(awaited: bool) -> None:
    with recorded() as there:
        every_outcome(there.observer(), awaited=awaited)
        assert there.one(VERIFICATION, jwt_middleware__cache="hit") == 2
        assert there.one(VERIFICATION, jwt_middleware__cache="miss") == 1
        assert there.one(VERIFICATION, jwt_middleware__cache="miss", error__type="token_expired") == 1
        assert there.one(VERIFICATION, jwt_middleware__cache="miss", error__type="keys_unavailable") == 1


@both
def test_fetches_of_keys_are_timed_by_issuer_and_outcome(awaited: bool) -> None:
    with recorded() as there:
        every_outcome(there.observer(), awaited=awaited)
        name = "jwt_middleware.key.fetch.duration"
        assert there.one(name, jwt_middleware__issuer=ISSUER) == 1
        assert there.one(name, jwt_middleware__issuer=DOWN, error__type="ConnectionError") == 1


def test_age_and_usability_of_keys_are_looked_at_when_somebody_collects() -> None:
    now = [100.0]
    with recorded() as there:
        one = scene(there.observer(), monotonic=lambda: now[0])
        assert there.points("jwt_middleware.key.age") == []
        usable = {point["jwt_middleware.issuer"]: value for point, value in there.points("jwt_middleware.key.usable")}
        assert usable == {ISSUER: 0, DOWN: 0}
        one.ask(f"Bearer {mint()}")
        now[0] += 7
        assert there.one("jwt_middleware.key.age", jwt_middleware__issuer=ISSUER) == 7
        assert there.one("jwt_middleware.key.usable", jwt_middleware__issuer=ISSUER) == 1
        assert there.one("jwt_middleware.key.usable", jwt_middleware__issuer=DOWN) == 0


def test_of_two_guards_with_one_issuer_the_worse_counts() -> None:
    now = [100.0]
    with recorded() as there:
        observer = there.observer()
        one, other = scene(observer, monotonic=lambda: now[0]), scene(observer, monotonic=lambda: now[0])
        one.ask(f"Bearer {mint()}")
        assert there.one("jwt_middleware.key.usable", jwt_middleware__issuer=ISSUER) == 0
        now[0] += 7
        other.ask(f"Bearer {mint()}")
        assert there.one("jwt_middleware.key.usable", jwt_middleware__issuer=ISSUER) == 1
        assert there.one("jwt_middleware.key.age", jwt_middleware__issuer=ISSUER) == 7


class Behind(Asked):
    """A store whose copy is as old as is said."""

    lag: float | None = None


def test_revocation_lag_is_what_the_store_says() -> None:
    store = Behind()
    with recorded() as there:
        scene(there.observer(), revocations=store)
        assert there.points("jwt_middleware.revocation.lag") == []
        store.lag = 3.5
        assert there.one("jwt_middleware.revocation.lag") == 3.5
    assert memory().lag == 0.0


@both
def test_looks_at_the_revocations_are_timed_by_outcome(awaited: bool) -> None:
    store = Asked()
    with recorded() as there:
        one = scene(there.observer(), awaited=awaited, revocations=store)
        assert one.ask(f"Bearer {mint()}") is not None
        assert one.ask(f"Bearer {mint(jti='revoked')}") is None
        store.fails = True
        assert one.ask(f"Bearer {mint()}") is None
        name = "jwt_middleware.revocation.look_up.duration"
        assert there.one(name) == 2
        assert there.one(name, error__type="ConnectionError") == 1
        assert counted(there) == {"admitted": 1, "token_revoked": 1, "revocations_unavailable": 1}


@both
def test_what_waits_has_a_span_and_what_is_recalled_has_none(awaited: bool) -> None:
    with recorded() as there:
        one = scene(there.observer(), awaited=awaited, revocations=memory())
        token = f"Bearer {mint()}"
        one.ask(token)
        names = sorted(span.name for span in there.spans)
        assert names == ["jwt_middleware.admission", "jwt_middleware.key_fetch", "jwt_middleware.revocation_look_up"]
        look_up = next(span for span in there.spans if span.name == "jwt_middleware.revocation_look_up")
        admission = next(span for span in there.spans if span.name == "jwt_middleware.admission")
        assert look_up.parent is not None and admission.context is not None
        assert look_up.parent.span_id == admission.context.span_id
        one.ask(token)
        assert len(there.spans) == 3


@both
def test_only_what_cannot_be_decided_is_an_error_and_no_span_quotes_an_exception(awaited: bool) -> None:
    with recorded() as there:
        every_outcome(there.observer(user_id_key=KEY), awaited=awaited)
        failed = {
            span.attributes["error.type"]: span.status
            for span in there.spans
            if span.attributes and "error.type" in span.attributes
        }
        assert {str(kind) for kind in failed} == {
            "token_missing",
            "token_expired",
            "keys_unavailable",
            "ConnectionError",
        }
        for kind, status in failed.items():
            broken = kind in ("keys_unavailable", "ConnectionError")
            assert status.status_code is (StatusCode.ERROR if broken else StatusCode.UNSET)
            assert status.description is None
        assert all(span.events == () for span in there.spans)


def test_nothing_that_a_caller_chooses_becomes_a_label() -> None:
    with recorded() as there:
        one = scene(there.observer())
        for number in range(50):
            one.ask(f"Bearer {mint(iss=f'https://{number}.example')}")
            one.ask(f"Bearer {mint(headers={'kid': f'key-{number}'})}")
            one.ask(f"Bearer {mint(sub=f'caller-{number}', tenant=f'{number}')}")
            one.ask(f"{number} {number}")
        assert sum(counted(there).values()) == 200
        assert set(counted(there)) <= {"admitted", *REASONS}
        assert len(there.points(VERIFICATION)) <= 4
        said = repr([there.points(name) for name in (DECISIONS, VERIFICATION, "jwt_middleware.key.fetch.duration")])
        assert not [each for each in ("//4", "caller-", "key-4") if each in said]


def test_issuers_that_are_resolved_at_run_time_share_one_label() -> None:
    def resolver(issuer: str) -> TrustedIssuer:
        return TrustedIssuer(issuer, audience=AUDIENCE, keys=static(jwks=jwks("ec")))

    with recorded() as there:
        guard = Guard(resolver=resolver, realm="orders", observers=[there.observer()])
        one = scene(there.observer())
        one.guard = guard
        for number in range(3):
            assert one.ask(f"Bearer {mint(iss=f'https://{number}.example')}") is not None
        assert there.one("jwt_middleware.key.fetch.duration", jwt_middleware__issuer="_OTHER") == 3


def test_a_reason_that_an_application_has_made_up_is_other() -> None:
    with recorded() as there:
        there.observer().decided(Decision(admitted=False, reason="made up 4711"))
        assert counted(there) == {"_OTHER": 1}
    refusal = AuthError("token_missing")
    refusal.reason = "made up 4711"
    assert error_type(refusal) == "_OTHER"


def test_user_id_is_said_only_where_it_was_asked_for_and_shows_nobody() -> None:
    with recorded() as there:
        tracer = there.tracers.get_tracer("application")
        silent, telling = scene(there.observer()), scene(there.observer(user_id_key=KEY))
        token = f"Bearer {mint(sub='alice@example.com')}"
        for one in (silent, telling, telling):  # the last one is recalled
            with tracer.start_as_current_span("request"):
                one.ask(token)
        with tracer.start_as_current_span("request"):
            telling.ask(None, Mark.PUBLIC)
        ids = [dict(span.attributes or {}).get("user.id") for span in there.spans if span.name == "request"]
        assert ids[0] is ids[3] is None
        assert ids[1] == ids[2] and isinstance(ids[1], str) and len(ids[1]) == 32
        assert "alice" not in repr([dict(span.attributes or {}) for span in there.spans])
        other = scene(there.observer(user_id_key=b"o" * 32))
        with tracer.start_as_current_span("request"):
            other.ask(token)
        assert dict(there.spans[-1].attributes or {})["user.id"] != ids[1]


@pytest.mark.parametrize("key", [b"short", "t" * 40])
def test_a_weak_key_is_a_mistake_that_is_not_shown(key: Any) -> None:
    with pytest.raises(ConfigurationError, match="32 secret bytes") as mistake:
        OpenTelemetryObserver(user_id_key=key)
    assert "ttt" not in str(mistake.value)


def test_no_name_of_the_conventions_is_a_deprecated_one() -> None:
    with recorded() as there:
        every_outcome(there.observer(user_id_key=KEY))
        used = {key for span in there.spans for key in (span.attributes or {})}
        used |= {key for name in (DECISIONS, VERIFICATION) for point, _ in there.points(name) for key in point}
    assert {each for each in used if not each.startswith("jwt_middleware.")} <= {"error.type", "user.id"}


def test_the_current_trace_is_named_for_the_audit_log() -> None:
    assert trace_id() == ""
    with recorded() as there, there.tracers.get_tracer("application").start_as_current_span("request") as span:
        assert trace_id() == f"{span.get_span_context().trace_id:032x}"


def test_tokens_are_still_recalled_and_with_an_observer_of_admissions_they_are_not_counted_twice() -> None:
    with recorded() as there:
        observer = there.observer()
        one = scene(observer)
        trusted = TrustedIssuer(ISSUER, audience=AUDIENCE, keys=static(jwks=jwks("ec")))
        every = Guard(trusted, observers=[observer, LogObserver(admissions=True)])
        token = f"Bearer {mint()}"
        one.ask(token)
        assert one.guard.recall(token.encode()) is not None
        one.guard = every
        one.ask(token)
        assert every.recall(token.encode()) is None
        one.ask(token)
        assert counted(there) == {"admitted": 4}
        assert there.one(VERIFICATION, jwt_middleware__cache="hit") == 2


def test_without_an_sdk_it_measures_nothing_and_everything_works() -> None:
    code = """
import sys
from tests.tokens import mint
from jwt_middleware import Guard, RequestInfo, TrustedIssuer
from jwt_middleware.key_sources.static import static
from jwt_middleware.observers.opentelemetry import OpenTelemetryObserver, trace_id
from jwt_middleware.waiting import run
from tests.tokens import jwks, ISSUER, AUDIENCE
guard = Guard(TrustedIssuer(ISSUER, audience=AUDIENCE, keys=static(jwks=jwks("ec"))), observers=[OpenTelemetryObserver(user_id_key=b"k" * 32)])
token = f"Bearer {mint()}"
request = RequestInfo(header=lambda name: [token] if name == "authorization" else [])
print(guard.conclude(run(guard.admit(request))).principal.subject, guard.recall(token.encode()).subject, trace_id() == "")
assert not any(name.startswith("opentelemetry.sdk") for name in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.returncode) == ("alice alice True\n", 0), done.stderr


def test_a_door_is_measured_like_everybody_who_asks() -> None:
    async def answer(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    with recorded() as there:
        guard = Guard(
            TrustedIssuer(ISSUER, audience=AUDIENCE, keys=static(jwks=jwks("ec"))), observers=[there.observer()]
        )
        app = JWTMiddleware(answer, guard=guard, public_paths=["/health"])
        statuses = []

        async def ask(path: str, *headers: tuple[bytes, bytes]) -> None:
            async def send(message: Any) -> None:
                statuses.append(message.get("status", 0))

            async def receive() -> Any:
                return {"type": "http.request", "body": b""}

            await app({"type": "http", "method": "GET", "path": path, "headers": headers}, receive, send)

        async def everything() -> None:
            bearer = (b"authorization", f"Bearer {mint()}".encode())
            for path, *headers in (("/", bearer), ("/", bearer), ("/",), ("/health",)):
                await ask(path, *headers)

        asyncio.run(everything())
        assert [each for each in statuses if each] == [200, 200, 401, 200]
        assert counted(there) == {"admitted": 2, "token_missing": 1, "public": 1}


def test_a_refusal_inside_the_application_is_counted() -> None:
    caller = Principal(subject="alice", issuer=ISSUER)
    with recorded() as there:
        one = scene(there.observer())
        with pytest.raises(AuthError):
            one.guard.demand(caller, scope("a"), {})
        assert counted(there) == {"requirement_not_met": 1}


@pytest.mark.parametrize("where", ["a span", "the metrics"])
def test_whatever_is_recorded_here_is_searched_for_tokens(where: str) -> None:
    with recorded() as there:
        if where == "a span":
            there.tracers.get_tracer("application").start_span("request", attributes={"planted": mint()}).end()
        else:
            there.meters.get_meter("application").create_counter("planted").add(1, {"planted": mint()})
    (seen,) = LEAKS.taken()
    assert seen.startswith(f"{where} shows a token")


def test_the_key_of_user_ids_is_in_no_repr() -> None:
    observer = OpenTelemetryObserver(user_id_key=b"the key of the names of callers!")
    assert "the key" not in repr([observer, observer._spans, observer._spans._user_id])
