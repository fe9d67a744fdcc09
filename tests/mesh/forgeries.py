"""Tokens that nobody issued, made from one that somebody did: by the standard library and cryptography alone."""

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from .outages import UNKNOWN_KEY


def forgeries(token: str, jwks: dict[str, Any]) -> dict[str, str]:
    """By the name of the trick. ``token`` is a good one, whose signature is taken along where none is made."""
    head, body, signature = token.split(".")
    header, claims = _read(head), _read(body)
    more = _written({**claims, "sub": "manager", "roles": ["manager"], "permissions": ["prices:read", "stock:write"]})
    key = next(each for each in jwks["keys"] if each["kid"] == header["kid"])
    return {
        "other claims under the same signature": f"{head}.{_written({**claims, 'roles': ['manager', 'x']})}.{signature}",
        "a flipped bit": f"{head}.{body}.{_flipped(signature)}",
        "no signature": f"{head}.{body}.",
        "alg none": f"{_written({**header, 'alg': 'none'})}.{more}.",
        "another key under the same id": _signed(header, more),
        UNKNOWN_KEY: _signed({**header, "kid": "unheard-of"}, more),
        "a key that the token brings along": _signed({**header, "jwk": key}, more),
        "the public key as a secret": _with_secret({**header, "alg": "HS256"}, more, json.dumps(key).encode()),
        "another issuer": _signed(header, _written({**claims, "iss": "https://evil.example"})),
        "no token at all": "x.y.z",
    }


def _signed(header: dict[str, Any], body: str) -> str:
    text = f"{_written(header)}.{body}"
    r, s = decode_dss_signature(generate_private_key(SECP256R1()).sign(text.encode(), ECDSA(SHA256())))
    return f"{text}.{_encoded(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def _with_secret(header: dict[str, Any], body: str, secret: bytes) -> str:
    text = f"{_written(header)}.{body}"
    return f"{text}.{_encoded(hmac.digest(secret, text.encode(), 'sha256'))}"


def _flipped(signature: str) -> str:
    octets = bytearray(urlsafe_b64decode(signature + "=="))
    octets[5] ^= 1
    return _encoded(bytes(octets))


def _read(segment: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(urlsafe_b64decode(segment + "=" * (-len(segment) % 4)))
    return read


def _written(content: dict[str, Any]) -> str:
    return _encoded(json.dumps(content).encode())


def _encoded(octets: bytes) -> str:
    return urlsafe_b64encode(octets).rstrip(b"=").decode()
