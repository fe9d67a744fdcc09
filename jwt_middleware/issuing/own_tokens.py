"""OwnTokens: tokens that come back to whoever issued them, verified like anybody else's."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from ..access.actor import actors_in
from ..errors import AuthError, AuthUnavailable, InvalidToken
from ..verification.authenticator import RevocationStore
from ..verification.claims import Claims
from ..verification.compact import read
from ..verification.json_object import parse_object
from ..verification.trusted_issuer import TrustedIssuer
from ..verification.verify import verify
from ..waiting import ask
from .token_issuer import TokenIssuer


class OwnTokens:
    """Verifies access tokens of ``issuer``: signature, times, kind, revocation, and whom they are meant for."""

    def __init__(self, issuer: TokenIssuer, revocations: RevocationStore | None, clock: Callable[[], float]) -> None:
        self._keys = issuer.keys
        self._revocations = revocations
        self._clock = clock
        self._rules = TrustedIssuer(issuer.issuer, audience="whoever", keys=issuer.keys, profile="rfc9068").rules

    async def verified(self, token: str, audience: Iterable[str] | None) -> Claims:
        """What the token says; one of ``audience`` is meant by it, or, for None, anybody. Raises InvalidToken."""
        unverified = read(token, self._rules.max_size)
        if audience is None:
            named = parse_object(unverified.payload).get("aud")
            audience = (named,) if isinstance(named, str) else named if isinstance(named, tuple) else ()
        meant = frozenset(each for each in audience if isinstance(each, str))
        keys = await ask(self._keys.fetch, self._keys.afetch)
        key = keys.select(unverified.header.kid, unverified.header.algorithm)
        if key is None or unverified.header.algorithm not in self._rules.algorithms:
            raise InvalidToken("key_unknown")
        claims = verify(unverified, key, replace(self._rules, audience=meant, leeway=0.0), self._clock())
        try:
            act = claims.values.get("act")
            actors_in(act, claims.issuer)  # type: ignore[arg-type]  # whatever it is, it is looked at
        except ValueError as error:
            raise InvalidToken("claim_malformed") from error
        if self._revocations is not None and await self._is_revoked(claims, self._revocations):
            raise InvalidToken("token_revoked")
        return claims

    async def _is_revoked(self, claims: Claims, store: RevocationStore) -> bool:
        try:
            return await ask(store.is_revoked, store.ais_revoked, claims) is not False
        except AuthError:
            raise
        except Exception as error:
            raise AuthUnavailable("revocations_unavailable") from error
