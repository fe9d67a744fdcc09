"""OwnSession: whose request it is, by the access token of a living session that came along."""

import time

from ..access.token_location import authorization_header
from ..errors import AuthError, AuthUnavailable, InvalidToken, MissingToken
from ..keys.key_cache import KeyCache
from ..verification.authenticator import Authenticator
from ..verification.claims import Claims
from ..verification.trusted_issuer import TrustedIssuer
from ..verification.trusts import Trusts
from .cookies import SessionCookies
from .exchange import IssuingRequest
from .session import Session
from .sessions import Sessions


class OwnSession:
    """Finds the session of a request among ``sessions``; the token stands in the header, or in one of ``cookies``."""

    def __init__(self, sessions: Sessions, cookies: SessionCookies | None) -> None:
        self._sessions = sessions
        self._cookies = cookies
        issuer = sessions.issuer
        trusted = TrustedIssuer(issuer.issuer, audience=sessions.audience, keys=issuer.keys, profile="rfc9068")
        trusts = Trusts([trusted], keys_of=lambda _: KeyCache(issuer.keys), clock=time.monotonic)
        self._authenticator = Authenticator(trusts, None, sessions.clock)

    async def of(self, request: IssuingRequest) -> Session:
        """The living session. Raises MissingToken and InvalidToken."""
        token = authorization_header(request.info)
        if token is None and self._cookies is not None:
            token = self._cookies.location(request.info)
        if token is None:
            raise MissingToken
        claims = (await self._authenticator.authenticate(token)).claims
        session = None if claims.session_id is None else await self._sessions.living(claims.session_id)
        if session is None or session.subject != claims.subject:
            raise InvalidToken("token_revoked")
        return session

    async def of_whoever(self, request: IssuingRequest) -> Session | None:
        """The same, or None where no token came, or none that is good."""
        try:
            return await self.of(request)
        except AuthUnavailable:
            raise
        except AuthError:
            return None

    async def verified(self, token: str) -> Claims:
        """What an access token of ours says, if its session is alive. Raises InvalidToken."""
        claims = (await self._authenticator.authenticate(token)).claims
        if claims.session_id is not None and await self._sessions.living(claims.session_id) is None:
            raise InvalidToken("token_revoked")
        return claims
