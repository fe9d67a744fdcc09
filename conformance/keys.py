"""Keys to sign with, good and bad, and what a key set says of them."""

import hmac
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, HMACAlgorithm, OKPAlgorithm, RSAAlgorithm, RSAPSSAlgorithm

JWK = dict[str, Any]


@dataclass(frozen=True)
class Signer:
    """Who signs: the algorithm and key id that a header names, and how the signing input is signed."""

    algorithm: str
    kid: str | None
    sign: Callable[[bytes], bytes]


@cache
def private(name: str) -> Any:
    """The private key of this name, made once per run."""
    if name in ("rsa", "other-rsa"):
        return rsa.generate_private_key(65537, 2048)
    if name == "short-rsa":
        return rsa.generate_private_key(65537, 1024)  # what must be refused
    if name in ("ed", "other-ed"):
        return ed25519.Ed25519PrivateKey.generate()
    return ec.generate_private_key(ec.SECP256R1())


def public_jwk(name: str, **changes: object) -> JWK:
    """What a key set says of this key; a member that is changed to None is left out."""
    key = private(name).public_key()
    if isinstance(key, rsa.RSAPublicKey):
        written, algorithm = RSAAlgorithm.to_jwk(key), "RS256"
    elif isinstance(key, ed25519.Ed25519PublicKey):
        written, algorithm = OKPAlgorithm.to_jwk(key), "EdDSA"
    else:
        written, algorithm = ECAlgorithm.to_jwk(key), "ES256"
    plain = {member: value for member, value in json.loads(written).items() if member != "key_ops"}
    members = {**plain, "kid": name, "use": "sig", "alg": algorithm, **changes}
    return {member: value for member, value in members.items() if value is not None}


def _es256(name: str) -> Callable[[bytes], bytes]:
    return lambda message: ECAlgorithm(ECAlgorithm.SHA256).sign(message, private(name))


def _der(message: bytes) -> bytes:
    signature: bytes = private("ec").sign(message, ec.ECDSA(SHA256()))
    return signature


def _with_public_key_as_secret(encode: Callable[[rsa.RSAPublicKey], bytes]) -> Callable[[bytes], bytes]:
    return lambda message: hmac.digest(encode(private("rsa").public_key()), message, "sha256")


def _pem(key: rsa.RSAPublicKey) -> bytes:
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _jwk_text(key: rsa.RSAPublicKey) -> bytes:
    return RSAAlgorithm.to_jwk(key).encode()


_SIGNERS: Final[Mapping[str, tuple[str, str | None, Callable[[bytes], bytes]]]] = {
    "ec": ("ES256", "ec", _es256("ec")),
    "ec without key id": ("ES256", None, _es256("ec")),
    "other-ec": ("ES256", "other-ec", _es256("other-ec")),
    "stranger": ("ES256", "ec", _es256("stranger")),  # names the key id of somebody else
    "der": ("ES256", "ec", _der),
    "rsa": ("RS256", "rsa", lambda message: RSAAlgorithm(RSAAlgorithm.SHA256).sign(message, private("rsa"))),
    "rsa-pss": ("PS256", "rsa", lambda message: RSAPSSAlgorithm(RSAPSSAlgorithm.SHA256).sign(message, private("rsa"))),
    "short-rsa": (
        "RS256",
        "short-rsa",
        lambda message: RSAAlgorithm(RSAAlgorithm.SHA256).sign(message, private("short-rsa")),
    ),
    "ed": ("EdDSA", "ed", lambda message: OKPAlgorithm().sign(message, private("ed"))),
    "ed by its new name": ("Ed25519", "ed", lambda message: OKPAlgorithm().sign(message, private("ed"))),
    "ed as Ed448": ("Ed448", "ed", lambda message: OKPAlgorithm().sign(message, private("ed"))),
    "nobody": ("none", None, lambda _: b""),
    "junk": ("none", None, lambda _: b"junk"),
    "secret": ("HS256", "ec", lambda message: HMACAlgorithm(HMACAlgorithm.SHA256).sign(message, b"changeme" * 4)),
    "public key as PEM": ("HS256", "rsa", _with_public_key_as_secret(_pem)),
    "public key as JWK": ("HS256", "rsa", _with_public_key_as_secret(_jwk_text)),
}


class Signers(Mapping[str, Signer]):
    """Everyone who can sign here, by name; the keys are made when they are needed."""

    def __getitem__(self, name: str) -> Signer:
        return Signer(*_SIGNERS[name])

    def __iter__(self) -> Iterator[str]:
        return iter(_SIGNERS)

    def __len__(self) -> int:
        return len(_SIGNERS)
