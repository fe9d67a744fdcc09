"""Access tokens by RFC 9068, judged by our own verifier in its strictest profile."""

from datetime import timedelta
from typing import Any, get_args

import jwt
import pytest

from jwt_middleware import ClaimMapping, ConfigurationError, Guard, InvalidToken, Principal, TrustedIssuer
from jwt_middleware.issuing import SigningKey, SigningKeys, TokenIssuer
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
    clock, keys = Clock(), SigningKeys(SigningKey.generate(algorithm))
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


@pytest.mark.parametrize("given", [{"issuer": ""}, {"issuer": " x"}, {"lifetime": 0}, {"lifetime": float("nan")}])
def test_wrong_settings_are_refused_when_it_is_built(given: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        TokenIssuer(**{"issuer": ISSUER, "keys": SigningKeys(SigningKey.generate()), **given})


@pytest.mark.parametrize(
    "given", [{"subject": ""}, {"audience": []}, {"audience": [""]}, {"client_id": ""}, {"roles": "clerk"}]
)
def test_a_token_without_what_rfc_9068_demands_is_never_signed(given: dict[str, Any]) -> None:
    issuer = TokenIssuer(ISSUER, SigningKeys(SigningKey.generate()))
    with pytest.raises(ConfigurationError):
        issuer.access_token(**{"subject": "s", "audience": "orders", "client_id": "c", **given})
    assert repr(issuer) == f"<TokenIssuer {ISSUER!r}>"
