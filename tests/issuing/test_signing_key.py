"""One private key: its id, its public half, and what it never shows."""

import pickle
from typing import get_args

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from jwt_middleware import ConfigurationError
from jwt_middleware.issuing import SigningKey
from jwt_middleware.issuing.signing_key import Algorithm, thumbprint
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


@pytest.mark.parametrize("algorithm", get_args(Algorithm))
def test_the_public_half_is_one_that_our_own_verifier_reads(algorithm: Algorithm) -> None:
    key = SigningKey.generate(algorithm)
    read = key_from_jwk(key.public_jwk)
    assert read.kid == key.kid
    assert algorithm in read.algorithms
    assert not {"d", "p", "q", "dp", "dq", "qi"} & set(key.public_jwk)


@pytest.mark.parametrize("algorithm", get_args(Algorithm))
def test_the_private_half_is_in_no_repr_and_no_pickle(algorithm: Algorithm) -> None:
    key = SigningKey.generate(algorithm)
    assert repr(key) == f"SigningKey(kid={key.kid!r}, algorithm={algorithm!r})"
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(key)


@pytest.mark.parametrize("algorithm", get_args(Algorithm))
def test_a_key_from_pem_is_the_same_key(algorithm: Algorithm) -> None:
    key = SigningKey.generate(algorithm)
    pem = key._private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    assert SigningKey.from_pem(pem) == SigningKey.from_pem(pem.decode()) == key


def test_weak_foreign_and_unreadable_keys_are_refused_without_their_text() -> None:
    p384 = ec.generate_private_key(ec.SECP384R1())
    for private in (p384, rsa.generate_private_key(65537, 1024), "text"):
        with pytest.raises(ConfigurationError):
            SigningKey(private)  # type: ignore[arg-type]  # that is what is tested
    with pytest.raises(ConfigurationError, match="choose one of 'ES256'"):
        SigningKey.generate("HS256")  # type: ignore[arg-type]  # that is what is tested
    for pem in ("-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----", b"c2VjcmV0"):
        with pytest.raises(ConfigurationError) as refused:
            SigningKey.from_pem(pem)
        assert "c2VjcmV0" not in str(refused.value)
        assert refused.value.__cause__ is None
    dsa = p384.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with pytest.raises(ConfigurationError, match="P-256, Ed25519 or RSA"):
        SigningKey.from_pem(dsa)
