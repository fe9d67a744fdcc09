"""Whether a signature is that of a key we trust (RFC 7515 section 5.2, RFC 7518 section 3, RFC 8037 section 3.1)."""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from tests.forgery.keys import SECRET, public_key
from tests.forgery.recipe import HOUSE, PROVIDER

from .segments import Parts

_HASHES: Mapping[str, Any] = {"256": hashes.SHA256, "384": hashes.SHA384, "512": hashes.SHA512}
_RSA = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"})
# whose key, under which key id, with which algorithms
_TRUSTED = (
    (PROVIDER, "ec", frozenset({"ES256"})),
    (PROVIDER, "ed", frozenset({"EdDSA", "Ed25519"})),
    (PROVIDER, "rsa", _RSA),
    (HOUSE, "hs", frozenset({"HS256"})),
)


def is_signed(parts: Parts, issuer: object) -> bool:
    """Whether this issuer has signed it, with the key that the header names or with the one that fits."""
    algorithm, said = parts.header.get("alg"), parts.header.get("kid")
    if not isinstance(algorithm, str):
        return False
    fitting = [kid for whose, kid, algorithms in _TRUSTED if whose == issuer and algorithm in algorithms]
    named = fitting if "kid" not in parts.header else [kid for kid in fitting if kid == said]
    return len(named) == 1 and _verifies(named[0], algorithm, parts)


def _verifies(kid: str, algorithm: str, parts: Parts) -> bool:
    signed, signature = parts.signed, parts.signature
    if kid == "hs":
        return hmac.compare_digest(hmac.new(SECRET, signed, hashlib.sha256).digest(), signature)
    key: Any = public_key(kid)
    try:
        if kid == "ed":
            key.verify(signature, signed)
        elif kid == "ec":
            if len(signature) != 64:
                return False
            r, s = int.from_bytes(signature[:32]), int.from_bytes(signature[32:])
            key.verify(encode_dss_signature(r, s), signed, ec.ECDSA(hashes.SHA256()))
        else:
            digest = _HASHES[algorithm[2:]]()
            salted = padding.PSS(padding.MGF1(digest), digest.digest_size)
            key.verify(signature, signed, salted if algorithm.startswith("PS") else padding.PKCS1v15(), digest)
    except InvalidSignature:
        return False
    return True
