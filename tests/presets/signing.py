"""What a provider would have signed, signed with keys of this test run."""

import functools
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from jwt_middleware import Guard, RequestInfo, TrustedIssuer
from jwt_middleware.access.admission import Admission
from jwt_middleware.key_sources.static import StaticKeys, static
from jwt_middleware.waiting import run
from tests.tokens import base64url

NOW: Final = 1_800_000_010.0
SECRET: Final = "0123456789abcdef" * 4
PEM: Final = (Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


@functools.cache
def private_key(algorithm: str) -> Any:
    if algorithm == "RS256":
        return rsa.generate_private_key(65537, 2048)
    if algorithm == "EdDSA":
        return ed25519.Ed25519PrivateKey.generate()
    return ec.generate_private_key({"ES256": ec.SECP256R1, "ES384": ec.SECP384R1}[algorithm]())


def sign(header: Mapping[str, Any], claims: Mapping[str, Any]) -> str:
    """Header and claims as they are, whatever they say; a claim of None is left out."""
    present = {name: value for name, value in claims.items() if value is not None}
    text = ".".join(base64url(json.dumps(part).encode()) for part in (header, present))
    algorithm = header["alg"]
    key = jwt.get_algorithm_by_name(algorithm).prepare_key(SECRET) if algorithm == "HS256" else private_key(algorithm)
    return f"{text}.{base64url(jwt.get_algorithm_by_name(algorithm).sign(text.encode(), key))}"


def keys(header: Mapping[str, Any]) -> StaticKeys:
    """The key that ``sign`` uses for this header, under its key id."""
    if header["alg"] == "HS256":
        return static(secret=SECRET)
    public = private_key(header["alg"]).public_key()
    pem = public.public_bytes(*PEM)
    return static(pem={header["kid"]: pem} if "kid" in header else pem)


def admission(trusted: TrustedIssuer, token: str, **more: Any) -> Admission:
    """What a guard that trusts this issuer finds."""

    def header(name: str) -> Sequence[str]:
        return [f"Bearer {token}"] if name == "authorization" else []

    return run(Guard(trusted, realm="tests", clock=lambda: NOW, **more).admit(RequestInfo(header=header)))


def refusal(trusted: TrustedIssuer, token: str) -> str:
    """The reason code, or nothing for a token that is taken."""
    found = admission(trusted, token).refusal
    return "" if found is None else found.reason
