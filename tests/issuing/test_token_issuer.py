"""Access tokens by RFC 9068, judged by our own verifier in its strictest profile."""

import json
import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, get_args

import jwt
import pytest

from jwt_middleware import ClaimMapping, ConfigurationError, Guard, InvalidToken, Principal, TrustedIssuer
from jwt_middleware.issuing import Account, SigningKey, SigningKeys, TokenIssuer
from jwt_middleware.issuing.signing_key import Algorithm
from jwt_middleware.waiting import run

from .test_signing_keys import ISSUER, Clock, bearing


def judged(token: str, keys: SigningKeys, clock: Clock) -> Principal | str:
    trusted = TrustedIssuer(
        ISSUER, audience="orders", keys=keys, profile="rfc9068", mapping=ClaimMapping(tenant="tenant"), leeway=0
    )
    admission = run(Guard(trusted, clock=clock).admit(bearing(token)))
    return admission.principal if admission.refusal is None else admission.refusal.reason


@pytest.mark.parametrize("algorithm", get_args(Algorithm))
def test_a_token_says_who_is_calling_and_what_they_may_do(algorithm: Algorithm) -> None:
    clock, keys = Clock(), SigningKeys(algorithm=algorithm)
    token = TokenIssuer(ISSUER, keys, clock=clock).access_token(
        "ann",
        audience=["orders", "inventory"],
        client_id="shop",
        scopes=["openid", "orders:read"],
        roles=["clerk"],
        permissions=["stock:read"],
        groups=["west"],
        tenant="acme",
    )
    ann = judged(token, keys, clock)
    assert isinstance(ann, Principal)
    assert (ann.issuer, ann.subject, ann.client_id, ann.kind) == (ISSUER, "ann", "shop", "user")
    assert (ann.scopes, ann.roles) == (("openid", "orders:read"), ("clerk",))
    assert (ann.permissions, ann.groups, ann.tenant) == (("stock:read",), ("west",), "acme")
    assert ann.expires_at == clock.now + 300
    assert jwt.get_unverified_header(token) == {"alg": algorithm, "kid": keys.active.kid, "typ": "at+jwt"}


def test_a_caller_who_has_no_roles_is_known_to_have_none() -> None:
    clock, keys = Clock(), SigningKeys(SigningKey.generate())
    nobody = judged(
        TokenIssuer(ISSUER, keys, clock=clock).access_token("n", audience="orders", client_id="c"), keys, clock
    )
    assert isinstance(nobody, Principal)
    assert nobody.incomplete == frozenset()


def test_two_tokens_never_have_the_same_id() -> None:
    issuer = TokenIssuer(ISSUER, SigningKeys(SigningKey.generate()))
    tokens = [issuer.access_token("n", audience="orders", client_id="c") for _ in range(2)]
    ids = {jwt.decode(token, options={"verify_signature": False})["jti"] for token in tokens}
    assert len(ids) == 2


@pytest.mark.parametrize("lifetime", [1, 90.0, timedelta(hours=1)])
def test_a_token_lives_as_long_as_its_lifetime(lifetime: float | timedelta) -> None:
    clock, keys = Clock(), SigningKeys(SigningKey.generate())
    issuer = TokenIssuer(ISSUER, keys, lifetime, clock)
    token = issuer.access_token("n", audience="orders", client_id="c")
    clock.now += issuer.lifetime - 0.5
    assert isinstance(judged(token, keys, clock), Principal)
    clock.now += 0.5
    assert judged(token, keys, clock) == InvalidToken("token_expired").reason


@pytest.mark.parametrize(
    "given", [{"issuer": ""}, {"issuer": " x"}, {"lifetime": 0}, {"lifetime": float("nan")}, {"lifetime": 3601}]
)
def test_wrong_settings_are_refused_when_it_is_built(given: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        TokenIssuer(**{"issuer": ISSUER, "keys": SigningKeys(SigningKey.generate()), **given})


@pytest.mark.parametrize(
    "given",
    [
        {"subject": ""},
        {"audience": []},
        {"audience": [""]},
        {"client_id": ""},
        {"roles": "clerk"},
        {"roles": [""]},
        {"scopes": ["a b"]},
    ],
)
def test_a_token_without_what_rfc_9068_demands_is_never_signed(given: dict[str, Any]) -> None:
    issuer = TokenIssuer(ISSUER, SigningKeys(SigningKey.generate()))
    with pytest.raises(ConfigurationError):
        issuer.access_token(**{"subject": "s", "audience": "orders", "client_id": "c", **given})
    assert repr(issuer) == f"<TokenIssuer {ISSUER!r}>"


def said(token: str) -> dict[str, Any]:
    decoded: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return decoded


def test_a_token_says_nothing_that_nobody_asked_for() -> None:
    issuer = TokenIssuer(ISSUER, SigningKeys())
    assert set(said(issuer.access_token("n", audience="orders", client_id="c"))) == {
        *("iss", "sub", "aud", "client_id", "iat", "exp", "jti"),
        *("scope", "roles", "permissions", "groups"),
    }


def test_how_somebody_logged_in_is_said_in_the_registered_claims() -> None:
    issuer = TokenIssuer(ISSUER, SigningKeys())
    account = Account(subject="ann", acr="urn:acme:high", amr=["pwd", "otp"])
    token = issuer.token_for(account, audience="orders", client_id="c", session_id="s1", logged_in_at=1_700_000_000.9)
    found = said(token)
    assert (found["sid"], found["auth_time"], found["acr"], found["amr"]) == (
        *("s1", 1_700_000_000, "urn:acme:high", ["pwd", "otp"]),
    )


def department(account: Account) -> Mapping[str, Any]:
    return {"department": {"ann": ("sales", 7)}.get(account.subject), "https://acme.example/beta": True}


def test_custom_claims_come_from_a_function_and_from_the_account() -> None:
    issuer = TokenIssuer(ISSUER, SigningKeys(), custom_claims=department)
    found = said(issuer.access_token("ann", audience="orders", client_id="c", claims={"desk": {"floor": [1, 2.5]}}))
    assert found["department"] == ["sales", 7]
    assert found["https://acme.example/beta"] is True
    assert found["desk"] == {"floor": [1, 2.5]}


@pytest.mark.parametrize("name", ["iss", "sub", "exp", "scope", "roles", "cnf", "act", "sid", "client_id"])
def test_a_custom_claim_never_says_what_the_standards_say(name: str) -> None:
    with pytest.raises(ConfigurationError, match=name):
        TokenIssuer(ISSUER, SigningKeys()).access_token("n", audience="a", client_id="c", claims={name: "x"})
    with pytest.raises(ConfigurationError, match=name):
        TokenIssuer(ISSUER, SigningKeys(), custom_claims=lambda _: {name: "x"}).access_token(
            "n", audience="a", client_id="c"
        )


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object(), {1, 2}, b"x", "\ud800"])
def test_a_custom_claim_that_is_no_json_is_refused(value: Any) -> None:
    issuer = TokenIssuer(ISSUER, SigningKeys())
    with pytest.raises(ConfigurationError, match="no JSON"):
        issuer.access_token("n", audience="a", client_id="c", claims={"x": value})


def test_a_machine_is_told_apart_from_every_person() -> None:
    clock, keys = Clock(), SigningKeys()
    issuer = TokenIssuer(ISSUER, keys, clock=clock)
    machine = judged(issuer.machine_token("billing", audience="orders", scopes=["orders:read"]), keys, clock)
    assert isinstance(machine, Principal)
    assert (machine.kind, machine.subject, machine.scopes) == ("machine", "billing", ("orders:read",))
    for subject in ("billing", "client:billing"):
        with pytest.raises(ConfigurationError, match="taken for a client"):
            issuer.access_token(subject, audience="orders", client_id="billing")


def test_a_token_that_grew_too_large_is_said_once_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    issuer = TokenIssuer(ISSUER, SigningKeys(clock=clock), clock=clock, warn_above=1000)
    issuer.access_token("n", audience="a", client_id="c")
    assert caplog.messages == []
    with caplog.at_level(logging.WARNING, "jwt_middleware"):
        for _ in range(3):
            token = issuer.access_token("n", audience="a", client_id="c", roles=[f"role-{n}" for n in range(200)])
        assert len(caplog.messages) == 1
        clock.now += 60
        issuer.access_token("n", audience="a", client_id="c", roles=[f"role-{n}" for n in range(200)])
    assert len(caplog.messages) == 2
    assert f"{len(token)} bytes, more than 1000" in caplog.messages[0]
    assert "role-7" not in caplog.text


def test_two_audiences_are_two_tokens_that_are_not_interchangeable() -> None:
    clock, keys = Clock(), SigningKeys()
    issuer = TokenIssuer(ISSUER, keys, clock=clock)
    assert judged(issuer.access_token("n", audience="inventory", client_id="c"), keys, clock) == "audience_mismatch"
    assert isinstance(judged(issuer.access_token("n", audience="orders", client_id="c"), keys, clock), Principal)


def test_texts_of_every_language_survive() -> None:
    issuer = TokenIssuer(ISSUER, SigningKeys())
    found = said(issuer.access_token("\u00c5nn \U0001f600", audience="a", client_id="c", roles=["\u7ba1"]))
    assert json.dumps([found["sub"], found["roles"]]) == json.dumps(["\u00c5nn \U0001f600", ["\u7ba1"]])
