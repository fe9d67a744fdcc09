"""The libraries that check one token, each as its documentation has it, with keys prepared where it can."""

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from .. import ours
from ..ours import Check
from ..refusing import passes, who_refuses
from ..samples import AUDIENCE, ISSUER, SECRET, bad_tokens, private_key, token, verifying_jwk, verifying_pem

OURS: Final = "jwt_middleware"
REQUIRED: Final = ("exp", "iat", "nbf", "iss", "aud", "sub", "jti")


def jwt_middleware(algorithm: str) -> Check:
    return ours.cold_check(ours.trusted(algorithm))


def pyjwt(algorithm: str) -> Check:
    import jwt

    key: Any = SECRET if algorithm == "HS256" else private_key(algorithm).public_key()
    return lambda token: jwt.decode(
        token, key, [algorithm], audience=AUDIENCE, issuer=ISSUER, options={"require": list(REQUIRED)}
    )


def authlib(algorithm: str) -> Check:
    from authlib.jose import JsonWebKey, JsonWebToken

    reader, key = JsonWebToken([algorithm]), JsonWebKey.import_key(verifying_jwk(algorithm))
    demanded: dict[str, Any] = {name: {"essential": True} for name in REQUIRED}
    demanded |= {"iss": {"essential": True, "value": ISSUER}, "aud": {"essential": True, "value": AUDIENCE}}

    def check(token: str) -> object:
        claims = reader.decode(token, key, claims_options=demanded)
        claims.validate()
        return claims

    return check


def joserfc(algorithm: str) -> Check:
    from joserfc import jwk, jwt

    written = verifying_jwk(algorithm)
    key = jwk.import_key(written)
    demanded: dict[str, Any] = {name: {"essential": True} for name in REQUIRED}
    demanded |= {"iss": {"essential": True, "value": ISSUER}, "aud": {"essential": True, "value": AUDIENCE}}
    rules = jwt.JWTClaimsRegistry(**demanded)

    def check(token: str) -> object:
        decoded = jwt.decode(token, key, algorithms=[algorithm])
        rules.validate(decoded.claims)
        return decoded

    return check


def python_jose(algorithm: str) -> Check:
    from jose import jwk, jwt

    key = jwk.construct(SECRET if algorithm == "HS256" else verifying_pem(algorithm), algorithm)
    options = {f"require_{name}": True for name in REQUIRED}
    return lambda token: jwt.decode(token, key, [algorithm], audience=AUDIENCE, issuer=ISSUER, options=options)


def jwcrypto(algorithm: str) -> Check:
    from jwcrypto import jwk, jwt

    key = jwk.JWK(**verifying_jwk(algorithm))
    demanded = {**dict.fromkeys(REQUIRED), "iss": ISSUER, "aud": AUDIENCE}

    def check(token: str) -> object:
        read = jwt.JWT(algs=[algorithm], check_claims=demanded)
        read.deserialize(token, key)
        return json.loads(read.claims)

    return check


def ryjwt(algorithm: str) -> Check:
    from ryjwt import PublicKey, SecretKey

    rules: dict[str, Any] = {"algorithms": [algorithm], "audience": AUDIENCE, "issuer": ISSUER}
    key = SecretKey(SECRET, **rules) if algorithm == "HS256" else PublicKey(verifying_pem(algorithm), **rules)
    decode: Check = key.decode
    return decode


def oxyjwt(algorithm: str) -> Check:
    from oxyjwt import DecodingKey, decode

    if algorithm == "HS256":
        key = DecodingKey.from_secret(SECRET)
    else:
        read = {"RS256": "from_rsa_pem", "ES256": "from_ec_pem", "EdDSA": "from_ed_pem"}[algorithm]
        key = getattr(DecodingKey, read)(verifying_pem(algorithm).encode())
    return lambda token: decode(token, key, [algorithm], audience=AUDIENCE, issuer=ISSUER)


PEERS: Final[Mapping[str, Callable[[str], Check]]] = {
    "PyJWT, jwt.decode": pyjwt,
    "Authlib, authlib.jose": authlib,
    "joserfc": joserfc,
    "python-jose": python_jose,
    "jwcrypto": jwcrypto,
    "ryjwt (Rust)": ryjwt,
    "oxyjwt (Rust)": oxyjwt,
}


def contestants(algorithm: str, *, peers: bool) -> dict[str, Check]:
    """Ours, and the ``peers`` that refuse what must be refused."""
    every = {OURS: jwt_middleware, **(PEERS if peers else {})}
    makers = {name: partial(make, algorithm) for name, make in every.items()}
    return who_refuses(makers, passes, token(algorithm), bad_tokens(algorithm).values())
