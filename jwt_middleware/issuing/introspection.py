"""Introspection: what a token says, for whoever it is meant for (RFC 7662), signed if they ask for that (RFC 9701)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from ..errors import InvalidToken
from ..verification.claims import Claims
from .asked import asked
from .client_form import said
from .exchange import Answer
from .own_tokens import OwnTokens
from .refusals import NO_STORE
from .registered_client import RegisteredClient
from .sessions import Sessions
from .token_issuer import TokenIssuer

_SIGNED: Final = "token-introspection+jwt"


class Introspection:
    """Describes tokens of ``issuer``; refresh tokens of ``sessions`` to their own client alone."""

    def __init__(
        self, issuer: TokenIssuer, own: OwnTokens, sessions: Mapping[str, Sessions], clock: Callable[[], float]
    ) -> None:
        self._issuer = issuer
        self._own = own
        self._sessions = sessions
        self._clock = clock

    async def answer(self, client: RegisteredClient, token: str, accept: Sequence[str]) -> Answer:
        """What is known, to ``client``. ``accept``: the lines of that header."""
        known = await self._known(client, token)
        if not _wants_signed(accept):
            return said(known)
        # whoever reads it is named, and it says nothing of its own at the top: it can never pass for an access token
        claims = {
            "iss": self._issuer.issuer,
            "aud": client.client_id,
            "iat": int(self._clock()),
            "token_introspection": known,
        }
        await asked(self._issuer.keys.look, self._issuer.keys.alook)
        body = self._issuer.keys.sign(claims, _SIGNED).encode()
        return Answer(200, (("content-type", f"application/{_SIGNED}"), NO_STORE, ("pragma", "no-cache")), body)

    async def _known(self, client: RegisteredClient, token: str) -> dict[str, object]:
        """Of a token that is not good, or meant for others, nothing but that (RFC 7662 sections 2.2 and 4)."""
        try:
            return _described(await self._own.verified(token, client.audience))
        except InvalidToken:
            sessions = self._sessions.get(client.client_id)
            session = None if sessions is None else await sessions.holder_of(token)
            if session is None:
                return {"active": False}
            known = {"sub": session.subject, "client_id": session.client_id, "exp": int(session.expires_at)}
            return {"active": True, "iss": self._issuer.issuer, "scope": " ".join(session.scopes), **known}


def _described(claims: Claims) -> dict[str, object]:
    """Members by RFC 7662 section 2.2 and RFC 8693 section 4.1."""
    names = ("iss", "sub", "aud", "client_id", "scope", "iat", "exp", "jti", "act", "sid")
    return {
        "active": True,
        "token_type": "Bearer",
        **{name: _plain(claims.values[name]) for name in names if name in claims.values},
    }


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, tuple) else value


def _wants_signed(accept: Sequence[str]) -> bool:
    """Whether the signed form is named; a wildcard means JSON, which everybody understands."""
    ranges = [each.partition(";")[0].strip().lower() for line in accept for each in line.split(",")]
    return f"application/{_SIGNED}" in ranges
