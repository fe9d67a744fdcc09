"""One private key: its id, its public half, and what it never shows."""

import pickle
from typing import get_args

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat

from jwt_middleware import ConfigurationError
from jwt_middleware.issuing import SigningKey
from jwt_middleware.issuing.signing_key import Algorithm, PublicAlgorithm, thumbprint
from jwt_middleware.keys.key import key_from_jwk


def test_the_thumbprint_is_that_of_rfc_7638() -> None:
    # RFC 7638 section 3.1
    modulus = (
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMs"
        "tn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1"
        "n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
    )
    jwk = {"kty": "RSA", "n": modulus, "e": "AQAB", "alg": "RS256", "kid": "2011-04-29"}
    assert thumbprint(jwk) == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"


def test_the_thumbprint_of_an_edwards_key_is_that_of_rfc_8037() -> None:
    jwk = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}  # RFC 8037 appendix A.3
    assert thumbprint(jwk) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


@pytest.mark.parametrize("algorithm", get_args(PublicAlgorithm))
def test_the_public_half_is_one_that_our_own_verifier_reads(algorithm: PublicAlgorithm) -> None:
    key = SigningKey.generate(algorithm)
    read = key_from_jwk(key.public_jwk)
    assert read.kid == key.kid
    assert algorithm in read.algorithms
    assert not {"d", "p", "q", "dp", "dq", "qi"} & set(key.public_jwk)


@pytest.mark.parametrize("algorithm", get_args(Algorithm))
def test_what_signs_is_in_no_repr_and_no_pickle(algorithm: Algorithm) -> None:
    key = SigningKey.generate(algorithm)
    assert repr(key) == f"SigningKey(kid={key.kid!r}, algorithm={algorithm!r})"
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(key)


@pytest.mark.parametrize("algorithm", get_args(PublicAlgorithm))
@pytest.mark.parametrize("password", [None, b"open sesame"])
def test_a_key_from_pem_is_the_same_key(algorithm: PublicAlgorithm, password: bytes | None) -> None:
    key = SigningKey.generate(algorithm)
    encryption = NoEncryption() if password is None else BestAvailableEncryption(password)
    assert not isinstance(key._private, bytes)
    pem = key._private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)
    assert SigningKey.from_pem(pem, password, algorithm=algorithm) == key
    assert SigningKey.from_pem(pem.decode(), password).kid == key.kid


def test_an_rsa_key_signs_with_rs256_unless_told_otherwise() -> None:
    private = rsa.generate_private_key(65537, 2048)
    assert (SigningKey(private).algorithm, SigningKey(private, "PS256").algorithm) == ("RS256", "PS256")
    with pytest.raises(ConfigurationError, match="RS256 or PS256"):
        SigningKey(private, "ES256")


def test_a_shared_secret_has_a_name_and_nothing_that_may_be_published() -> None:
    key = SigningKey.from_secret("s3cret-" * 5, kid="2026-a")
    assert (key.kid, key.algorithm, key.symmetric, dict(key.public_jwk)) == ("2026-a", "HS256", True, {})
    assert key.shared_secret == b"s3cret-" * 5
    assert "s3cret" not in repr(key)
    assert SigningKey.generate("HS256").kid != SigningKey.generate("HS256").kid
    with pytest.raises(ConfigurationError, match="hand out public_jwk"):
        _ = SigningKey.generate().shared_secret


@pytest.mark.parametrize(("secret", "kid"), [("short", "a"), ("s" * 32, ""), ("-----BEGIN PUBLIC KEY-----" * 2, "a")])
def test_a_secret_that_others_could_guess_or_that_has_no_name_is_refused(secret: str, kid: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        SigningKey.from_secret(secret, kid=kid)
    assert secret not in str(refused.value)


def test_weak_foreign_and_unreadable_keys_are_refused_without_their_text() -> None:
    p384 = ec.generate_private_key(ec.SECP384R1())
    for private in (p384, rsa.generate_private_key(65537, 1024), "text"):
        with pytest.raises(ConfigurationError):
            SigningKey(private)  # type: ignore[arg-type]  # that is what is tested
    with pytest.raises(ConfigurationError, match="choose one of 'ES256'"):
        SigningKey.generate("HS512")  # type: ignore[arg-type]  # that is what is tested
    for pem in ("-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----", b"c2VjcmV0"):
        with pytest.raises(ConfigurationError) as refused:
            SigningKey.from_pem(pem)
        assert "c2VjcmV0" not in str(refused.value)
        assert refused.value.__cause__ is None
    dsa = p384.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with pytest.raises(ConfigurationError, match="P-256, Ed25519 or RSA"):
        SigningKey.from_pem(dsa)
