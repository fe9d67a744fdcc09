"""The two judges, with equal rules: who may sign, with what, for whom, and what time it is."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, tzinfo
from typing import Any, Final, Self
from unittest.mock import patch

import jwt
from jwt.algorithms import OKPAlgorithm

from jwt_middleware import InvalidToken, TrustedIssuer
from jwt_middleware.key_sources.static import static
from jwt_middleware.keys.key_cache import KeyCache
from jwt_middleware.verification.authenticator import Authenticator
from jwt_middleware.verification.trusts import Trusts
from jwt_middleware.waiting import run
from tests.forgery.keys import SECRET, public_key, public_pem
from tests.forgery.recipe import AUDIENCE, HOUSE, NOW, PROVIDER

from .differences import LEEWAY

_RSA: Final = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"]
_FITTING: Final = {"ec": ["ES256"], "ed": ["EdDSA", "Ed25519"], "rsa": _RSA, "hs": ["HS256"]}
_KIDS: Final = {PROVIDER: ("ec", "ed", "rsa"), HOUSE: ("hs",)}


class _Standing(datetime):
    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:
        return cls.fromtimestamp(NOW, tz)


class Ours:
    """This package, from the text of a token to its claims."""

    def __init__(self) -> None:
        provider = TrustedIssuer(
            PROVIDER, audience=AUDIENCE, keys=static(pem={kid: public_pem(kid) for kid in _KIDS[PROVIDER]})
        )
        house = TrustedIssuer(HOUSE, audience=AUDIENCE, keys=static(secret={"hs": SECRET}))
        trusts = Trusts([provider, house], keys_of=lambda each: KeyCache(_source(each)), clock=lambda: 0.0)
        self._authenticator = Authenticator(trusts, None, lambda: float(NOW))

    def takes(self, token: str) -> bool:
        """Raises whatever is raised but InvalidToken."""
        try:
            run(self._authenticator.authenticate(token))
        except InvalidToken:
            return False
        return True


class Theirs:
    """``jwt.decode``, told which key each key id means; whatever it raises is a no."""

    def __init__(self) -> None:
        signatures = jwt.PyJWS()
        signatures.register_algorithm("Ed25519", OKPAlgorithm())  # the newer name of EdDSA, RFC 9864
        self._jwt = jwt.PyJWT()
        self._jwt._jws = signatures
        self._keys: dict[str, Any] = {kid: public_key(kid) for kid in _KIDS[PROVIDER]} | {"hs": SECRET}

    def takes(self, token: str) -> bool:
        try:
            header = jwt.get_unverified_header(token)
        except Exception:
            return False
        return any(
            self._decodes(token, kid, issuer)
            for issuer, kids in _KIDS.items()
            for kid in kids
            if header.get("kid", kid) == kid
        )

    def _decodes(self, token: str, kid: str, issuer: str) -> bool:
        try:
            self._jwt.decode(
                token,
                self._keys[kid],
                _FITTING[kid],
                audience=AUDIENCE,
                issuer=issuer,
                leeway=LEEWAY,
                options={"require": ["exp", "iss", "aud"]},
            )
        except Exception:
            return False
        return True


@contextmanager
def their_clock() -> Iterator[None]:
    """For ``Theirs`` it is NOW: it takes no clock."""
    with patch.object(jwt.api_jwt, "datetime", _Standing):
        yield


def _source(issuer: TrustedIssuer) -> Any:
    return issuer.keys
