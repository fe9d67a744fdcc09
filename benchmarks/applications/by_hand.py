"""What a user of PyJWT would write by hand: the plain way, and the fastest way that was found."""

import base64
import json
import time
from typing import Any

import jwt

from ..samples import AUDIENCE, ISSUER, KID, private_key

ALGORITHM = "RS256"


def decoded(token: str) -> dict[str, Any]:
    """The plain way. Raises PyJWTError."""
    key: Any = private_key(ALGORITHM).public_key()
    options: Any = {"require": ["exp", "iat", "nbf", "iss", "aud", "sub", "jti"]}
    found: dict[str, Any] = jwt.decode(token, key, [ALGORITHM], audience=AUDIENCE, issuer=ISSUER, options=options)
    return found


class Layer:
    """The fastest way: PyJWT's algorithm alone, and a dict of whole tokens in front of it. A yardstick, not for use."""

    def __init__(self) -> None:
        self._algorithm: Any = jwt.get_algorithm_by_name(ALGORITHM)
        self._keys = {KID: private_key(ALGORITHM).public_key()}
        self._known: dict[bytes, tuple[dict[str, Any], float]] = {}

    def claims(self, token: bytes) -> dict[str, Any] | None:
        """What a token says, None for a bad one."""
        known = self._known.get(token)
        if known is not None and time.time() < known[1]:
            return known[0]
        try:
            claims = self._verified(token)
        except (ValueError, KeyError):
            return None
        if claims is not None:
            self._known[token] = (claims, claims["exp"])
        return claims

    def _verified(self, token: bytes) -> dict[str, Any] | None:
        signed, _, signature = token.rpartition(b".")
        head, _, payload = signed.partition(b".")
        header = json.loads(_decoded(head))
        if header["alg"] != ALGORITHM or not self._algorithm.verify(
            signed, self._keys[header["kid"]], _decoded(signature)
        ):
            return None
        claims: dict[str, Any] = json.loads(_decoded(payload))
        now = time.time()
        good = claims["iss"] == ISSUER and claims["aud"] == AUDIENCE and claims["nbf"] <= now < claims["exp"]
        return claims if good else None


def _decoded(segment: bytes) -> bytes:
    return base64.urlsafe_b64decode(segment + b"=" * (-len(segment) % 4))
