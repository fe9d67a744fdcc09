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
from jwt_middleware.key_sources.static import static
from jwt_middleware.keys.key import Key, key_from_pem, secret_key
from jwt_middleware.verification.claims import Claims
from jwt_middleware.verification.compact import read
from jwt_middleware.verification.kinds import Profile
from jwt_middleware.verification.rules import ASYMMETRIC, SYMMETRIC
from jwt_middleware.verification.verify import verify

NOW = 1_800_000_000.0
ISSUER = "https://issuer.example"
GOOD: dict[str, Any] = {"iss": ISSUER, "aud": "orders", "sub": "alice", "exp": NOW + 300, "iat": NOW, "jti": "t1"}
SECRET = "0123456789abcdef" * 4
SIGNER = ec.generate_private_key(ec.SECP256R1())


def public(private: Any) -> Key:
    return key_from_pem(private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))


KEY = public(SIGNER)
PEM = SIGNER.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
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
    trusted = TrustedIssuer(**{"issuer": ISSUER, "audience": "orders", "algorithms": ASYMMETRIC, **rules})
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


def test_another_kind_of_token_is_refused() -> None:
    assert refusal(mint({"typ": "JWT"}, nonce="n")) == "kind_refused"
    check(mint({"typ": "JWT"}, nonce="n"), accept_id_tokens=True)
    assert refusal(mint(token_use="id"), kind_claim=("token_use", "access")) == "kind_refused"


def test_an_issuer_is_known_by_each_of_its_spellings() -> None:
    both = {ISSUER: ISSUER, "issuer.example": ISSUER, "https://tenant.example": "https://tenant.example"}
    keys = static(pem=PEM)
    for said, means in both.items():
        assert check(mint(iss=said), issuer=both, keys=keys).issuer == means
    assert refusal(mint(iss="https://other.example"), issuer=both, keys=keys) == "issuer_untrusted"
    assert refusal(mint(iss=NOTHING), issuer=both, keys=keys) == "claim_missing"


def test_an_issuer_that_writes_no_iss_is_taken_only_without_it() -> None:
    nameless: dict[str, Any] = {"issuer": {None: "accounts"}, "keys": static(pem=PEM)}
    assert check(mint(iss=NOTHING), **nameless).issuer == "accounts"
    for said in (ISSUER, "accounts", "", ["accounts"], 7):
        assert refusal(mint(iss=said), **nameless) == "issuer_untrusted"
    assert refusal(mint(iss=NOTHING, aud=NOTHING), **nameless) == "claim_missing"


@pytest.mark.parametrize("claim", ["client_id", ("client", "id"), "iss"])
def test_another_claim_stands_in_for_the_audience(claim: Any) -> None:
    said: dict[str, Any] = {"client_id": "web", "client": {"id": "web"}, "aud": NOTHING}
    bound: dict[str, Any] = {"audience": {claim: ["web", ISSUER]}}
    assert check(mint(**said), **bound).audience == (ISSUER if claim == "iss" else "web",)
    if claim != "iss":
        other: dict[str, Any] = {"client_id": "other", "client": {"id": "other"}, "aud": NOTHING}
        assert refusal(mint(**other), **bound) == "audience_mismatch"
        assert refusal(mint(aud=NOTHING), **bound) == "claim_missing"


def test_a_token_that_names_an_audience_all_the_same_must_name_us() -> None:
    bound: dict[str, Any] = {"audience": {"client_id": "web"}}
    assert refusal(mint(client_id="web", aud="other"), **bound) == "audience_mismatch"
    assert refusal(mint(client_id="web", aud=[]), **bound) == "audience_mismatch"
    assert refusal(mint(client_id="web", aud=None), **bound) == "claim_malformed"
    check(mint(client_id="web", aud=["web", "other"]), **bound)


@pytest.mark.parametrize(
    ("accepted", "said", "passes"),
    [
        ("yes", "yes", True),
        *(("yes", other, False) for other in ("Yes", "", ["yes"], {"yes": 1}, True, NOTHING, None)),
        (["a", "b"], "b", True),
        (["a", "b"], "c", False),
        (True, True, True),
        *((True, other, False) for other in (1, "true", "True", False, NOTHING)),
        (1, 1, True),
        *((1, other, False) for other in (True, "1", 1.0)),
        (["a", None], NOTHING, True),
        (["a", None], None, True),
        (["a", None], "", False),
    ],
)
def test_a_claim_says_only_what_is_accepted(accepted: Any, said: Any, passes: bool) -> None:
    rules: dict[str, Any] = {"claim_values": {"x": accepted, ("x", "y"): None}}
    if passes:
        check(mint(x=said), **rules)
    else:
        assert refusal(mint(x=said), **rules) == "claim_refused"


def test_of_a_set_of_required_claims_one_must_be_there() -> None:
    rules: dict[str, Any] = {"required_claims": [{"scp", "roles"}, ("kubernetes.io", "namespace")]}
    inside: dict[str, Any] = {"kubernetes.io": {"namespace": "orders"}}
    check(mint(**inside, scp="a"), **rules)
    check(mint(**inside, scp="", roles=["a"]), **rules)
    assert refusal(mint(**inside, scp="", roles=[]), **rules) == "claim_missing"
    assert refusal(mint(scp="a"), **rules) == "claim_missing"


def test_a_key_signs_only_for_the_issuers_that_it_names() -> None:
    template = "https://login.example/{tenantid}"
    rules: dict[str, Any] = {"key_issuers": {ISSUER: [template, ISSUER]}}
    for named in (template, ISSUER):
        check(mint(), key=dataclasses.replace(KEY, issuer=named), **rules)
    strangers: list[str | None] = ["https://other.example", None]
    for stranger in strangers:
        assert refusal(mint(), key=dataclasses.replace(KEY, issuer=stranger), **rules) == "key_unknown"
    check(mint(), key=KEY, key_issuers={ISSUER: [None, template]})
    check(mint(), key=dataclasses.replace(KEY, issuer="https://other.example"))


def test_an_empty_subject_is_none() -> None:
    assert check(mint(sub="")).subject is None


@pytest.mark.parametrize("profile", ["rfc9068"])
def test_the_rfc_9068_profile(profile: Profile) -> None:
    check(mint(client_id="c1"), profile=profile)
    assert refusal(mint({"typ": "JWT"}, client_id="c1"), profile=profile) == "kind_refused"
    for name in ("sub", "client_id", "iat", "jti"):
        assert refusal(mint(**{"client_id": "c1", name: NOTHING}), profile=profile) == "claim_missing"
