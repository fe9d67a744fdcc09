"""The token that is measured, the keys it is signed with, and the four bad ones that every contestant must refuse."""

import base64
import functools
import itertools
import json
import os
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

ISSUER: Final = "https://issuer.example.com/"
AUDIENCE: Final = "orders"
KID: Final = "2026-11"
ALGORITHMS: Final = ("RS256", "ES256", "EdDSA", "HS256")
SECRET: Final = b"0123456789abcdef" * 2
FEW: Final = 100  # tokens in rotation, where a cache should hold them all
KEYS: Final = "BENCHMARKS_KEYS"  # environment: a folder with the keys, for several processes that need the same
MANY: Final = 12_000  # tokens in rotation, more than a cache holds

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


def private_key(algorithm: str, kid: str = KID) -> PrivateKey:
    """The key of this id; made once in a process."""
    return _made(algorithm, kid)


@functools.cache
def _made(algorithm: str, kid: str) -> PrivateKey:
    folder = os.environ.get(KEYS)
    if folder is None:
        return _generated(algorithm)
    file = Path(folder) / f"{algorithm} {kid}.pem"
    if not file.exists():
        pem = _generated(algorithm).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        file.write_bytes(pem)
    read: Any = load_pem_private_key(file.read_bytes(), None)
    return read  # type: ignore[no-any-return]  # one that was written here


def _generated(algorithm: str) -> PrivateKey:
    if algorithm == "RS256":
        return rsa.generate_private_key(65537, 2048)
    return ec.generate_private_key(ec.SECP256R1()) if algorithm == "ES256" else ed25519.Ed25519PrivateKey.generate()


def verifying_pem(algorithm: str) -> str:
    public = private_key(algorithm).public_key()
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def verifying_jwk(algorithm: str, kid: str = KID) -> dict[str, Any]:
    """The key as a JWK; for HS256 a symmetric one, which other libraries take."""
    if algorithm == "HS256":
        material = {"kty": "oct", "k": base64.urlsafe_b64encode(SECRET).rstrip(b"=").decode()}
    else:
        material = json.loads(jwt.get_algorithm_by_name(algorithm).to_jwk(private_key(algorithm, kid).public_key()))
    return {**material, "kid": kid, "alg": algorithm, "use": "sig"}


def claims(**changes: object) -> dict[str, object]:
    """Sixteen claims, as RFC 9068 has them and a bit more: about 540 bytes of JSON."""
    now = int(time.time())
    return {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "7d9f2c3e-5b1a-4a7e-9c55-0f6d2b8e1a44",
        "client_id": "web-shop",
        "iat": now,
        "nbf": now,
        "exp": now + 86_400,
        "jti": uuid.uuid4().hex,
        "scope": "orders:read orders:write stock:read profile",
        "roles": ["clerk", "manager"],
        "groups": ["staff", "emea"],
        "permissions": ["orders.close", "orders.open", "stock.reserve"],
        "tenant": "acme",
        "sid": uuid.uuid4().hex,
        "auth_time": now,
        "acr": "urn:example:acr:silver",
        **changes,
    }


def token(algorithm: str, header: Mapping[str, object] | None = None, **changes: object) -> str:
    """A good token but for the ``changes`` of claims; ``header`` adds to its header."""
    said = {"kid": KID, "typ": "at+jwt", **(header or {})}
    key = SECRET if algorithm == "HS256" else private_key(algorithm, str(said["kid"]))
    return jwt.encode(claims(**changes), key, algorithm, said)


@functools.cache
def tokens(algorithm: str, different: int) -> Sequence[bytes]:
    """That many good tokens; made once in a process."""
    return [token(algorithm).encode() for _ in range(different)]


def bad_tokens(algorithm: str) -> Mapping[str, str]:
    """The four that nobody may take."""
    head, _, signature = token(algorithm).rpartition(".")
    return {
        "signature": f"{head}.{'B' if signature[0] != 'B' else 'C'}{signature[1:]}",
        "exp": token(algorithm, exp=int(time.time()) - 3600),
        "aud": token(algorithm, aud="billing"),
        "iss": token(algorithm, iss="https://elsewhere.example.com/"),
    }


def in_turns(texts: Sequence[bytes]) -> Callable[[int], Iterator[bytes]]:
    """Gives the next so many of ``texts``, round and round."""
    endless = itertools.cycle(texts)
    return lambda count: itertools.islice(endless, count)


def checking(check: Callable[[str], object], texts: Sequence[bytes]) -> Callable[[int], None]:
    """Work: check the next so many tokens, each a new object, as requests bring them."""
    turns = in_turns(texts)

    def work(count: int) -> None:
        for text in turns(count):
            check(text.decode())

    return work
