"""KnownSessions: which sessions there are; by refresh token, by name, by subject."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .asked import asked
from .refresh_token import RefreshTokens
from .session import Session, SessionStore


@dataclass(frozen=True, slots=True)
class KnownSessions:
    """Finds sessions in ``store``: by token and by name those of ``client_id`` alone."""

    store: SessionStore
    tokens: RefreshTokens
    client_id: str
    clock: Callable[[], float]  # seconds since the epoch

    async def by_token(self, token: str) -> Session | None:
        """The session that a refresh token of ours belongs to, alive or not, used up or not."""
        session_id = self.tokens.session_of(token)
        return None if session_id is None else await self.by_name(session_id)

    async def by_name(self, session_id: str) -> Session | None:
        """The session of this name, alive or not."""
        session = await asked(self.store.find, self.store.afind, session_id)
        return session if session is not None and session.client_id == self.client_id else None

    async def of_subject(self, subject: str) -> Sequence[Session]:
        """The living sessions of a subject, with every client."""
        now = self.clock()
        return [
            each for each in await asked(self.store.of_subject, self.store.aof_subject, subject) if each.is_alive(now)
        ]
