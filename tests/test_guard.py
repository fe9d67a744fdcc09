"""The guard: declarations in, decisions out."""

import asyncio
import base64
import logging
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import jwt
import pytest

from jwt_middleware import (
    ANONYMOUS,
    AuthUnavailable,
    ClaimMapping,
    Claims,
    ConfigurationError,
    Decision,
    Forbidden,
    Freshness,
    Guard,
    InvalidToken,
    KeyState,
    MissingToken,
    Principal,
    RequestInfo,
    TrustedIssuer,
    authorization_header,
    role,
    scope,
    token_in_cookie,
    token_in_header,
    token_in_query_that_leaks_into_logs,
)
from jwt_middleware.access.admission import Admission
from jwt_middleware.access.marks import Mark
from jwt_middleware.access.token_location import TokenLocation
from jwt_middleware.key_sources.static import static
from jwt_middleware.keys.key import secret_key
from jwt_middleware.keys.key_set import KeySet
from jwt_middleware.revocation_stores.memory import memory
from jwt_middleware.waiting import run
from tests.threads import threads_end

NOW = 1_800_000_000.0
ISSUER = "https://issuer.example"
SECRET = "0123456789abcdef" * 4
Finish = Callable[[Any], Any]


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


class Told:
    """An observer that remembers."""

    def __init__(self) -> None:
        self.decisions: list[Decision] = []

    def decided(self, decision: Decision) -> None:
        self.decisions.append(decision)


class Asked:
    """A revocation store that must be asked on every request."""

    def is_revoked(self, claims: Claims) -> bool:
        return False

    async def ais_revoked(self, claims: Claims) -> bool:
        return False


def trusted(**arguments: Any) -> TrustedIssuer:
    return TrustedIssuer(**{"issuer": ISSUER, "audience": "orders", "keys": static(secret=SECRET), **arguments})


def mint(**changes: Any) -> str:
    claims = {"iss": ISSUER, "aud": "orders", "sub": "alice", "exp": NOW + 300, "scope": "a b", **changes}
    return jwt.encode({name: value for name, value in claims.items() if value is not None}, SECRET, "HS256")


def request(*headers: tuple[str, str], method: str = "GET", path: str = "/orders") -> RequestInfo:
    def header(name: str) -> Sequence[str]:
        return [value for each, value in headers if each == name]

    return RequestInfo(method=method, path=path, header=header)


def bearing(token: str) -> RequestInfo:
    return request(("authorization", f"Bearer {token}"))


def remote(name: str, snapshot: str | Path) -> TrustedIssuer:
    return TrustedIssuer(f"https://{name}.invalid", audience="orders", snapshot=snapshot)


@pytest.fixture(params=[run, asyncio.run], ids=["run", "awaited"])
def finish(request: pytest.FixtureRequest) -> Finish:
    found: Finish = request.param
    return found


def unmarked() -> None:
    return None


def test_a_good_token_is_admitted(finish: Finish) -> None:
    told = Told()
    guard = Guard(trusted(), observers=[told], clock=lambda: NOW)
    admission: Admission = guard.conclude(finish(guard.admit(bearing(mint()))), unmarked)
    assert admission.refusal is None
    assert admission.principal.subject == "alice"
    assert admission.principal.scopes == ("a", "b")
    assert admission.location is authorization_header
    (decision,) = told.decisions
    assert decision.admitted and decision.reason == "admitted"
    assert (decision.subject, decision.issuer) == ("alice", ISSUER)
    assert [check.name for check in decision.checks] == ["token present", "token genuine", "caller named"]


def test_the_mark_of_a_route_is_asked_only_for_what_would_be_refused(finish: Finish) -> None:
    guard = Guard(trusted(), clock=lambda: NOW)

    def never() -> Mark:
        raise AssertionError("a good token needs no mark")

    assert guard.conclude(finish(guard.admit(bearing(mint()))), never).principal.subject == "alice"


@pytest.mark.parametrize(
    ("headers", "mark", "reason"),
    [
        ([], None, "token_missing"),
        ([], Mark.PUBLIC, None),
        ([], Mark.UNGUARDED, None),
        ([("authorization", "Basic abc")], Mark.PUBLIC, None),
        ([("authorization", "Bearer x.y.z")], Mark.PUBLIC, "token_malformed"),
        ([("authorization", "Bearer x.y.z")], Mark.UNGUARDED, None),
        ([("authorization", "Bearer")], Mark.PUBLIC, "header_malformed"),
        ([("authorization", "Bearer")], Mark.UNGUARDED, None),
        ([("authorization", "Bearer a"), ("authorization", "Bearer a")], Mark.PUBLIC, "several_tokens"),
    ],
)
def test_a_mark_gives_what_it_says_and_no_more(
    finish: Finish, headers: list[tuple[str, str]], mark: Mark | None, reason: str | None
) -> None:
    told = Told()
    guard = Guard(trusted(), observers=[told])
    admission = guard.conclude(finish(guard.admit(request(*headers))), lambda: mark)
    assert admission.principal is ANONYMOUS
    assert (admission.refusal.reason if admission.refusal else None) == reason
    (decision,) = told.decisions
    assert decision.admitted is (reason is None)
    assert decision.reason == (reason or (mark.value if mark else ""))


def test_a_preflight_passes_without_a_token_and_only_then(finish: Finish) -> None:
    guard = Guard(trusted())
    preflight = [("origin", "https://app.example"), ("access-control-request-method", "POST")]
    passed = guard.conclude(finish(guard.admit(request(*preflight, method="OPTIONS"))), unmarked)
    assert passed.refusal is None and passed.decision.reason == "preflight" and passed.principal is ANONYMOUS
    for asked in (request(method="OPTIONS"), request(*preflight, ("authorization", "Bearer x"), method="OPTIONS")):
        assert guard.conclude(finish(guard.admit(asked)), unmarked).refusal is not None


def test_an_outage_stays_an_outage_on_a_public_route(finish: Finish) -> None:
    class Down:
        symmetric = False

        def fetch(self) -> Any:
            raise OSError

        async def afetch(self) -> Any:
            raise OSError

    guard = Guard(TrustedIssuer(ISSUER, audience="orders", keys=Down(), algorithms=["RS256"]), clock=lambda: NOW)
    head, body = base64.urlsafe_b64encode(b'{"alg":"RS256"}').rstrip(b"=").decode(), mint().split(".")[1]
    admission = guard.conclude(finish(guard.admit(bearing(f"{head}.{body}.AAAA"))), lambda: Mark.PUBLIC)
    assert isinstance(admission.refusal, AuthUnavailable)
    assert guard.challenge(admission.refusal).status == 503


def test_only_the_header_counts_where_header_and_cookie_are_sent(finish: Finish) -> None:
    places: list[TokenLocation] = [authorization_header, token_in_cookie("access", secret=SECRET)]
    guard = Guard(trusted(), token_from=places, clock=lambda: NOW)
    cookie = ("cookie", f"access={mint()}")
    assert finish(guard.admit(request(cookie))).principal.subject == "alice"
    assert finish(guard.admit(request(cookie))).location is places[1]
    for header in ("Bearer x.y.z", "Basic abc", ""):
        assert finish(guard.admit(request(cookie, ("authorization", header)))).refusal is not None


def test_what_was_recalled_in_vain_is_not_looked_for_again_where_recall_can_find_anything(finish: Finish) -> None:
    token = mint()
    value = f"Bearer {token}".encode()
    for observers, looked_for in (((), False), ((Told(),), True)):
        guard = Guard(trusted(), observers=observers, clock=Clock())
        first, again = (finish(guard.admit(bearing(token), value)).principal for _ in range(2))
        assert (again is first) is looked_for


def test_a_known_token_is_recalled_and_a_clock_that_moves_ends_it(finish: Finish) -> None:
    clock = Clock()
    guard = Guard(trusted(), clock=clock)
    token = mint(exp=NOW + 10)
    value = f"Bearer {token}".encode()
    assert guard.recall(value) is None
    principal = finish(guard.admit(bearing(token))).principal
    assert guard.recall(value) is principal
    assert finish(guard.admit(bearing(token))).principal is principal
    assert finish(guard.admit(bearing(token), b"Bearer another")).principal is principal
    assert guard.recall(b"bearer " + token.encode()) is None
    assert guard.recall(value[:-1]) is None
    clock.now += 39.9
    assert guard.recall(value) is principal
    clock.now += 0.2
    assert guard.recall(value) is None
    assert finish(guard.admit(bearing(token))).refusal.reason == "token_expired"


def test_refusals_are_never_recalled(finish: Finish) -> None:
    guard = Guard(trusted(), clock=lambda: NOW)
    token = mint(exp=NOW - 300)
    finish(guard.admit(bearing(token)))
    assert guard.recall(f"Bearer {token}".encode()) is None


def test_nothing_is_recalled_where_every_request_must_be_seen(finish: Finish) -> None:
    value = f"Bearer {mint()}".encode()
    other_place = token_in_header("X-Token")
    for guard in (
        Guard(trusted(), clock=lambda: NOW, revocations=Asked()),
        Guard(trusted(), clock=lambda: NOW, observers=[Told()]),
        Guard(trusted(), clock=lambda: NOW, token_from=[other_place]),
        Guard(trusted(), clock=lambda: NOW, token_from=[other_place, token_in_header("X-Other")]),
    ):
        finish(guard.admit(request(("authorization", value.decode()), ("x-token", mint()))))
        assert guard.recall(value) is None


@pytest.mark.parametrize(
    "revoke",
    [
        lambda store: store.revoke_token(ISSUER, "t1", until=NOW + 400),
        lambda store: store.revoke_session(ISSUER, "s1", until=NOW + 400),
        lambda store: store.revoke_subject(ISSUER, "alice", before=NOW + 1, until=NOW + 400),
        lambda store: store.revoke_client(ISSUER, "c1", until=NOW + 400),
    ],
    ids=["token", "session", "subject", "client"],
)
def test_what_is_remembered_of_a_token_ends_when_it_is_revoked(finish: Finish, revoke: Callable[[Any], None]) -> None:
    store = memory(clock=lambda: NOW)
    guard = Guard(trusted(), clock=lambda: NOW, revocations=store)
    token = mint(jti="t1", sid="s1", client_id="c1", iat=NOW)
    value = f"Bearer {token}".encode()
    assert finish(guard.admit(bearing(token))).refusal is None
    assert guard.recall(value) is not None
    store.revoke_token(ISSUER, "another", until=NOW + 400)
    assert guard.recall(value) is not None
    revoke(store)
    assert guard.recall(value) is None
    assert finish(guard.admit(bearing(token))).refusal.reason == "token_revoked"


def test_a_caller_without_a_name_is_refused(finish: Finish) -> None:
    guard = Guard(trusted(), clock=lambda: NOW)
    assert finish(guard.admit(bearing(mint(sub=None)))).refusal.reason == "claim_missing"
    machine = finish(guard.admit(bearing(mint(sub=None, client_id="c1")))).principal
    assert (machine.subject, machine.kind, machine.client_id) == ("client:c1", "machine", "c1")
    assert finish(guard.admit(bearing(mint(sub="c1", client_id="c1")))).principal.kind == "machine"
    assert finish(guard.admit(bearing(mint(client_id="c1")))).principal.kind == "user"


def test_the_mapping_of_the_issuer_names_the_caller(finish: Finish) -> None:
    mapping = ClaimMapping(
        roles=("realm_access", "roles"), tenant="tenant", permissions=lambda claims: ["x"], actor=lambda claims: None
    )
    guard = Guard(trusted(mapping=mapping), clock=lambda: NOW)
    token = mint(realm_access={"roles": ["clerk"]}, tenant="acme", groups="one", sid="s1", jti="t1", act={"sub": "x"})
    principal = finish(guard.admit(bearing(token))).principal
    assert principal.roles == ("clerk",)
    assert principal.groups == ("one",)
    assert principal.permissions == ("x",)
    assert (principal.tenant, principal.session_id, principal.token_id) == ("acme", "s1", "t1")
    assert principal.actor is None
    assert principal.expires_at == NOW + 300
    assert principal.incomplete == frozenset()
    plain = finish(Guard(trusted(), clock=lambda: NOW).admit(bearing(token))).principal
    assert plain.actor == {"sub": "x"}
    assert plain.incomplete == {"roles", "permissions"}


def test_a_mapping_that_stumbles_refuses_the_token_and_breaks_nothing(finish: Finish) -> None:
    told = Told()
    mapping = ClaimMapping(roles=lambda claims: claims["absent"])
    guard = Guard(trusted(mapping=mapping), clock=lambda: NOW, observers=[told])
    admission = guard.conclude(finish(guard.admit(bearing(mint()))), unmarked)
    assert admission.refusal is not None and admission.refusal.reason == "claim_malformed"
    assert told.decisions[0].cause == "KeyError"
    assert told.decisions[0].failed == "caller named"


def test_demand_refuses_and_tells(finish: Finish) -> None:
    told = Told()
    guard = Guard(trusted(), clock=lambda: NOW, observers=[told])
    principal = finish(guard.admit(bearing(mint()))).principal
    guard.demand(principal, scope("a"), {})
    assert told.decisions == []
    with pytest.raises(Forbidden):
        guard.demand(principal, scope("c") & role("clerk"), {})
    with pytest.raises(MissingToken):
        guard.demand(ANONYMOUS, scope("a"), {})
    refused, anonymous = told.decisions
    assert refused.missing == ("scope c", "role clerk")
    assert refused.requirement == "scope('c') & role('clerk')"
    assert (refused.subject, refused.failed) == ("alice", "requirement met")
    assert anonymous.reason == "token_missing"


def test_a_refusal_that_the_application_raises_is_told_once_when_it_is_answered(finish: Finish) -> None:
    told = Told()
    guard = Guard(trusted(), clock=lambda: NOW, observers=[told])
    refusal = Forbidden(missing=["a good reason"])
    for _ in range(2):  # an outer door may ask for the answer once more
        assert guard.challenge(refusal).status == 403
    (decision,) = told.decisions
    assert (decision.admitted, decision.reason, decision.missing) == (False, refusal.reason, ("a good reason",))
    assert (decision.failed, decision.path) == ("allowed by the application", "")  # asked outside of any request
    refused = guard.conclude(finish(guard.admit(bearing("no token"))), unmarked).refusal
    assert refused is not None
    guard.challenge(refused)
    assert len(told.decisions) == 2


def test_a_refusal_is_logged_once_and_without_the_token(finish: Finish, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    guard = Guard(trusted(), clock=lambda: NOW)
    token = mint(exp=NOW - 300)
    guard.conclude(finish(guard.admit(bearing(token))), unmarked)
    lines = [record.getMessage() for record in caplog.records if record.name == "jwt_middleware"]
    assert len(lines) == 1
    assert "reason=token_expired" in lines[0]
    assert not any(part in caplog.text for part in token.split("."))


def test_a_page_and_a_body_of_the_users_own_are_in_every_challenge() -> None:
    guard = Guard(
        trusted(),
        error_uri="https://docs.example/errors?code={code}",
        refusal_body=lambda refusal, said: ("text/x-own", f"{refusal.reason} {said['error_uri']}".encode()),
    )
    challenge = guard.challenge(InvalidToken("token_expired"))
    assert challenge.body == b"token_expired https://docs.example/errors?code=token_expired"
    assert 'error_uri="https://docs.example/errors?code=token_expired"' in challenge.authenticate


def test_a_token_in_the_query_beside_one_in_the_header_is_refused_also_when_both_are_known(finish: Finish) -> None:
    guard = Guard(
        trusted(),
        token_from=[authorization_header, token_in_query_that_leaks_into_logs()],
        observers=[],
        clock=lambda: NOW,
    )
    token = mint()
    assert finish(guard.admit(bearing(token))).principal.subject == "alice"
    assert guard.recall(f"Bearer {token}".encode()) is None
    twice = replace(bearing(token), query=f"access_token={token}")
    refusal = finish(guard.admit(twice)).refusal
    assert refusal is not None and refusal.reason == "several_tokens"
    alone = replace(request(), query=f"access_token={token}")
    assert finish(guard.admit(alone)).principal.subject == "alice"


def test_an_issuer_that_is_known_only_at_run_time_is_resolved(finish: Finish) -> None:
    asked: list[str] = []

    def resolver(issuer: str) -> TrustedIssuer | None:
        asked.append(issuer)
        return trusted(leeway=7) if issuer == ISSUER else None

    guard = Guard(resolver=resolver, realm="orders", clock=lambda: NOW)
    token = mint()
    principal = finish(guard.admit(bearing(token))).principal
    assert (principal.subject, principal.issuer) == ("alice", ISSUER)
    assert guard.seconds_left(principal) == 307.0
    assert guard.trusted == ()
    stranger = finish(guard.admit(bearing(mint(iss="https://other.example"))))
    assert stranger.refusal.reason == "issuer_untrusted"
    finish(guard.admit(bearing(token)))
    assert asked == [ISSUER, "https://other.example"]


def test_a_tenant_that_is_not_served_is_refused(finish: Finish) -> None:
    guard = Guard(trusted(tenants="acme", mapping=ClaimMapping(tenant="tid")), clock=lambda: NOW)
    assert finish(guard.admit(bearing(mint(tid="acme")))).principal.tenant == "acme"
    assert finish(guard.admit(bearing(mint(tid="other")))).refusal.reason == "tenant_refused"


def test_the_realm_is_the_audience_unless_said_otherwise() -> None:
    assert Guard(trusted(audience=["b", "a"])).realm == "a"
    assert Guard(trusted(), realm="Orders API").realm == "Orders API"


@pytest.mark.parametrize(
    ("build", "about"),
    [
        (lambda: Guard(), "at least one"),
        (lambda: Guard("https://issuer.example"), "TrustedIssuer objects, not str"),  # type: ignore[arg-type]  # what is tested
        (lambda: Guard(trusted(), trusted()), "trusted twice"),
        (lambda: Guard(remote("a", "/run/keys"), remote("b", "/run/keys")), "two issuers have the snapshot"),
        (lambda: Guard(remote("a", "/nowhere/at/all/keys")), "does not exist"),
        (lambda: Guard(trusted(), token_from=[]), "token_from"),
        (lambda: Guard(trusted(), token_from=["authorization"]), "token_from"),  # type: ignore[list-item]  # what is tested
        (lambda: Guard(trusted(), token_from=[token_in_header("X-A"), authorization_header]), "comes first"),
        (
            lambda: Guard(trusted(), token_from=[token_in_cookie("a", secret=SECRET), token_in_header("X-A")]),
            "headers come before cookies",
        ),
        (lambda: Guard(trusted(), realm='a"b'), "realm"),
        (lambda: Guard(trusted(), realm=""), "realm"),
        (lambda: Guard(trusted(), explain_refusals="yes"), "explain_refusals"),  # type: ignore[arg-type]  # wrong on purpose
        (lambda: Guard(trusted(), error_uri="/errors"), "error_uri"),
        (lambda: Guard(trusted(), error_uri='https://docs.example/"'), "error_uri"),
        (lambda: Guard(trusted(), error_uri="https://docs.example/{reason}"), "error_uri"),
        (lambda: Guard(trusted(), error_uri="https://docs.example/#{code}"), "error_uri"),
        (lambda: Guard(trusted(), refusal_body="json"), "refusal_body"),  # type: ignore[arg-type]  # the mistake
        (lambda: Guard(trusted(audience="é")), "realm"),
        (lambda: Guard(resolver=lambda _: None), "realm"),
        (lambda: Guard(trusted(), resolver="x"), "resolver"),  # type: ignore[arg-type]  # what is tested
        (lambda: Guard(trusted(), max_resolved=0), "max_resolved"),
        (lambda: Guard(trusted(), max_resolved=True), "max_resolved"),
        (lambda: Guard(trusted(issuer={ISSUER: ISSUER, "b": "b"}), trusted(issuer="b")), "trusted twice"),
        (lambda: Guard(TrustedIssuer("a", audience="a", jwks_url="ftp://a.example")), "jwks_url"),
    ],
)
def test_a_mistake_is_found_when_it_is_built(build: Callable[[], Guard], about: str) -> None:
    with pytest.raises(ConfigurationError, match=about):
        build()


def test_keys_are_discovered_where_none_are_given_and_nothing_is_fetched_yet() -> None:
    Guard(TrustedIssuer("https://nowhere.invalid", audience="a"))


def test_keys_at_urls_are_wired_and_nothing_is_fetched_yet() -> None:
    Guard(TrustedIssuer("a", audience="a", jwks_url=["https://a.nowhere.invalid", "https://b.nowhere.invalid"]))


class Flaky:
    """A key source that fails on demand, and counts."""

    symmetric = True

    def __init__(self) -> None:
        self.asked = 0
        self.error: Exception | None = None

    def fetch(self) -> KeySet:
        self.asked += 1
        if self.error is not None:
            raise self.error
        return KeySet([secret_key(SECRET)])

    async def afetch(self) -> KeySet:
        return self.fetch()


def test_ready_says_of_each_issuer_what_is_known_of_its_keys() -> None:
    good, bad = Flaky(), Flaky()
    bad.error = OSError("s3cret")
    age, clock = Clock(), Clock()
    guard = Guard(trusted(keys=good), trusted(keys=bad, issuer="https://bad.example"), clock=clock, monotonic=age)
    cold = KeyState(issuer=ISSUER, usable=False, stale=False, fetched_at=None, age=None, last_error="")
    assert guard.ready()[0] in (cold, KeyState(**{**asdict(cold), "usable": True, "fetched_at": NOW, "age": 0.0}))
    threads_end()
    age.now += 10
    clock.now += 10
    first, second = guard.ready()
    threads_end()
    assert first == KeyState(issuer=ISSUER, usable=True, stale=False, fetched_at=NOW, age=10.0, last_error="")
    assert (second.usable, second.fetched_at, second.age, second.last_error) == (False, None, None, "OSError")
    assert "s3cret" not in repr(guard.ready())


def test_ready_asks_beside_itself_for_what_is_due_within_the_usual_bounds() -> None:
    source, age = Flaky(), Clock()
    guard = Guard(trusted(keys=source), monotonic=age)
    for _ in range(3):
        guard.ready()
        threads_end()
    assert source.asked == 1
    age.now += 300
    source.error = OSError()
    for _ in range(3):
        [state] = guard.ready()
        threads_end()
    assert (source.asked, state.usable, state.stale, state.last_error) == (2, True, True, "OSError")
    age.now += 86_400 - 300
    assert guard.ready()[0].usable is False
    threads_end()


def test_a_token_is_not_recalled_when_its_key_may_serve_no_more(finish: Finish) -> None:
    source, age, clock = Flaky(), Clock(), Clock()
    guard = Guard(trusted(keys=source, freshness=Freshness(max_stale=3600)), observers=[], clock=clock, monotonic=age)
    finish(guard.admit(bearing(mint())))
    source.error = OSError()
    for moment in (3599.0, 3599.9):
        age.now, clock.now = NOW + moment, NOW + moment
        token = mint(exp=NOW + 9999)
        assert finish(guard.admit(bearing(token))).refusal is None
        assert guard.recall(f"Bearer {token}".encode()) is not None
        threads_end()
    age.now, clock.now = NOW + 3600, NOW + 3600
    assert guard.recall(f"Bearer {token}".encode()) is None
    assert isinstance(finish(guard.admit(bearing(token))).refusal, AuthUnavailable)


def test_a_snapshot_is_kept_for_the_issuer_that_names_one(tmp_path: Path) -> None:
    guard = Guard(remote("a", tmp_path / "a"), remote("b", str(tmp_path / "b")), TrustedIssuer(ISSUER, audience="x"))
    sources = [trust.keys._source for trust in guard._trusts.declared]
    assert [getattr(source, "path", None) for source in sources] == [tmp_path / "a", tmp_path / "b", None]
    assert getattr(sources[0], "max_stale", None) == 86_400.0


def test_the_record_of_who_lacks_something_says_what_became_of_each_part() -> None:
    told = Told()
    guard = Guard(trusted(), observers=[told])
    caller = Principal(subject="alice", issuer="https://issuer.example", scopes=("a",))
    with pytest.raises(Forbidden):
        guard.demand(caller, scope("a") & role("clerk"), {})
    with pytest.raises(MissingToken):
        guard.demand(ANONYMOUS, scope("a"), {})
    lacking, anonymous = told.decisions
    assert lacking.explanation is not None
    assert [(each.words, each.holds) for each in lacking.explanation.parts] == [
        ("scope('a')", True),
        ("role('clerk')", False),
    ]
    assert anonymous.explanation is None
