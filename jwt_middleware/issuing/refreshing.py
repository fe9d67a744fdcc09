"""Refreshing: a refresh token gives way to its successor, once; what it means if somebody else was faster."""

import logging
from dataclasses import dataclass
from secrets import token_urlsafe
from typing import Final

from ..events import event
from .asked import asked
from .endings import Endings
from .refresh_token import RefreshTokens, digest
from .session import Rotation, Session, SessionStore

_log: Final = logging.getLogger("jwt_middleware")


@dataclass(frozen=True, slots=True)
class Refreshing:
    """How the refresh tokens of one client follow one another. Lifetimes and ``grace`` are in seconds."""

    tokens: RefreshTokens
    store: SessionStore
    endings: Endings
    idle: float
    absolute: float
    grace: float
    rotates: bool

    def expires_at(self, logged_in_at: float, now: float) -> float:
        """When a session ends that is begun or continued now."""
        return min(now + self.idle, logged_in_at + self.absolute)

    async def follow(self, token: str, session: Session, now: float) -> tuple[str, Session] | None:
        """The token that follows and the session with it, in one atomic step; None when there is none to be had.

        Whoever comes second within the grace gets the same successor, derived anew. Later, or with an older token,
        somebody holds a copy: the session ends.
        """
        nonce = token_urlsafe(16)
        successor = self.tokens.successor(token, nonce) if self.rotates else token
        rotation = Rotation(
            session_id=session.session_id,
            presented=digest(token),
            successor=digest(successor),
            nonce=nonce,
            at=now,
            expires_at=self.expires_at(session.logged_in_at, now),
        )
        found = await asked(self.store.rotate, self.store.arotate, rotation)
        if found is None or not found.is_alive(now):
            return None
        if found.current == rotation.successor:
            return successor, found
        if self._is_forgiven(rotation.presented, found, now):
            for again in self.tokens.successors(token, found.nonce):
                if digest(again) == found.current:
                    return again, found
            return None  # the secret was changed within the grace: nobody is accused
        _log.warning("a refresh token was used again: the session was ended", extra=event("refresh_token_reused"))
        await self.endings.end(found, "replay")
        return None

    def is_good(self, token: str, session: Session, now: float) -> bool:
        """Whether this token would continue the session; it is not used up."""
        presented = digest(token)
        return session.is_alive(now) and (presented == session.current or self._is_forgiven(presented, session, now))

    def _is_forgiven(self, presented: str, session: Session, now: float) -> bool:
        """Whether this is the token before the current one, within the grace."""
        within = self.grace > 0 and abs(now - session.refreshed_at) <= self.grace
        return within and presented == session.previous
