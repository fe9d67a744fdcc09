"""Which key signs, which are published, and how one takes over from another."""

import json

import pytest

from jwt_middleware import ConfigurationError, Guard, RequestInfo, TrustedIssuer
from jwt_middleware.issuing import SigningKey, SigningKeys, TokenIssuer, jwks_document, metadata_document
from jwt_middleware.waiting import run

ISSUER = "https://accounts.example.com"


class Clock:
    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


def kids(keys: SigningKeys) -> list[str]:
    return [key.kid for key in keys.published]


def test_a_published_key_does_not_sign_before_it_is_activated() -> None:
    old, new = SigningKey.generate(), SigningKey.generate()
    keys = SigningKeys(old)
    keys.publish(new)
    assert (keys.active, kids(keys)) == (old, [old.kid, new.kid])
    keys.activate(new.kid)
    assert (keys.active, kids(keys)) == (new, [old.kid, new.kid])


def test_a_retired_key_stays_published_until_its_last_token_has_expired() -> None:
    clock = Clock()
    old, new = SigningKey.generate(), SigningKey.generate()
    keys = SigningKeys(old, clock=clock)
    TokenIssuer(ISSUER, keys, lifetime=60, clock=clock).access_token("s", audience="a", client_id="c")
    keys.publish(new)
    keys.activate(new.kid)
    keys.retire(old.kid)
    clock.now += 60 + 299
    assert kids(keys) == [old.kid, new.kid]
    clock.now += 1
    assert kids(keys) == [new.kid]


def test_a_withdrawn_key_is_gone_at_once() -> None:
    old, new = SigningKey.generate(), SigningKey.generate()
    keys = SigningKeys(old)
    keys.publish(new)
    keys.activate(new.kid)
    keys.withdraw(old.kid)
    assert kids(keys) == [new.kid]


def test_the_key_that_signs_cannot_be_taken_away_and_strangers_are_not_known() -> None:
    key = SigningKey.generate()
    keys = SigningKeys(key)
    for call in (keys.retire, keys.withdraw):
        with pytest.raises(ConfigurationError, match="activate another one first"):
            call(key.kid)
        with pytest.raises(ConfigurationError, match="publish it first"):
            call("stranger")
    with pytest.raises(ConfigurationError, match="publish it first"):
        keys.activate("stranger")
    assert repr(keys) == "<SigningKeys 1 published>"


def test_a_rotation_refuses_nobody() -> None:
    keys = SigningKeys(SigningKey.generate())
    issuer = TokenIssuer(ISSUER, keys)
    guard = Guard(TrustedIssuer(ISSUER, audience="orders", keys=keys, profile="rfc9068"))
    tokens = []
    for algorithm in ("EdDSA", "RS256", "ES256"):
        tokens.append(issuer.access_token("clerk", audience="orders", client_id="shop"))
        old, new = keys.active, SigningKey.generate(algorithm)
        keys.publish(new)
        keys.activate(new.kid)
        keys.retire(old.kid)
        tokens.append(issuer.access_token("clerk", audience="orders", client_id="shop"))
        for token in tokens:
            admission = run(guard.admit(bearing(token)))
            assert admission.refusal is None, admission.refusal


def test_the_documents_name_the_keys_and_nothing_private() -> None:
    keys = SigningKeys(SigningKey.generate("RS256"))
    keys.publish(SigningKey.generate("EdDSA"))
    document = json.loads(json.dumps(jwks_document(keys)))
    assert [jwk["kid"] for jwk in document["keys"]] == kids(keys)
    assert all(set(jwk) <= {"kty", "kid", "use", "alg", "n", "e", "crv", "x"} for jwk in document["keys"])
    metadata = metadata_document(ISSUER, jwks_uri=f"{ISSUER}/jwks", token_endpoint=f"{ISSUER}/token")
    assert metadata["issuer"] == ISSUER
    assert metadata["jwks_uri"] == f"{ISSUER}/jwks"
    assert metadata["token_endpoint"] == f"{ISSUER}/token"
    with pytest.raises(ConfigurationError, match="whole URL"):
        metadata_document(ISSUER, jwks_uri="/jwks")


def bearing(token: str) -> RequestInfo:
    headers = {"authorization": [f"Bearer {token}"]}
    return RequestInfo(
        kind="http", method="GET", scheme="https", path="/", query="", header=lambda name: headers.get(name, [])
    )
