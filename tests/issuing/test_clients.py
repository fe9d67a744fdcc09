"""The token endpoint for clients: who asks, what is granted, and every way to say no."""

import json
import re
from typing import Any

import jwt
import pytest

from jwt_middleware import (
    AuthUnavailable,
    ConfigurationError,
    Forbidden,
    Guard,
    RequestInfo,
    TrustedIssuer,
    acting_for,
    called_by,
    role,
    scope,
)
from jwt_middleware.client import private_key_jwt
from jwt_middleware.issuing import (
    ClientEndpoints,
    ListedClients,
    MemoryThrottle,
    RegisteredClient,
    SigningKey,
    UsedInMemory,
    new_client_secret,
    secret_digest,
    token_endpoint_metadata,
)
from jwt_middleware.issuing.client_form import _SENTENCES
from jwt_middleware.issuing.session import Session
from jwt_middleware.waiting import run

from .clients import ACCESS, BATCH, CATALOGUE, EXCHANGE, SECRETS, Clients, basic, claims, error, listed
from .test_signing_keys import ISSUER

CREDENTIALS = {"grant_type": "client_credentials", "audience": "inventory"}


@pytest.fixture
def clients() -> Clients:
    return Clients()


# Who asks.


@pytest.mark.parametrize("scheme", ["Basic", "basic", "bAsIc"])
def test_a_secret_in_the_header(clients: Clients, scheme: str) -> None:
    assert clients.send("token", CREDENTIALS, basic("orders", scheme=scheme)).status == 200


def test_a_secret_in_the_form(clients: Clients) -> None:
    form = {**CREDENTIALS, "client_id": "orders", "client_secret": SECRETS["orders"]}
    assert clients.send("token", form).status == 200


def test_either_of_two_secrets_while_one_is_replaced(clients: Clients) -> None:
    for secret in (SECRETS["inventory"], "an older secret of inventory"):
        assert clients.send("introspect", {"token": "x"}, basic("inventory", secret)).status == 200


@pytest.mark.parametrize(
    ("form", "headers"),
    [
        ({}, {}),
        ({"client_id": "orders"}, {}),
        ({"client_id": "orders", "client_secret": "wrong"}, {}),
        ({"client_id": "nobody", "client_secret": "wrong"}, {}),
        ({"client_id": "batch", "client_secret": ""}, {}),
        ({}, basic("orders", "wrong")),
        ({}, basic("orders", "")),
        ({}, {"authorization": ["Bearer abc"]}),
        ({}, {"authorization": ["Basic ???"]}),
        ({}, {"authorization": ["Basic b3JkZXJz"]}),
        ({}, {"authorization": ["Basic /////w=="]}),
        ({"client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}, {}),
    ],
)
def test_who_does_not_prove_it_is_nobody(clients: Clients, form: dict[str, str], headers: dict[str, list[str]]) -> None:
    for endpoint in ("token", "revoke", "introspect"):
        assert error(clients.send(endpoint, {**CREDENTIALS, "token": "x", **form}, headers)) == (401, "invalid_client")


def test_two_proofs_in_one_request_are_malformed(clients: Clients) -> None:
    both = {**CREDENTIALS, "client_id": "orders", "client_secret": SECRETS["orders"]}
    assert error(clients.send("token", both, basic("orders"))) == (400, "invalid_request")
    assert error(clients.send("token", {**both, **clients.assertion()})) == (400, "invalid_request")
    assert error(clients.send("token", {**CREDENTIALS, "client_id": "web"}, basic("orders"))) == (
        400,
        "invalid_request",
    )
    twice = {"authorization": [*basic("orders")["authorization"], *basic("web")["authorization"]]}
    assert error(clients.send("token", CREDENTIALS, twice)) == (400, "invalid_request")


def test_guessing_ends_and_holds_up_nobody_who_knows() -> None:
    clients = Clients(throttle=MemoryThrottle(failures=5))
    for _ in range(5):
        assert error(clients.send("token", CREDENTIALS, basic("orders", "wrong"))) == (401, "invalid_client")
    answer = clients.send("token", CREDENTIALS, basic("orders", "wrong"))
    assert error(answer) == (429, "invalid_client")
    assert int(dict(answer.headers)["retry-after"]) >= 1
    assert clients.send("token", CREDENTIALS, basic("orders")).status == 200


def test_an_assertion_is_a_proof_once(clients: Clients) -> None:
    shown = clients.assertion()
    assert clients.send("token", {**CREDENTIALS, **shown}).status == 200
    assert error(clients.send("token", {**CREDENTIALS, **shown})) == (401, "invalid_client")
    assert clients.send("token", {**CREDENTIALS, **clients.assertion()}).status == 200


def signed(changes: dict[str, Any], kind: str = "client-authentication+jwt", key: SigningKey = BATCH) -> dict[str, str]:
    now = 1_800_000_000
    said = {"iss": "batch", "sub": "batch", "aud": ISSUER, "iat": now, "exp": now + 60, "jti": "j", **changes}
    assertion = key.sign({name: value for name, value in said.items() if value is not None}, kind)
    return {
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": assertion,
    }


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"iss": "orders"}, "JWT"),
        ({"iss": None}, "JWT"),
        ({"sub": "orders"}, "JWT"),
        ({"sub": None}, "JWT"),
        ({"aud": f"{ISSUER}/token"}, "JWT"),
        ({"aud": [ISSUER, "https://other.example"]}, "JWT"),
        ({"aud": []}, "JWT"),
        ({"aud": None}, "JWT"),
        ({"exp": None}, "JWT"),
        ({"exp": "soon"}, "JWT"),
        ({"exp": 1_799_999_000}, "JWT"),
        ({"exp": 1_831_536_000}, "JWT"),
        ({"nbf": 1_800_000_100}, "JWT"),
        ({"iat": 1_800_000_100}, "JWT"),
        ({"iat": "now"}, "JWT"),
        ({"jti": None}, "JWT"),
        ({"jti": "j" * 257}, "JWT"),
        ({}, "at+jwt"),
        ({}, "logout+jwt"),
    ],
)
def test_an_assertion_that_says_anything_wrong_is_no_proof(changes: dict[str, Any], kind: str) -> None:
    clients = Clients()
    clients.stage.clock.now = 1_800_000_000
    assert clients.send("token", {**CREDENTIALS, **signed({}, "JWT")}).status == 200
    answer = clients.send("token", {**CREDENTIALS, **signed({"jti": "other", **changes}, kind)})
    assert error(answer) == (401, "invalid_client")


def test_an_assertion_of_somebody_else_is_no_proof(clients: Clients) -> None:
    stranger = SigningKey.generate("ES256")
    assert error(clients.send("token", {**CREDENTIALS, **clients.assertion(key=stranger)})) == (401, "invalid_client")
    without_keys = signed({"iss": "orders", "sub": "orders"})
    assert error(clients.send("token", {**CREDENTIALS, **without_keys})) == (401, "invalid_client")
    wrong_type = {**clients.assertion(), "client_assertion_type": "urn:x"}
    assert error(clients.send("token", {**CREDENTIALS, **wrong_type})) == (401, "invalid_client")
    other_id = {**clients.assertion(), "client_id": "orders"}
    assert error(clients.send("token", {**CREDENTIALS, **other_id})) == (401, "invalid_client")
    head, body, signature = clients.assertion()["client_assertion"].split(".")
    other = clients.assertion()["client_assertion"].split(".")[2]
    for wrong in (f"{head}.{body}.", f"{head}.{body}.{other}", f"{head}.{body}.{signature[:-4]}AAAA", "x", ""):
        forged = {**clients.assertion(), "client_assertion": wrong}
        assert error(clients.send("token", {**CREDENTIALS, **forged})) == (401, "invalid_client")


def test_an_old_client_may_name_what_is_registered_for_it() -> None:
    old = RegisteredClient(
        client_id="batch",
        jwks={"keys": [dict(BATCH.public_jwk)]},
        targets={"inventory": []},
        assertion_audiences=[f"{ISSUER}/token"],
    )
    clients = Clients()
    endpoints = ClientEndpoints(clients.stage.issuer, ListedClients([old]), clock=clients.stage.clock)
    clients.endpoints = endpoints
    shown = clients.assertion(audience=f"{ISSUER}/token", kind="JWT")
    assert clients.send("token", {**CREDENTIALS, **shown}).status == 200


def test_used_assertions_are_forgotten_when_they_have_expired_and_not_before() -> None:
    now = [0.0]
    used = UsedInMemory(lambda: now[0])
    for number in range(3000):
        assert used.use(f"a{number}", 60.0)
        now[0] += 1.0
    assert not used.use("a2999", 60.0)
    assert len(used._used) < 2100


# What a form may look like.


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b'{"grant_type": "client_credentials"}', "application/json"),
        (b"grant_type=client_credentials", "text/plain"),
        (b"grant_type=client_credentials&scope=a&scope=b", None),
        (b"grant_type=client_credentials&grant_type=client_credentials", None),
        (b"grant_type=client_credentials&scope=%ff", None),
        (b"grant_type=client_credentials&scope=%00", None),
        (b"grant_type=client_credentials&scope=\xc3\xa9", None),
        (b"grant_type=client_credentials&&" + b"x=1&" * 200, None),
        (b"scope=a", None),
        (b"grant_type=", None),
    ],
)
def test_what_is_no_such_form_is_malformed(clients: Clients, body: bytes, content_type: str | None) -> None:
    headers = {**basic("orders"), **({"content-type": [content_type]} if content_type else {})}
    assert error(clients.send("token", body, headers)) == (400, "invalid_request")


def test_a_form_that_is_too_large_is_not_read(clients: Clients) -> None:
    assert error(clients.send("token", b"x=" + b"y" * 65_536, basic("orders"))) == (413, "invalid_request")


def test_a_form_with_large_tokens_is_read(clients: Clients) -> None:
    caller = clients.user(roles=[f"role-{number:04}" for number in range(800)])
    assert 8192 < len(caller) < 16_384
    said = clients.exchanged(caller, audience="inventory")
    assert claims(said["access_token"])["roles"][-1] == "role-0799"


def test_empty_parameters_are_absent_and_unknown_ones_ignored(clients: Clients) -> None:
    said = clients.token(audience="inventory", scope="", resource="", surprise="x", client_secret="")
    assert said["scope"] == "stock:read stock:write"


# Tokens of their own.


def test_a_token_of_its_own_is_for_one_target_and_comes_without_a_refresh_token(clients: Clients) -> None:
    answer = clients.post("orders", "token", **CREDENTIALS, scope="stock:read")
    assert dict(answer.headers)["cache-control"] == "no-store"
    said = json.loads(answer.body)
    token = said.pop("access_token")
    assert said == {"token_type": "Bearer", "expires_in": 300, "scope": "stock:read"}
    found = claims(token)
    assert {name: found[name] for name in ("iss", "sub", "aud", "client_id", "scope")} == {
        "iss": ISSUER,
        "sub": "orders",
        "aud": "inventory",
        "client_id": "orders",
        "scope": "stock:read",
    }
    assert "act" not in found
    assert jwt.get_unverified_header(token)["typ"] == "at+jwt"


@pytest.mark.parametrize("endpoint", ["token", "revoke", "introspect"])
def test_no_page_of_another_origin_reads_an_answer(clients: Clients, endpoint: str) -> None:
    token = clients.token(audience="inventory")["access_token"]
    form = {**CREDENTIALS, "scope": "stock:read"} if endpoint == "token" else {"token": token}
    answer = clients.send(
        endpoint,
        form,
        {**basic("inventory" if endpoint == "introspect" else "orders"), "origin": ["https://page.example"]},
    )
    assert answer.status == 200
    assert not [name for name, _ in answer.headers if name.startswith("access-control-")]


@pytest.mark.parametrize(
    ("form", "audience", "scope"),
    [
        ({"audience": "inventory"}, "inventory", "stock:read stock:write"),
        ({"resource": CATALOGUE}, CATALOGUE, "stock:read"),
        ({"resource": CATALOGUE, "audience": "inventory"}, [CATALOGUE, "inventory"], "stock:read"),
        ({"audience": ["inventory", "billing"]}, ["inventory", "billing"], ""),
        ({"audience": ["inventory", "inventory"]}, "inventory", "stock:read stock:write"),
    ],
)
def test_several_targets_get_what_all_of_them_grant(
    clients: Clients, form: dict[str, Any], audience: object, scope: str
) -> None:
    said = clients.token(**form)
    assert (claims(said["access_token"])["aud"], said["scope"]) == (audience, scope)


def test_whoever_has_one_target_need_not_name_it(clients: Clients) -> None:
    assert claims(clients.token("batch")["access_token"])["aud"] == "inventory"


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({}, "invalid_target"),
        ({"audience": "suppliers"}, "invalid_target"),
        ({"audience": ["inventory", "suppliers"]}, "invalid_target"),
        ({"resource": "inventory"}, "invalid_target"),
        ({"resource": f"{CATALOGUE}#x"}, "invalid_target"),
        ({"resource": "http://["}, "invalid_target"),
        ({"resource": "https://catalogue.example.com"}, "invalid_target"),
        ({"audience": "inventory", "scope": "bills:read"}, "invalid_scope"),
        ({"audience": "inventory", "scope": "stock:read bills:read"}, "invalid_scope"),
        ({"audience": ["inventory", "billing"], "scope": "stock:read"}, "invalid_scope"),
        ({"audience": "inventory", "scope": 'a"b'}, "invalid_scope"),
        ({"audience": "inventory", "scope": " "}, "invalid_scope"),
        ({"grant_type": "password", "username": "ann", "password": "x"}, "unsupported_grant_type"),
        ({"grant_type": "authorization_code", "code": "x"}, "unsupported_grant_type"),
        ({"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": "x"}, "unsupported_grant_type"),
        ({"grant_type": "refresh_token", "refresh_token": "x"}, "unauthorized_client"),
    ],
)
def test_what_is_not_registered_is_not_granted(clients: Clients, form: dict[str, Any], code: str) -> None:
    assert error(clients.post("orders", "token", **{"grant_type": "client_credentials", **form})) == (400, code)


def test_a_client_without_targets_may_not_ask(clients: Clients) -> None:
    assert error(clients.post("web", "token", **CREDENTIALS)) == (400, "unauthorized_client")


# Tokens of their callers.


def test_an_exchanged_token_says_whom_it_is_about_and_who_acts(clients: Clients) -> None:
    subject = clients.user(claims={"desk": {"floor": [7]}}, tenant="acme")
    said = clients.exchanged(subject, audience="inventory", scope="read")
    found = claims(said.pop("access_token"))
    assert said == {"token_type": "Bearer", "expires_in": 300, "scope": "read", "issued_token_type": ACCESS}
    before = claims(subject)
    assert found["jti"] != before["jti"]
    assert {**found, "jti": ""} == {
        **before,
        "jti": "",
        "aud": "inventory",
        "client_id": "orders",
        "scope": "read",
        "act": {"sub": "orders", "client_id": "orders"},
    }


def test_the_chain_grows_outwards(clients: Clients) -> None:
    first = clients.exchanged(clients.user(), audience="inventory", scope="read")["access_token"]
    second = clients.exchanged(first, "inventory", audience="suppliers")
    assert claims(second["access_token"])["act"] == {
        "sub": "inventory",
        "client_id": "inventory",
        "act": {"sub": "orders", "client_id": "orders"},
    }
    assert claims(second["access_token"])["sub"] == "ann"
    guard = Guard(
        TrustedIssuer(ISSUER, audience="suppliers", keys=clients.stage.issuer.keys, profile="rfc9068"),
        observers=[],
        clock=clients.stage.clock,
    )
    header = [f"Bearer {second['access_token']}"]
    caller = run(guard.admit(RequestInfo(header=lambda name: header if name == "authorization" else []))).principal
    assert (caller.subject, [each.name for each in caller.actors]) == ("ann", ["inventory", "orders"])
    guard.demand(caller, called_by("inventory") & acting_for("ann") & scope("read") & role("clerk"), None)
    with pytest.raises(Forbidden):
        guard.demand(caller, called_by("orders"), None)


def test_it_never_outlives_the_callers_token(clients: Clients) -> None:
    subject = clients.user()
    clients.stage.clock.now += 250
    said = clients.exchanged(subject, audience="inventory")
    assert said["expires_in"] == 50
    assert claims(said["access_token"])["exp"] == claims(subject)["exp"]


def test_it_has_no_more_scopes_than_the_caller_and_the_target_grant(clients: Clients) -> None:
    subject = clients.user(scopes=["read", "write"])
    assert clients.exchanged(subject, audience="inventory")["scope"] == "read"
    for wanted in ("stock:read", "write", "read write"):
        form = {"subject_token": subject, "subject_token_type": ACCESS, "audience": "inventory", "scope": wanted}
        assert error(clients.post("orders", "token", grant_type=EXCHANGE, **form)) == (400, "invalid_scope")


def test_identities_and_nothing_else_stand_in_the_chain(clients: Clients) -> None:
    act = {
        "sub": "gateway",
        "exp": 1,
        "scope": "admin",
        "roles": ["admin"],
        "act": {"sub": "x", "iss": "https://p.example"},
    }
    subject = resigned(clients, act=act)
    found = claims(clients.exchanged(subject, audience="inventory")["access_token"])
    assert found["act"] == {
        "sub": "orders",
        "client_id": "orders",
        "act": {"sub": "gateway", "act": {"sub": "x", "iss": "https://p.example"}},
    }


def resigned(clients: Clients, **changes: Any) -> str:
    """A user's token with other claims, as the issuer might have signed it."""
    said = {**claims(clients.user()), **changes}
    return clients.stage.issuer.keys.sign({name: value for name, value in said.items() if value is not None}, "at+jwt")


def chain(length: int) -> dict[str, Any]:
    act: dict[str, Any] = {}
    for number in range(length):
        act = {"sub": f"s{number}", **({"act": act} if act else {})}
    return act


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "billing"},  # not meant for whoever exchanges it
        {"exp": 1},
        {"act": chain(10)},
        {"act": "orders"},
        {"may_act": {"sub": "inventory"}},
        {"may_act": {"sub": "orders", "client_id": "inventory"}},
        {"may_act": {"sub": "orders", "iss": "https://p.example"}},
        {"may_act": {}},
        {"may_act": "orders"},
        {"sub": "shop"},  # a machine's
        {"sub": "client:shop"},
        {"cnf": {"jkt": "x"}},
        {"iss": "https://other.example"},
        {"jti": None},
    ],
)
def test_a_token_that_may_not_be_exchanged_is_an_invalid_request(clients: Clients, changes: dict[str, Any]) -> None:
    form = {"grant_type": EXCHANGE, "subject_token_type": ACCESS, "audience": "inventory"}
    answer = clients.post("orders", "token", subject_token=resigned(clients, **changes), **form)
    assert error(answer) == (400, "invalid_request")


def test_whom_the_token_lets_act_may_act(clients: Clients) -> None:
    for may_act in ({"sub": "orders"}, {"client_id": "orders", "iss": ISSUER}):
        assert clients.exchanged(resigned(clients, may_act=may_act), audience="inventory")["scope"] == "read"


@pytest.mark.parametrize(
    "form",
    [
        {"subject_token": None},
        {"subject_token_type": None},
        {"subject_token": "garbage"},
        {"subject_token_type": "urn:ietf:params:oauth:token-type:id_token"},
        {"subject_token_type": "urn:ietf:params:oauth:token-type:refresh_token"},
        {"requested_token_type": "urn:ietf:params:oauth:token-type:refresh_token"},
        {"actor_token": "x"},
        {"actor_token_type": ACCESS},
        {"actor_token": "garbage", "actor_token_type": ACCESS},
        {"actor_token": "USER", "actor_token_type": ACCESS},
        {"actor_token": "BATCH", "actor_token_type": ACCESS},
        {"actor_token": "OWN", "actor_token_type": "urn:ietf:params:oauth:token-type:id_token"},
    ],
)
def test_an_exchange_that_is_malformed_is_an_invalid_request(clients: Clients, form: dict[str, Any]) -> None:
    whose = {"USER": clients.user(), "BATCH": clients.token("batch")["access_token"]}
    whose["OWN"] = clients.token(audience="billing")["access_token"]
    said = {
        "grant_type": EXCHANGE,
        "subject_token": clients.user(),
        "subject_token_type": ACCESS,
        "audience": "inventory",
    }
    sent = {name: whose.get(value, value) for name, value in {**said, **form}.items() if value is not None}
    assert error(clients.post("orders", "token", **sent)) == (400, "invalid_request")


def test_a_token_of_its_own_may_say_who_acts(clients: Clients) -> None:
    own = clients.token(audience="billing")["access_token"]
    said = clients.exchanged(clients.user(), audience="inventory", actor_token=own, actor_token_type=ACCESS)
    assert claims(said["access_token"])["act"] == {"sub": "orders", "client_id": "orders"}


def test_who_may_not_exchange_is_told_so(clients: Clients) -> None:
    form = {"subject_token": clients.user(), "subject_token_type": ACCESS, "audience": "inventory"}
    assert error(clients.post("batch", "token", grant_type=EXCHANGE, **form)) == (400, "unauthorized_client")
    assert error(clients.post("orders", "token", grant_type=EXCHANGE, **{**form, "audience": "x"})) == (
        400,
        "invalid_target",
    )


def test_a_revoked_token_is_not_exchanged_and_the_end_of_a_session_reaches_exchanged_ones(clients: Clients) -> None:
    stage = clients.stage
    session = stage.begin()
    exchanged = clients.exchanged(session.access_token, audience="inventory")["access_token"]
    assert clients.introspected(exchanged)["active"]
    run_end(clients, session.session)
    assert clients.introspected(exchanged) == {"active": False}
    form = {"subject_token": session.access_token, "subject_token_type": ACCESS, "audience": "inventory"}
    assert error(clients.post("orders", "token", grant_type=EXCHANGE, **form)) == (400, "invalid_request")


def run_end(clients: Clients, session: Session) -> None:
    run(clients.stage.sessions.end(session, "logout"))


# Refresh tokens of confidential clients.


def test_a_confidential_client_keeps_its_refresh_token(clients: Clients) -> None:
    begun = clients.stage.begin()
    for _ in range(3):
        clients.stage.clock.now += 100
        said = clients.token("web", grant_type="refresh_token", refresh_token=begun.refresh_token)
        assert said["refresh_token"] == begun.refresh_token
        assert said["scope"] == "read write"
    narrow = clients.token(
        "web", grant_type="refresh_token", refresh_token=begun.refresh_token, scope="read", resource="orders"
    )
    assert (narrow["scope"], claims(narrow["access_token"])["aud"]) == ("read", "orders")


@pytest.mark.parametrize(
    ("client", "form", "code"),
    [
        ("web", {"refresh_token": "garbage"}, "invalid_grant"),
        ("web", {}, "invalid_request"),
        ("web", {"refresh_token": "OK", "scope": "admin"}, "invalid_scope"),
        ("web", {"refresh_token": "OK", "resource": "billing"}, "invalid_target"),
        ("orders", {"refresh_token": "OK"}, "unauthorized_client"),
    ],
)
def test_a_refresh_that_is_refused(clients: Clients, client: str, form: dict[str, Any], code: str) -> None:
    token = clients.stage.begin().refresh_token
    sent = {name: token if value == "OK" else value for name, value in form.items()}
    assert error(clients.post(client, "token", grant_type="refresh_token", **sent)) == (400, code)
    assert clients.token("web", grant_type="refresh_token", refresh_token=token)["scope"] == "read write"


# Revocation.


@pytest.mark.parametrize("hint", [None, "access_token", "refresh_token", "banana"])
def test_an_access_token_is_revoked_at_once_whatever_the_hint(clients: Clients, hint: str | None) -> None:
    token = clients.token(audience="inventory")["access_token"]
    assert clients.introspected(token)["active"]
    answer = clients.post("orders", "revoke", token=token, **({"token_type_hint": hint} if hint else {}))
    assert (answer.status, answer.body) == (200, b"")
    assert clients.introspected(token) == {"active": False}


def test_a_refresh_token_takes_its_access_tokens_along(clients: Clients) -> None:
    begun = clients.stage.begin()
    assert clients.introspected(begun.access_token)["active"]
    assert clients.post("web", "revoke", token=begun.refresh_token).status == 200
    assert clients.introspected(begun.access_token) == {"active": False}
    answer = clients.post("web", "token", grant_type="refresh_token", refresh_token=begun.refresh_token)
    assert error(answer) == (400, "invalid_grant")


@pytest.mark.parametrize("token", ["garbage", "a.b.c", "x" * 8000])
def test_what_is_no_token_is_revoked_already(clients: Clients, token: str) -> None:
    answer = clients.post("orders", "revoke", token=token)
    assert (answer.status, answer.body) == (200, b"")


def test_a_token_of_another_client_is_refused_and_untouched(clients: Clients) -> None:
    token = clients.token(audience="inventory")["access_token"]
    refresh_token = clients.stage.begin().refresh_token
    for stolen in (token, refresh_token):
        assert error(clients.post("other", "revoke", token=stolen)) == (400, "invalid_request")
    assert clients.introspected(token)["active"]
    assert clients.token("web", grant_type="refresh_token", refresh_token=refresh_token)


def test_without_a_store_an_access_token_cannot_be_revoked() -> None:
    clients = Clients(revocations=None)
    token = clients.token(audience="inventory")["access_token"]
    assert error(clients.post("orders", "revoke", token=token)) == (400, "unsupported_token_type")


def test_a_request_without_a_token_is_malformed(clients: Clients) -> None:
    for endpoint in ("revoke", "introspect"):
        assert error(clients.post("orders", endpoint)) == (400, "invalid_request")


# Introspection.


def test_a_good_token_is_described_to_whom_it_is_meant_for(clients: Clients) -> None:
    token = clients.exchanged(clients.user(), audience="inventory")["access_token"]
    said = clients.introspected(token, token_type_hint="refresh_token")
    found = claims(token)
    names = ("iss", "sub", "aud", "client_id", "scope", "iat", "exp", "jti", "act")
    assert said == {"active": True, "token_type": "Bearer", **{name: found[name] for name in names}}


def test_of_all_others_nothing_is_said(clients: Clients) -> None:
    good = clients.token(audience="inventory")["access_token"]
    expired = clients.token(audience="inventory")["access_token"]
    foreign = clients.token(audience="billing")["access_token"]
    clients.post("orders", "revoke", token=good)
    clients.stage.clock.now += 301
    bodies = {
        clients.post(client, "introspect", token=token).body
        for client, token in (
            ("inventory", good),
            ("inventory", expired),
            ("inventory", foreign),
            ("inventory", "garbage"),
            ("other", clients.token(audience="inventory")["access_token"]),
            ("batch", clients.token(audience="inventory")["access_token"]),
        )
    }
    assert bodies == {b'{"active": false}'}


def test_a_refresh_token_is_described_to_its_client_only(clients: Clients) -> None:
    begun = clients.stage.begin()
    said = clients.introspected(begun.refresh_token, "web", token_type_hint="access_token")
    assert (said["active"], said["sub"], said["client_id"]) == (True, "ann", "web")
    assert clients.introspected(begun.refresh_token, "inventory") == {"active": False}
    clients.post("web", "revoke", token=begun.refresh_token)
    assert clients.introspected(begun.refresh_token, "web") == {"active": False}
    another = clients.stage.begin()
    clients.stage.clock.now += 15 * 86_400  # nobody refreshed it
    assert clients.introspected(another.refresh_token, "web") == {"active": False}


SIGNED = {"accept": ["application/json;q=0.5, application/Token-Introspection+jwt"]}


def signed_answer(clients: Clients, client: str, token: str) -> str:
    answer = clients.send("introspect", {"token": token}, {**basic(client), **SIGNED})
    headers = dict(answer.headers)
    assert (answer.status, headers["content-type"]) == (200, "application/token-introspection+jwt")
    assert headers["cache-control"] == "no-store"
    return answer.body.decode()


def test_whoever_asks_for_it_gets_a_signed_answer_that_names_them(clients: Clients) -> None:
    token = clients.token(audience="inventory")["access_token"]
    signed = signed_answer(clients, "inventory", token)
    assert jwt.get_unverified_header(signed)["typ"] == "token-introspection+jwt"
    keys = clients.stage.issuer.keys
    read = jwt.decode(
        signed,
        key=jwt.PyJWK(dict(keys.active.public_jwk)),
        audience="inventory",
        issuer=ISSUER,
        options={"verify_iat": False},
    )
    assert read == {
        "iss": ISSUER,
        "aud": "inventory",
        "iat": int(clients.stage.clock.now),
        "token_introspection": clients.introspected(token),
    }


def test_a_signed_answer_is_given_to_whom_the_token_is_meant_for(clients: Clients) -> None:
    token = clients.token(audience="billing")["access_token"]
    assert claims(signed_answer(clients, "inventory", token))["token_introspection"] == {"active": False}
    assert error(clients.send("introspect", {"token": token}, {**basic("inventory", "wrong"), **SIGNED})) == (
        *(401, "invalid_client"),
    )


@pytest.mark.parametrize("profile", ["rfc9068", "access-token"])
def test_a_signed_answer_is_no_access_token(clients: Clients, profile: Any) -> None:
    token = clients.token(audience="inventory")["access_token"]
    keys = clients.stage.issuer.keys
    trusted = TrustedIssuer(ISSUER, audience="inventory", keys=keys, profile=profile)
    guard = Guard(trusted, observers=[], clock=clients.stage.clock)

    def shown(text: str) -> str:
        info = RequestInfo(header=lambda name: [f"Bearer {text}"] if name == "authorization" else [])
        refusal = run(guard.admit(info)).refusal
        return "admitted" if refusal is None else refusal.reason

    assert shown(token) == "admitted"
    assert shown(signed_answer(clients, "inventory", token)) == "claim_missing"  # there is no exp; nor would typ pass
    assert clients.introspected(signed_answer(clients, "inventory", token)) == {"active": False}


@pytest.mark.parametrize("accept", [[], ["*/*"], ["application/*"], ["application/json"], ["application/jwt"]])
def test_everybody_else_gets_json(clients: Clients, accept: list[str]) -> None:
    token = clients.token(audience="inventory")["access_token"]
    answer = clients.send("introspect", {"token": token}, {**basic("inventory"), "accept": accept})
    assert json.loads(answer.body)["active"] is True


# Outages and mistakes.


class OutOfReach:
    def find(self, client_id: str) -> RegisteredClient | None:
        raise OSError("the database of secret-host is down")

    async def afind(self, client_id: str) -> RegisteredClient | None:
        raise OSError("the database of secret-host is down")


def test_an_outage_is_503_and_says_nothing_else(clients: Clients, caplog: pytest.LogCaptureFixture) -> None:
    clients.endpoints = ClientEndpoints(clients.stage.issuer, OutOfReach())
    for endpoint in ("token", "revoke", "introspect"):
        answer = clients.post("orders", endpoint, **CREDENTIALS)
        assert error(answer) == (503, "temporarily_unavailable")
        assert int(dict(answer.headers)["retry-after"]) >= 1
        assert b"secret-host" not in answer.body
    assert "secret-host" not in caplog.text


class Down:
    def is_revoked(self, claims: object) -> bool:
        raise AuthUnavailable("revocations_unavailable", retry_after=9)

    async def ais_revoked(self, claims: object) -> bool:
        raise OSError


def test_revocations_out_of_reach_are_503() -> None:
    clients = Clients(revocations=Down())
    answer = clients.post("inventory", "introspect", token=clients.token(audience="inventory")["access_token"])
    assert error(answer) == (503, "temporarily_unavailable")
    assert dict(answer.headers)["retry-after"] == "9"


def test_no_secret_is_kept_or_shown(clients: Clients) -> None:
    for client in listed():
        assert not any(secret in repr(client) or secret in str(client.secret_digests) for secret in SECRETS.values())
    assert len(new_client_secret()) >= 43
    assert new_client_secret() != new_client_secret()


@pytest.mark.parametrize(
    "given",
    [
        {"client_id": ""},
        {"client_id": " a"},
        {"client_id": "client:a"},
        {"secret_digests": ["a secret"]},
        {"secret_digests": ()},
        {"jwks": {}},
        {"jwks": {"keys": []}},
        {"jwks": {"keys": [{"kty": "oct", "k": "AAAA"}]}},
        {"targets": {"inventory": "stock:read"}},
        {"targets": {"": []}},
        {"targets": ["inventory"]},
        {"targets": {"inventory": ["a b"]}},
        {"exchange_targets": {"inventory": []}},
    ],
)
def test_mistakes_in_a_client_are_found_when_it_is_declared(given: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        RegisteredClient(**{"client_id": "a", "secret_digests": [secret_digest("x" * 22)], **given})


def test_other_mistakes_are_found_at_once(clients: Clients) -> None:
    with pytest.raises(ConfigurationError, match="twice"):
        ListedClients([*listed(), *listed()])
    with pytest.raises(ConfigurationError, match="22"):
        secret_digest("short")
    with pytest.raises(ConfigurationError, match="one client"):
        ClientEndpoints(clients.stage.issuer, ListedClients([]), sessions=[clients.stage.sessions] * 2)


def test_metadata_says_what_is_there(clients: Clients) -> None:
    document = token_endpoint_metadata(clients.endpoints, "https://accounts.example.com/oauth/")
    assert document["token_endpoint"] == "https://accounts.example.com/oauth/token"
    assert document["grant_types_supported"] == ["client_credentials", "refresh_token", EXCHANGE]
    alone = ClientEndpoints(clients.stage.issuer, ListedClients([]))
    assert token_endpoint_metadata(alone, "https://a.example")["grant_types_supported"] == [
        "client_credentials",
        EXCHANGE,
    ]


def test_the_client_of_this_package_is_understood(clients: Clients) -> None:
    form, _ = private_key_jwt(BATCH, clock=clients.stage.clock).proof("batch", ISSUER)
    assert clients.send("token", {**CREDENTIALS, **form}).status == 200


def test_every_sentence_is_one_that_may_be_sent() -> None:
    for code, sentence in _SENTENCES.items():
        assert re.fullmatch(r"[\x20-\x21\x23-\x5b\x5d-\x7e]+", code + sentence)  # RFC 6749 section 5.2
