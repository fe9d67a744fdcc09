"""Signature and registered claims."""

import base64
import dataclasses
import json
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from jwt_middleware import InvalidToken, TrustedIssuer
from jwt_middleware.keys.key import Key, key_from_pem, secret_key
from jwt_middleware.verification.claims import Claims
from jwt_middleware.verification.compact import read
from jwt_middleware.verification.rules import ASYMMETRIC, SYMMETRIC, Profile
from jwt_middleware.verification.verify import verify

NOW = 1_800_000_000.0
ISSUER = "https://issuer.example"
GOOD: dict[str, Any] = {"iss": ISSUER, "aud": "orders", "sub": "alice", "exp": NOW + 300, "iat": NOW, "jti": "t1"}
SECRET = "0123456789abcdef" * 4
SIGNER = ec.generate_private_key(ec.SECP256R1())


def public(private: Any) -> Key:
    return key_from_pem(private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))


KEY = public(SIGNER)
NOTHING: Any = object()


def segment(content: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


def mint(header: dict[str, Any] | None = None, **changes: Any) -> str:
    """Signed by us, whatever it says of itself: signing libraries refuse to make most wrong tokens."""
    claims = {name: value for name, value in {**GOOD, **changes}.items() if value is not NOTHING}
    text = f"{segment({'alg': 'ES256', 'typ': 'at+jwt', **(header or {})})}.{segment(claims)}"
    signature = jwt.get_algorithm_by_name("ES256").sign(text.encode(), SIGNER)
    return f"{text}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def check(token: str, key: Key = KEY, now: float = NOW, **rules: Any) -> Claims:
    trusted = TrustedIssuer(ISSUER, **{"audience": "orders", "algorithms": ASYMMETRIC, **rules})
    return verify(read(token, 16_384), key, trusted.rules, now)


def refusal(token: str, **arguments: Any) -> str:
    with pytest.raises(InvalidToken) as refused:
        check(token, **arguments)
    return refused.value.reason


PRIVATE: dict[str, Callable[[], Any]] = {
    "RSA": lambda: rsa.generate_private_key(65537, 2048),
    "P-256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "P-384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "P-521": lambda: ec.generate_private_key(ec.SECP521R1()),
    "Ed25519": ed25519.Ed25519PrivateKey.generate,
    "Ed448": ed448.Ed448PrivateKey.generate,
}
KINDS = {
    **{name: "RSA" for name in ASYMMETRIC if name[:2] in ("RS", "PS")},
    "ES256": "P-256",
    "ES384": "P-384",
    "ES512": "P-521",
    "EdDSA": "Ed25519",
    "Ed25519": "Ed25519",
    "Ed448": "Ed448",
}


@pytest.fixture(scope="session")
def private_keys() -> dict[str, Any]:
    return {kind: generate() for kind, generate in PRIVATE.items()}


def sign(algorithm: str, private: Any) -> str:
    """Also under the names of RFC 9864, which the signing library spells EdDSA."""
    if algorithm not in ("Ed25519", "Ed448"):
        return jwt.encode(GOOD, private, algorithm)
    parts = [json.dumps({"alg": algorithm}).encode(), json.dumps(GOOD).encode()]
    text = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)
    return (text + b"." + base64.urlsafe_b64encode(private.sign(text)).rstrip(b"=")).decode()


@pytest.mark.parametrize("algorithm", ASYMMETRIC)
def test_every_asymmetric_algorithm_verifies_and_a_changed_token_does_not(
    algorithm: str, private_keys: dict[str, Any]
) -> None:
    private = private_keys[KINDS[algorithm]]
    token = sign(algorithm, private)
    assert check(token, public(private)).subject == "alice"
    head, body, signature = token.split(".")
    forged = base64.urlsafe_b64encode(json.dumps({**GOOD, "sub": "mallory"}).encode()).rstrip(b"=").decode()
    assert refusal(f"{head}.{forged}.{signature}", key=public(private)) == "signature_invalid"
    swapped = ("B" if signature[5] != "B" else "C").join((signature[:5], signature[6:]))
    assert refusal(f"{head}.{body}.{swapped}", key=public(private)) == "signature_invalid"
    assert refusal(f"{head}.{body}.AAAA", key=public(private)) == "signature_invalid"


@pytest.mark.parametrize("algorithm", SYMMETRIC)
def test_every_hmac_verifies_and_a_changed_token_does_not(algorithm: str) -> None:
    token = jwt.encode(GOOD, SECRET, algorithm)
    key = secret_key(SECRET)
    assert check(token, key).subject == "alice"
    assert refusal(token[:-6] + "AAAAAA", key=key) == "signature_invalid"


@pytest.mark.parametrize(
    "algorithm", [*(name for name in ASYMMETRIC if name != "ES256"), "HS256", "none", "ES256K", ""]
)
def test_a_key_of_another_kind_verifies_nothing(algorithm: str) -> None:
    assert refusal(mint({"alg": algorithm})) == "algorithm_refused"


def test_whatever_a_library_raises_on_a_key_the_answer_is_no() -> None:
    nothing: Any = "no key at all"
    unfit = dataclasses.replace(KEY, material=nothing)
    assert refusal(mint(), key=unfit) == "signature_invalid"


def test_what_a_verified_token_says() -> None:
    claims = check(mint(aud=["other", "orders"], sid="s1", nbf=NOW - 5))
    assert claims.issuer == ISSUER
    assert claims.audience == ("other", "orders")
    assert (claims.expires_at, claims.not_before, claims.issued_at) == (NOW + 300, NOW - 5, NOW)
    assert (claims.subject, claims.token_id, claims.session_id) == ("alice", "t1", "s1")
    assert "alice@" not in repr(check(mint(email="alice@acme.example")))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"exp": NOTHING}, "claim_missing"),
        ({"exp": None}, "claim_malformed"),
        ({"exp": True}, "claim_malformed"),
        ({"exp": str(NOW + 300)}, "claim_malformed"),
        ({"exp": 1e308}, "claim_malformed"),
        ({"exp": 10**400}, "claim_malformed"),
        ({"exp": -(10**400)}, "claim_malformed"),
        ({"exp": [NOW + 300]}, "claim_malformed"),
        ({"exp": NOW - 30}, "token_expired"),
        ({"exp": 0}, "token_expired"),
        ({"nbf": NOW + 31}, "token_not_yet_valid"),
        ({"nbf": NOW + 30.5}, "token_not_yet_valid"),
        ({"nbf": "0"}, "claim_malformed"),
        ({"nbf": None}, "claim_malformed"),
        ({"nbf": False}, "claim_malformed"),
        ({"iat": NOW + 31}, "token_not_yet_valid"),
        ({"iat": "0"}, "claim_malformed"),
        ({"iat": True}, "claim_malformed"),
        ({"iss": NOTHING}, "claim_missing"),
        ({"iss": ""}, "claim_missing"),
        ({"iss": ISSUER + "/"}, "issuer_untrusted"),
        ({"iss": "https://issuer.example.evil.example"}, "issuer_untrusted"),
        ({"iss": [ISSUER]}, "issuer_untrusted"),
        ({"aud": NOTHING}, "claim_missing"),
        ({"aud": []}, "claim_missing"),
        ({"aud": ""}, "claim_missing"),
        ({"aud": "order"}, "audience_mismatch"),
        ({"aud": "Orders"}, "audience_mismatch"),
        ({"aud": ["a", "b"]}, "audience_mismatch"),
        ({"aud": {"orders": 1}}, "claim_malformed"),
        ({"aud": ["orders", 1]}, "claim_malformed"),
        ({"aud": ["orders", ""]}, "claim_malformed"),
        ({"aud": 7}, "claim_malformed"),
        ({"sub": ""}, "claim_malformed"),
        ({"sub": None}, "claim_malformed"),
        ({"sub": 7}, "claim_malformed"),
        ({"jti": ""}, "claim_malformed"),
        ({"jti": 7}, "claim_malformed"),
        ({"sid": 7}, "claim_malformed"),
        ({"cnf": {"jkt": "x"}}, "sender_bound"),
        ({"cnf": None}, "sender_bound"),
    ],
)
def test_a_claim_that_is_wrong_refuses_the_token(changes: dict[str, Any], reason: str) -> None:
    assert refusal(mint(**changes)) == reason


@pytest.mark.parametrize(
    ("changes", "now"),
    [
        ({"exp": NOW}, NOW + 29.9),
        ({"nbf": NOW + 30}, NOW),
        ({"iat": NOW + 30}, NOW),
        ({"exp": NOW + 0.5}, NOW),
        ({"iat": NOTHING, "jti": NOTHING, "sub": NOTHING}, NOW),
    ],
)
def test_what_lies_within_the_leeway_or_is_optional_is_taken(changes: dict[str, Any], now: float) -> None:
    check(mint(**changes), now=now)


def test_without_leeway_a_token_ends_at_the_very_second() -> None:
    check(mint(exp=NOW + 1), leeway=0, now=NOW + 0.999)
    assert refusal(mint(exp=NOW + 1), leeway=0, now=NOW + 1) == "token_expired"


def test_the_largest_age_counts_from_iat() -> None:
    check(mint(exp=NOW + 9999), max_age=60, now=NOW + 89.9)
    assert refusal(mint(exp=NOW + 9999), max_age=60, now=NOW + 90) == "token_too_old"
    assert refusal(mint(iat=NOTHING), max_age=60) == "claim_missing"


@pytest.mark.parametrize("required", ["email", "jti"])
def test_a_required_claim_must_be_there(required: str) -> None:
    changes: dict[str, Any] = {required: NOTHING}
    assert refusal(mint(**changes), required_claims=[required]) == "claim_missing"
    check(mint(**{**changes, required: "x"}), required_claims=[required])


@pytest.mark.parametrize("kind", ["at+jwt", "AT+JWT", "application/at+jwt", "JWT", "jwt", "application/jwt"])
def test_the_kinds_of_an_access_token_are_taken(kind: str) -> None:
    check(mint({"typ": kind}))


@pytest.mark.parametrize("kind", ["logout+jwt", "secevent+jwt", "dpop+jwt", "id+jwt", "JOSE", "at+jwt ", "x"])
def test_every_other_kind_is_refused(kind: str) -> None:
    assert refusal(mint({"typ": kind})) == "kind_refused"


@pytest.mark.parametrize(
    "tell_tale",
    [
        *({"nonce": "n"}, {"at_hash": "h"}, {"c_hash": "h"}, {"events": {}}, {"htm": "GET"}, {"htu": "https://x"}),
        *({"typ": "Refresh"}, {"typ": "ID"}, {"typ": "Offline"}, {"token_use": "id"}),
    ],
)
def test_another_kind_of_token_is_known_by_its_claims_where_typ_does_not_settle_it(tell_tale: dict[str, Any]) -> None:
    assert refusal(mint({"typ": "JWT"}, **tell_tale)) == "kind_refused"
    check(mint({"typ": "at+jwt"}, **tell_tale))


def test_ordinary_claims_of_those_names_pass() -> None:
    check(mint({"typ": "JWT"}, typ="Bearer", token_use="access"))


@pytest.mark.parametrize("profile", ["rfc9068"])
def test_the_rfc_9068_profile(profile: Profile) -> None:
    check(mint(client_id="c1"), profile=profile)
    assert refusal(mint({"typ": "JWT"}, client_id="c1"), profile=profile) == "kind_refused"
    for name in ("sub", "client_id", "iat", "jti"):
        assert refusal(mint(**{"client_id": "c1", name: NOTHING}), profile=profile) == "claim_missing"
