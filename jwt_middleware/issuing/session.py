"""Session: one login and all that follows from it; SessionStore (Protocol): where sessions are kept."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

# why a session ended
Reason = Literal["logout", "logout-everywhere", "ended", "replay", "account-gone", "account-changed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One login: whose it is, what it was granted, and which refresh token continues it.

    Times are in seconds since the epoch; ``expires_at`` is when it ends if nobody refreshes it. ``current`` and
    ``previous`` are digests of refresh tokens: no token can be made from them. ``nonce`` is what the current one was
    derived with, ``generation`` counts them. ``stamp`` is the digest of what the account's stamp was at the login.
    """

    session_id: str
    subject: str
    client_id: str
    audience: tuple[str, ...]
    scopes: tuple[str, ...] = ()
    acr: str | None = None
    amr: tuple[str, ...] = ()
    stamp: str = field(default="", repr=False)
    logged_in_at: float
    refreshed_at: float
    expires_at: float
    current: str = field(repr=False)
    previous: str = field(default="", repr=False)
    nonce: str = field(default="", repr=False)
    generation: int = 1
    ended_at: float | None = None
    ended_for: str = ""
    address: str = ""
    agent: str = ""

    def is_alive(self, now: float) -> bool:
        return self.ended_at is None and now < self.expires_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """One attempt to replace a refresh token: ``presented`` and ``successor`` are digests."""

    session_id: str
    presented: str = field(repr=False)
    successor: str = field(repr=False)
    nonce: str = field(repr=False)
    at: float
    expires_at: float


class SessionStore(Protocol):
    """Where sessions are kept. Raises whatever it likes when it cannot say: the request is then answered 503.

    It is asked for what was just written, so it never reads from a replica.
    """

    def add(self, session: Session) -> None: ...

    async def aadd(self, session: Session) -> None: ...

    def find(self, session_id: str) -> Session | None: ...

    async def afind(self, session_id: str) -> Session | None: ...

    def rotate(self, rotation: Rotation) -> Session | None:
        """In one atomic step: if the session is alive and ``presented`` is current, make ``successor`` current.

        ``presented`` becomes the previous one. The session as it is after that, changed or not; None if there is none.
        """

    async def arotate(self, rotation: Rotation) -> Session | None: ...

    def of_subject(self, subject: str) -> Sequence[Session]:
        """The sessions of a subject that nobody has ended."""

    async def aof_subject(self, subject: str) -> Sequence[Session]: ...

    def end(self, session_id: str, at: float, reason: Reason) -> None:
        """End a session for ever; nothing happens to one that has ended."""

    async def aend(self, session_id: str, at: float, reason: Reason) -> None: ...
