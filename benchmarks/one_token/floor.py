"""The floor: one call of ``cryptography`` with everything prepared. No check of a token can be cheaper with it."""

import base64
from collections.abc import Callable
from typing import Final

from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from ..rounds import Work
from ..samples import SECRET, private_key, token

FLOOR: Final = "raw signature check"


def floor(algorithm: str) -> Work:
    """Verify the signature of one token, again and again."""
    verify = once(algorithm, token(algorithm))

    def work(count: int) -> None:
        for _ in range(count):
            verify()

    return work


def once(algorithm: str, token: str) -> Callable[[], object]:
    """The raw check of this token's signature. Raises InvalidSignature."""
    text, _, last = token.rpartition(".")
    signed, signature = text.encode(), base64.urlsafe_b64decode(last + "=" * (-len(last) % 4))
    if algorithm == "HS256":
        keyed = hmac.HMAC(SECRET, hashes.SHA256())

        def authenticate() -> None:
            context = keyed.copy()
            context.update(signed)
            context.verify(signature)

        return authenticate
    public = private_key(algorithm).public_key()
    if isinstance(public, rsa.RSAPublicKey):
        scheme, digest = padding.PKCS1v15(), hashes.SHA256()
        return lambda: public.verify(signature, signed, scheme, digest)
    if isinstance(public, ec.EllipticCurvePublicKey):
        der = encode_dss_signature(int.from_bytes(signature[:32]), int.from_bytes(signature[32:]))
        ecdsa = ec.ECDSA(hashes.SHA256())
        return lambda: public.verify(der, signed, ecdsa)
    return lambda: public.verify(signature, signed)
