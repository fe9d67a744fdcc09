"""Tokens for tests: keys made once per run, and signed tokens that are good but for what a test changes."""

import base64
import functools
import json
import time
import uuid
from collections.abc import Mapping
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from jwt.algorithms import Algorithm

from tests.leaks import made

ISSUER: Final = "https://issuer.example"
AUDIENCE: Final = "orders"
ALGORITHMS: Final = {"rsa": "RS256", "ec": "ES256", "ed25519": "EdDSA", "ed448": "Ed448"}  # by key id

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | ed448.Ed448PrivateKey


@functools.cache
def private_key(kid: str) -> PrivateKey:
    """The key with this id; which kind of key it is, its id says."""
    if kid == "rsa":
        return rsa.generate_private_key(65537, 2048)
    if kid == "ec":
        return ec.generate_private_key(ec.SECP256R1())
    if kid == "ed25519":
        return ed25519.Ed25519PrivateKey.generate()
    return ed448.Ed448PrivateKey.generate()


def jwks(*kids: str) -> dict[str, Any]:
    """The public halves of these keys, or of all."""
    return {"keys": [_jwk(kid) for kid in kids or ALGORITHMS]}


def mint(kid: str = "ec", *, alg: str | None = None, headers: Mapping[str, Any] | None = None, **changes: Any) -> str:
    """A token of alice, signed with this key, good for longer than a run of all tests; a claim changed to None is left out."""
    now = int(time.time())
    claims: dict[str, Any] = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "alice",
        "iat": now,
        "exp": now + 3600,
        "jti": uuid.uuid4().hex,
        "scope": "orders:read",
        "roles": ["clerk"],
        **changes,
    }
    present = {name: value for name, value in claims.items() if value is not None}
    header = {"alg": alg or ALGORITHMS[kid], "typ": "at+jwt", "kid": kid, **(headers or {})}
    signed = ".".join(base64url(json.dumps(part).encode()) for part in (header, present))
    return made(f"{signed}.{base64url(_signer(alg or ALGORITHMS[kid]).sign(signed.encode(), private_key(kid)))}")


def base64url(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def _signer(algorithm: str) -> Algorithm:
    return jwt.get_algorithm_by_name("EdDSA" if algorithm.startswith("Ed") else algorithm)


def _jwk(kid: str) -> dict[str, Any]:
    written = _signer(ALGORITHMS[kid]).to_jwk(private_key(kid).public_key())
    return {**json.loads(written), "kid": kid, "use": "sig"}
