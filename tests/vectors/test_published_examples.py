"""The published examples of the specifications, written down beside this file with their source."""

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from jwt_middleware import Guard, InvalidToken, RequestInfo, TrustedIssuer
from jwt_middleware.base64url import decode
from jwt_middleware.issuing.signing_key import thumbprint
from jwt_middleware.key_sources.static import static
from jwt_middleware.keys.key import Key, secret_key
from jwt_middleware.keys.key_set import KeySet, key_set_from_jwks
from jwt_middleware.verification.compact import read
from jwt_middleware.verification.json_object import parse_object
from jwt_middleware.verification.verify import verify_signature
from jwt_middleware.waiting import run
from tests.tokens import base64url, private_key

Example = dict[str, Any]
EXAMPLES = json.loads((Path(__file__).parent / "published_examples.json").read_text(encoding="utf-8"))
signed = pytest.mark.parametrize("example", EXAMPLES["signed"], ids=lambda example: example["source"])


def key_for(example: Example) -> Key:
    """The key of an example, found as for any other token."""
    jwk = example["key"]
    unverified = read(example["token"], 16_384)
    if jwk["kty"] == "oct":
        keys = KeySet([secret_key(decode(jwk["k"].encode()), jwk.get("kid"), jwk.get("alg"))])
    else:
        keys = key_set_from_jwks({"keys": [jwk]})
    found = keys.select(unverified.header.kid, unverified.header.algorithm)
    assert found is not None
    return found


@signed
def test_the_signature_verifies(example: Example) -> None:
    unverified = read(example["token"], 16_384)
    verify_signature(unverified, key_for(example))
    assert unverified.payload.decode() == example["payload"]


@signed
@pytest.mark.parametrize("segment", [0, 1, 2])
def test_one_changed_character_is_noticed(example: Example, segment: int) -> None:
    key = key_for(example)
    segments = example["token"].split(".")
    text = segments[segment]
    segments[segment] = text[:5] + ("A" if text[5] != "A" else "B") + text[6:]
    with pytest.raises(InvalidToken):
        verify_signature(read(".".join(segments), 16_384), key)


@signed
def test_a_payload_that_is_no_json_object_gives_no_claims(example: Example) -> None:
    payload = read(example["token"], 16_384).payload
    if example["payload"].startswith("{"):
        assert parse_object(payload)["iss"] == "joe"
    else:
        with pytest.raises(InvalidToken):
            parse_object(payload)


@pytest.mark.parametrize("example", EXAMPLES["refused"], ids=lambda example: f"{example['source']}, {example['why']}")
def test_what_is_no_signed_token_is_refused(example: Example) -> None:
    with pytest.raises(InvalidToken):
        read(example["token"], 16_384)


@pytest.mark.parametrize("example", EXAMPLES["thumbprints"], ids=lambda example: example["source"])
def test_the_thumbprint_is_the_published_one(example: Example) -> None:
    assert thumbprint(example["key"]) == example["thumbprint"]


def access_token(example: Example) -> str:
    """The example publishes no key, so it is signed by one of ours."""
    parts = (example["header"], example["claims"])
    text = ".".join(base64url(json.dumps(part).encode()) for part in parts)
    key = private_key("rsa")
    assert isinstance(key, rsa.RSAPrivateKey)
    return f"{text}.{base64url(RSAAlgorithm(RSAAlgorithm.SHA256).sign(text.encode(), key))}"


def test_the_access_token_of_the_profile_is_admitted_by_the_profile() -> None:
    example = EXAMPLES["access_token"]
    claims = example["claims"]
    key = private_key("rsa").public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    jwk = {**json.loads(RSAAlgorithm.to_jwk(key)), "kid": example["header"]["kid"]}
    trusted = TrustedIssuer(claims["iss"], audience=claims["aud"], keys=static(jwk=jwk), profile="rfc9068")
    guard = Guard(trusted, clock=lambda: float(claims["exp"] - 60))
    sent = [f"Bearer {access_token(example)}"]
    admission = run(guard.admit(RequestInfo(header=lambda name: sent if name == "authorization" else [])))
    assert admission.refusal is None
    principal = admission.principal
    assert (principal.subject, principal.client_id, principal.token_id) == (
        claims["sub"],
        claims["client_id"],
        claims["jti"],
    )
    assert principal.scopes == ("openid", "profile", "reademail")
    assert principal.kind == "user"
