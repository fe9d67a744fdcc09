"""Which key of a set fits a header, and what of a JWKS is taken."""

import json
from typing import Any

import pytest

from jwt_middleware.keys.key import Key, key_from_jwk, key_from_pem, secret_key
from jwt_middleware.keys.key_set import MAX_KEYS, KeySet, joined, key_set_from_jwks, secrets_from_jwks
from tests.tokens import base64url, jwks, private_key

RSA, EC, ED = (key_from_jwk(jwks(kid)["keys"][0]) for kid in ("rsa", "ec", "ed25519"))
S1, S2 = secret_key(b"\x01" * 32), secret_key(b"\x02" * 32)


def named(key: Key, kid: str | None, *algorithms: str) -> Key:
    assert not isinstance(key.material, bytes)
    return Key(kid, key.kind, frozenset(algorithms) or key.algorithms, key.material, key.thumbprint)


def other_ec(kid: str | None) -> Key:
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    public = ec.derive_private_key(7, ec.SECP256R1()).public_key()
    return key_from_pem(public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo), kid)


A = named(EC, "a")
B = other_ec("b")
R = named(RSA, "r")
EC_UNNAMED, OTHER_UNNAMED = named(EC, None), other_ec(None)


@pytest.mark.parametrize(
    ("keys", "kid", "algorithm", "found"),
    [
        # by key id and algorithm
        ([A, B, R], "a", "ES256", A),
        ([A, B, R], "b", "ES256", B),
        ([A, B, R], "a", "RS256", None),
        ([A, B, R], "a", "ES384", None),
        ([A, B, R], "a", "none", None),
        ([A, B, R], "a", "", None),
        ([A, B, R], "A", "ES256", None),
        ([A, B, R], "", "ES256", None),
        ([A, B, R], "r", "PS512", R),
        ([named(RSA, "r", "RS256")], "r", "PS256", None),
        # no key id in the token: when one key alone could have signed it
        ([A, B, R], None, "RS256", R),
        ([A, B, R], None, "ES256", None),
        ([A, R], None, "ES256", A),
        ([EC_UNNAMED], None, "ES256", EC_UNNAMED),
        ([EC_UNNAMED, OTHER_UNNAMED], None, "ES256", None),
        ([], None, "ES256", None),
        # no key of that key id: a one-key issuer that names nothing
        ([EC_UNNAMED], "a", "ES256", EC_UNNAMED),
        ([EC_UNNAMED, R], "zzz", "ES256", EC_UNNAMED),
        ([EC_UNNAMED, R], "zzz", "RS256", None),
        ([EC_UNNAMED, R], "r", "ES256", None),
        ([EC_UNNAMED, B], "zzz", "ES256", None),
        ([EC_UNNAMED, OTHER_UNNAMED], "zzz", "ES256", None),
        ([A], "zzz", "ES256", None),
        ([], "a", "ES256", None),
        # one key id several times
        ([A, named(B, "a")], "a", "ES256", None),
        ([A, named(B, "a"), named(EC, "c")], "c", "ES256", named(EC, "c")),
        ([A, named(B, "a"), A], "a", "ES256", None),
        ([A, named(RSA, "a")], "a", "ES256", A),
        ([A, named(RSA, "a")], "a", "RS256", named(RSA, "a")),
        ([A, A], "a", "ES256", A),
        ([A, A], None, "ES256", A),
        ([named(RSA, "r", "RS256"), named(RSA, "r", "PS256")], "r", "PS256", named(RSA, "r", "PS256")),
        # one key under several names
        ([A, named(EC, "c")], None, "ES256", A),
        ([A, named(EC, "c")], "c", "ES256", named(EC, "c")),
        ([A, EC_UNNAMED], "zzz", "ES256", None),
        ([EC_UNNAMED, A], "zzz", "ES256", None),
        ([EC_UNNAMED, A], None, "ES256", A),
        # secrets
        ([S1], None, "HS256", S1),
        ([S1], "any", "HS256", S1),
        ([S1], None, "HS512", None),
        ([S1, S2], None, "HS256", None),
    ],
)
def test_a_key_is_chosen_by_key_id_and_algorithm_or_not_at_all(
    keys: list[Key], kid: str | None, algorithm: str, found: Key | None
) -> None:
    assert KeySet(keys).select(kid, algorithm) == found


def test_two_sets_are_equal_when_the_same_keys_serve_the_same_way() -> None:
    assert KeySet([A, R], fresh_for=5) == KeySet([R, A, A], fresh_for=60, skipped=["one"])
    assert hash(KeySet([A, R])) == hash(KeySet([R, A]))
    assert KeySet([A]) != KeySet([B])
    assert KeySet([A]) != KeySet([named(B, "a")])
    assert KeySet([A]) != KeySet([named(EC, "c")])
    assert KeySet([R]) != KeySet([named(RSA, "r", "RS256")])
    assert KeySet([A]) != (A,)
    assert (len(KeySet([A, B])), len(KeySet([]))) == (2, 0)


def test_unnamed_keys_that_share_an_algorithm_are_ambiguous() -> None:
    assert KeySet([EC_UNNAMED, OTHER_UNNAMED]).is_ambiguous
    assert KeySet([S1, S2]).is_ambiguous
    for keys in ([], [EC_UNNAMED], [EC_UNNAMED, EC_UNNAMED], [EC_UNNAMED, named(RSA, None)], [A, named(B, "a")]):
        assert not KeySet(keys).is_ambiguous


def test_a_key_set_shows_only_how_many_keys_it_holds() -> None:
    assert repr(KeySet([S1, S2])) == "<KeySet of 2 keys>"


# --- a JWKS


@pytest.mark.parametrize("form", [dict, json.dumps, lambda document: json.dumps(document).encode()])
def test_a_jwks_is_read_as_mapping_text_and_bytes(form: Any) -> None:
    found = key_set_from_jwks(form(jwks()), fresh_for=7)
    assert [key.kid for key in found.keys] == ["rsa", "ec", "ed25519", "ed448"]
    assert (found.fresh_for, found.skipped) == (7, ())
    assert found.select("ec", "ES256") == EC


def test_one_odd_key_never_spoils_the_set() -> None:
    secret = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
    odd: list[Any] = [
        None,
        5,
        "key",
        [],
        {},
        {"kty": "AKP", "alg": "ML-DSA-44", "pub": "AAAA"},
        {"kty": "oct", "k": secret},
        {"kty": "oct"},
        {"kty": "RSA"},
        {"kty": "RSA", "n": {}, "e": []},
        {**jwks("ec")["keys"][0], "d": secret},
        {**jwks("rsa")["keys"][0], "use": "enc"},
        {**jwks("rsa")["keys"][0], "alg": ["RS256"]},
    ]
    found = key_set_from_jwks({"keys": [*odd, *jwks("ec")["keys"]], "more": 1})
    assert found.keys == (EC,)
    assert len(found.skipped) == len(odd)
    assert all(reason and secret not in reason for reason in found.skipped)


def test_symmetric_keys_of_a_jwks_are_never_used() -> None:
    document = {"keys": [{"kty": "oct", "k": "A" * 86, "kid": "s", "alg": "HS256"}]}
    assert len(key_set_from_jwks(document)) == 0


@pytest.mark.parametrize("document", [{"keys": []}, '{"keys": []}'])
def test_a_jwks_may_be_empty(document: Any) -> None:
    assert len(key_set_from_jwks(document)) == 0


DEEP = '{"keys":' + "[" * 100_000 + "]" * 100_000 + "}"


@pytest.mark.parametrize(
    ("document", "why"),
    [
        ("", "not JSON"),
        ("<html>Bad gateway</html>", "not JSON"),
        (json.dumps(jwks())[:-1], "not JSON"),
        (json.dumps(jwks()) + "}", "not JSON"),
        (json.dumps(jwks()).encode("utf-16"), "not JSON"),
        (json.dumps(jwks()).encode("utf-8-sig"), "not JSON"),
        (b'{"keys": [], "x": "\xed\xa0\x80"}', "not JSON"),
        ('{"keys": [], "n": ' + "9" * 5000 + "}", "not JSON"),
        (DEEP, "not JSON"),
        ("[]", "no list of keys"),
        ("null", "no list of keys"),
        ('"keys"', "no list of keys"),
        ("{}", "no list of keys"),
        ('{"keys": {}}', "no list of keys"),
        ('{"keys": "abc"}', "no list of keys"),
        ('{"Keys": []}', "no list of keys"),
        ({"keys": None}, "no list of keys"),
        ([], "no list of keys"),
        (None, "no list of keys"),
        (json.dumps(jwks("ec")["keys"][0]), "no list of keys"),
        ({"keys": [{}] * (MAX_KEYS + 1)}, "more than 500"),
        ('{"keys": [], "x": "' + "x" * 1_048_576 + '"}', "too large"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_what_is_no_jwks_is_refused(document: Any, why: str) -> None:
    with pytest.raises(ValueError, match=why) as refused:
        key_set_from_jwks(document)
    assert type(refused.value) is ValueError


def test_as_many_keys_as_are_allowed_are_read() -> None:
    members = [{**jwks("ec")["keys"][0], "kid": str(number)} for number in range(MAX_KEYS)]
    found = key_set_from_jwks({"keys": members})
    assert found.select("499", "ES256") == named(EC, "499")


def test_the_key_that_is_found_verifies() -> None:
    from cryptography.hazmat.primitives.asymmetric import ed25519

    signer = private_key("ed25519")
    assert isinstance(signer, ed25519.Ed25519PrivateKey)
    key = key_set_from_jwks(jwks()).select("ed25519", "EdDSA")
    assert key is not None
    assert isinstance(key.material, ed25519.Ed25519PublicKey)
    key.material.verify(signer.sign(b"text"), b"text")


def test_an_issuer_of_a_key_makes_it_another_one() -> None:
    [member] = jwks("ec")["keys"]
    plain, named = key_set_from_jwks({"keys": [member]}), key_set_from_jwks({"keys": [{**member, "issuer": "a"}]})
    assert plain.keys[0].issuer is None
    assert named.keys[0].issuer == "a"
    assert plain != named
    spoiled = key_set_from_jwks({"keys": [{**member, "issuer": 7}]})
    assert (len(spoiled), spoiled.skipped) == (0, ("the issuer of the key is not a text",))


def test_joined_sets_hold_all_keys_and_are_as_fresh_as_the_first_to_grow_old() -> None:
    one, other = KeySet([A], fresh_for=60, skipped=["x"]), KeySet([B], skipped=["y"])
    both = joined([one, other])
    assert (both.keys, both.fresh_for, both.skipped) == ((A, B), 60, ("x", "y"))
    assert joined([other, other]).fresh_for is None
    assert joined([one]) is one


# --- shared secrets


def secrets(*kids: str | None) -> bytes:
    members = [{"kty": "oct", "k": base64url(bytes([number]) * 32), "kid": kid} for number, kid in enumerate(kids, 1)]
    return json.dumps({"keys": [{n: v for n, v in each.items() if v is not None} for each in members]}).encode()


def test_shared_secrets_of_ones_own_are_chosen_by_key_id() -> None:
    found = secrets_from_jwks(secrets("previous", "current", "next"), fresh_for=5.0)
    assert [found.select(kid, "HS256") for kid in ("previous", "current", "next")] == list(found.keys)
    assert (found.fresh_for, found.is_ambiguous) == (5.0, False)
    assert found.select("current", "HS512") is None
    assert found.select(None, "HS256") is None
    assert secrets_from_jwks(secrets(None, None)).is_ambiguous


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"k": base64url(b"short")}, "5 bytes"),
        ({"k": "not base64!"}, "damaged"),
        ({"k": None}, "damaged"),
        ({"k": base64url(b"-----BEGIN PUBLIC KEY-----" + b"x" * 32)}, "others know"),
        ({"kty": "RSA"}, "not symmetric"),
        ({"kty": None}, "not symmetric"),
        ({"use": "enc"}, "not for signatures"),
        ({"key_ops": ["encrypt"]}, "not for verifying"),
        ({"kid": 5}, "key id"),
        ({"alg": "HS512"}, "too short"),
        ({"alg": "RS256"}, "no HMAC"),
    ],
)
def test_one_bad_secret_never_spoils_the_others(changes: dict[str, object], why: str) -> None:
    document = json.loads(secrets("bad", "good"))
    document["keys"][0].update(changes)
    found = secrets_from_jwks(json.dumps(document).encode())
    assert [key.kid for key in found.keys] == ["good"]
    assert why in found.skipped[0]


def test_a_public_key_is_never_a_shared_secret() -> None:
    found = secrets_from_jwks(json.dumps(jwks()).encode())
    assert len(found) == 0
    assert all("others know" in reason for reason in found.skipped)


@pytest.mark.parametrize(
    ("reasons", "words"),
    [
        ([], ""),
        (["a", "b", "a"], "a (2); b (1)"),
        ([*"abcde"], "a (1); b (1); c (1); d (1); e (1)"),
        ([*"abcdefg", "g"], "g (2); a (1); b (1); c (1); d (1); and other reasons"),
    ],
)
def test_why_keys_are_skipped_is_said_in_few_words(reasons: list[str], words: str) -> None:
    assert KeySet([A], skipped=reasons).skipped_in_words() == words
