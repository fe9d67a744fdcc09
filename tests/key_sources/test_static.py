"""Keys at hand: what is taken, and every mistake at once."""

import asyncio
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from jwt_middleware import ConfigurationError
from jwt_middleware.key_sources.static import StaticKeys, static
from jwt_middleware.keys.key_cache import KeyCache
from jwt_middleware.waiting import run
from tests.tokens import jwks, private_key

SECRET, OTHER = "correct horse battery staple, and then some more", b"\x00\xff" * 32


def pem(kid: str) -> bytes:
    return private_key(kid).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def private_pem(kid: str) -> bytes:
    return private_key(kid).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def found(source: StaticKeys) -> list[tuple[str | None, str]]:
    return [(key.kid, key.kind) for key in source.fetch().keys]


@pytest.mark.parametrize(
    ("given", "keys"),
    [
        ({"pem": pem("rsa")}, [(None, "RSA")]),
        ({"pem": pem("rsa").decode()}, [(None, "RSA")]),
        ({"pem": [pem("rsa"), pem("ec")]}, [(None, "RSA"), (None, "EC")]),
        ({"pem": (pem("ed25519"), pem("ed448"))}, [(None, "OKP"), (None, "OKP")]),
        ({"pem": {"old": pem("ec"), "new": pem("rsa")}}, [("old", "EC"), ("new", "RSA")]),
        ({"jwk": jwks("ec")["keys"][0]}, [("ec", "EC")]),
        ({"jwks": jwks("ec", "rsa")}, [("ec", "EC"), ("rsa", "RSA")]),
        ({"jwks": json.dumps(jwks("ec"))}, [("ec", "EC")]),
        ({"jwks": json.dumps(jwks("ec")).encode()}, [("ec", "EC")]),
        ({"secret": SECRET}, [(None, "oct")]),
        ({"secret": OTHER}, [(None, "oct")]),
        ({"secret": [OTHER]}, [(None, "oct")]),
        ({"secret": {"old": SECRET, "new": OTHER}}, [("old", "oct"), ("new", "oct")]),
    ],
)
def test_every_form_is_read_and_is_fresh_for_ever(given: dict[str, Any], keys: list[tuple[str | None, str]]) -> None:
    source = static(**given)
    assert found(source) == keys
    assert source.fetch().fresh_for == float("inf")
    assert source.symmetric is ("secret" in given)


@pytest.mark.parametrize("finish", [run, asyncio.run], ids=["run", "awaited"])
def test_both_forms_of_the_source_give_the_same_keys(finish: Any) -> None:
    cache = KeyCache(static(pem=pem("ec")))
    assert finish(cache.find("whatever", "ES256")).kind == "EC"


def test_keys_of_a_jwks_that_cannot_verify_are_left_out() -> None:
    encrypting = {**jwks("rsa")["keys"][0], "use": "enc", "alg": "RSA-OAEP", "kid": "enc"}
    source = static(jwks={"keys": [encrypting, *jwks("ec")["keys"]]})
    assert found(source) == [("ec", "EC")]
    assert len(source.fetch().skipped) == 1


WHOLE = "static(): hand in exactly one of pem, jwk, jwks and secret, not "


@pytest.mark.parametrize(
    ("given", "mistakes"),
    [
        ({}, [WHOLE + "none"]),
        ({"pem": None, "secret": None}, [WHOLE + "none"]),
        ({"pem": pem("ec"), "secret": SECRET}, [WHOLE + "['pem', 'secret']"]),
        (
            {"secret": {"a": "short", "b": OTHER, "c": 64}},
            [
                "static(secret=...): key 1 of 3: the secret holds 5 bytes, HS256 needs at least 32; make one with secrets.token_bytes",
                "static(secret=...): key 3 of 3: the key is a int; hand in str or bytes",
            ],
        ),
        ({"secret": bytearray(64)}, ["static(secret=...): the key is a bytearray; hand in str or bytes"]),
        ({"secret": 64}, ["static(secret=...): the key is a int; hand in str or bytes"]),
        ({"secret": {1: SECRET}}, ["static(secret=...): the key id is not a text"]),
        ({"secret": []}, ["static(secret=...): there is no key in it"]),
        ({"secret": {}}, ["static(secret=...): there is no key in it"]),
        (
            {"secret": [SECRET, OTHER]},
            [
                "static(secret=...): keys without a key id cannot be told apart; hand in a mapping from key ids to keys",
            ],
        ),
        (
            {"pem": [pem("rsa"), private_pem("ec"), "nonsense"]},
            [
                "static(pem=...): key 2 of 3: the PEM holds a private key; hand in its public half (openssl pkey -pubout)",
                "static(pem=...): key 3 of 3: the text is no public key in PEM",
            ],
        ),
        ({"pem": SECRET}, ["static(pem=...): the text is no public key in PEM"]),
        (
            {"pem": pem("rsa") + pem("ec")},
            ["static(pem=...): the text holds several PEMs; hand in each by itself, with a key id"],
        ),
        (
            {"secret": pem("rsa")},
            [
                "static(secret=...): the secret is the text of a key or certificate, which others know; make a random one",
            ],
        ),
        ({"jwk": "text"}, ["static(jwk=...): a key of the set is not a JSON object"]),
        (
            {"jwk": {"kty": "oct", "k": "A" * 43}},
            ["static(jwk=...): the key is symmetric; a shared secret is never published in a key set"],
        ),
        ({"jwks": {}}, ["static(jwks=...): the document is not a JWKS: it has no list of keys"]),
        ({"jwks": "<html>"}, ["static(jwks=...): the document is not JSON"]),
        ({"jwks": {"keys": []}}, ["static(jwks=...): there is no key in it"]),
        (
            {"jwks": {"keys": [{"kty": "oct"}, {"kty": "AKP"}]}},
            [
                "static(jwks=...): the key is symmetric; a shared secret is never published in a key set",
                "static(jwks=...): the key is of a type or curve that no accepted algorithm uses",
            ],
        ),
    ],
)
def test_every_mistake_is_said_at_once(given: dict[str, Any], mistakes: list[str]) -> None:
    with pytest.raises(ConfigurationError) as refused:
        static(**given)
    assert list(refused.value.mistakes) == mistakes


def test_whoever_mistakes_secret_and_key_id_does_not_read_the_secret_in_the_error() -> None:
    with pytest.raises(ConfigurationError) as refused:
        static(secret={SECRET: "key id"})
    assert SECRET not in str(refused.value)


def test_a_secret_is_never_shown() -> None:
    source = static(secret={"k": SECRET})
    assert SECRET not in f"{source!r} {source.fetch()!r} {source.fetch().keys!r}"
