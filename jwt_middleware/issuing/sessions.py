"""Sessions: begun by a login, continued by refresh tokens that are used once, ended for every resource server."""

import time
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta

from ..durations import Duration, checked
from ..errors import ConfigurationError
from ..verification.revocation import Revocation
from .account import Account
from .asked import asked
from .endings import Endings, Revoker
from .holders import Accounts, Holders, stamp_digest
from .known_sessions import KnownSessions
from .refresh_token import RefreshTokens, digest, new_session_id
from .refreshing import Refreshing
from .session import Reason, Session, SessionStore
from .session_event import SessionEvent, SessionObserver
from .token_issuer import TokenIssuer
from .tokens import Refused, Tokens, access_token, handed_out, wanted


class Sessions:
    """Begins, continues and ends sessions. Whoever begins or refreshes one gets an access token and a refresh token.

    A refresh token works once. Within ``grace`` seconds the one before the current gives the *same* successor again,
    which forgives a lost answer and two open tabs; later, or with an older one, somebody holds a copy: the session
    ends, and through ``revocations`` every resource server refuses its access tokens. ``grace=0`` forgives nothing.

    ``store``: where sessions are kept. ``accounts``: asked at every refresh. ``audience``: whom access tokens are for.
    ``client_id``: the application that its users log in to. ``secret``: at least 32 bytes, the same in every process,
    or several of them, the current one first. ``idle_lifetime``: how long a session lives without a refresh,
    ``absolute_lifetime``: how long with any. ``rotation=False`` is for confidential clients: their refresh token stays.
    Durations are in seconds or a timedelta. ``observers`` are told what happened. ``clock``: seconds since the epoch.
    Raises ConfigurationError with every mistake.
    """

    def __init__(
        self,
        issuer: TokenIssuer,
        store: SessionStore,
        accounts: Accounts,
        *,
        audience: str | Iterable[str],
        client_id: str,
        secret: str | bytes | Sequence[str | bytes],
        revocations: Revoker | None = None,
        idle_lifetime: Duration = timedelta(days=14),
        absolute_lifetime: Duration = timedelta(days=90),
        grace: Duration = 10.0,  # seconds, at most 60
        rotation: bool = True,
        observers: Sequence[SessionObserver] = (),
        clock: Callable[[], float] = time.time,
    ) -> None:
        mistakes: list[str] = []
        year = 31_536_000
        idle = checked(idle_lifetime, "idle_lifetime", "Sessions", mistakes, least=1, most=year)
        absolute = checked(absolute_lifetime, "absolute_lifetime", "Sessions", mistakes, least=1, most=10 * year)
        forgiven = checked(grace, "grace", "Sessions", mistakes, least=0, most=60)
        self.audience = (audience,) if isinstance(audience, str) else tuple(audience)
        if not client_id or not self.audience or not all(self.audience):
            mistakes.append("Sessions(): client_id and audience are never empty (RFC 9068)")
        if mistakes:
            raise ConfigurationError(*mistakes)
        self.issuer = issuer
        self.client_id = client_id
        self.clock = clock
        self._tokens = RefreshTokens(_octets(secret))
        self._store = store
        self._endings = Endings(store, issuer, revocations, tuple(observers), clock)
        self._holders = Holders(accounts, self._endings)
        self._known = KnownSessions(store, self._tokens, client_id, clock)
        self._refreshing = Refreshing(self._tokens, store, self._endings, idle, absolute, forgiven, rotation)

    async def begin(
        self,
        account: Account,
        *,
        scopes: Sequence[str] | None = None,
        resources: Sequence[str] | None = None,
        address: str = "",
        agent: str = "",
    ) -> Tokens | Refused:
        """Begin a session for an account that has just proved who it is. ``scopes`` and ``resources`` may be fewer."""
        now = self.clock()
        found = wanted(scopes, resources, granted=account.scopes, audience=self.audience)
        if isinstance(found, str):
            return found
        session_id = new_session_id()
        refresh_token = self._tokens.first(session_id)
        session = Session(
            session_id=session_id,
            subject=account.subject,
            client_id=self.client_id,
            audience=found.audience,
            scopes=found.scopes,
            acr=account.acr,
            amr=tuple(account.amr),
            stamp=stamp_digest(account),
            logged_in_at=now,
            refreshed_at=now,
            expires_at=self._refreshing.expires_at(now, now),
            current=digest(refresh_token),
            address=address,
            agent=agent[:200],
        )
        token = await access_token(self.issuer, session, account, found)
        await asked(self._store.add, self._store.aadd, session)
        self._endings.tell(SessionEvent("started", session))
        return self._handed_out(token, refresh_token, session, now)

    async def refresh(
        self, token: str, *, scopes: Sequence[str] | None = None, resources: Sequence[str] | None = None
    ) -> Tokens | Refused:
        """Continue a session. All that may fail is done before the one step that uses the token up: nothing is lost."""
        now = self.clock()
        session = await self._known.by_token(token)
        if session is None or not session.is_alive(now):
            return "refresh_refused"
        account = await self._holders.of(session)
        if account is None:
            return "refresh_refused"
        granted = [each for each in session.scopes if each in account.scopes]
        found = wanted(scopes, resources, granted=granted, audience=session.audience)
        if isinstance(found, str):
            return found
        made = await access_token(self.issuer, session, account, found)
        followed = await self._refreshing.follow(token, session, now)
        if followed is None:
            return "refresh_refused"
        refresh_token, session = followed
        self._endings.tell(SessionEvent("refreshed", session))
        return self._handed_out(made, refresh_token, session, now)

    async def holder_of(self, token: str) -> Session | None:
        """The living session that this refresh token would continue; it is not used up."""
        session = await self._known.by_token(token)
        good = session is not None and self._refreshing.is_good(token, session, self.clock())
        return session if good else None

    async def living(self, session_id: str) -> Session | None:
        """The session of this name, if it is alive and belongs to this client."""
        session = await self._known.by_name(session_id)
        return session if session is not None and session.is_alive(self.clock()) else None

    async def of_subject(self, subject: str) -> Sequence[Session]:
        """The living sessions of a subject, with every client."""
        return await self._known.of_subject(subject)

    async def end_by_token(self, token: str) -> None:
        """Log out whoever holds a refresh token of ours, used up or not; nothing happens for any other text."""
        session = await self._known.by_token(token)
        if session is not None:
            await self.end(session, "logout")

    async def end(self, session: Session, reason: Reason) -> None:
        """Withdraw the access tokens of a session and end it."""
        await self._endings.end(session, reason)

    async def end_all(self, subject: str, reason: Reason = "logout-everywhere") -> int:
        """End every session of a subject. How many there were."""
        sessions = await self.of_subject(subject)
        for session in sessions:
            await self.end(session, reason)
        return len(sessions)

    async def look_after(self, subject: str) -> None:
        """End what an account that has just changed may no longer have; for whoever knows of the change at once."""
        for session in await self.of_subject(subject):
            await self._holders.of(session)

    @property
    def revokes(self) -> bool:
        """Whether resource servers are told when a session ends."""
        return self._endings.revocations is not None

    def revoke(self, revocation: Revocation) -> bool:
        """Tell resource servers of something else that is withdrawn, such as a key. Whether anybody is told."""
        if self._endings.revocations is None:
            return False
        self._endings.revocations.revoke(revocation)
        return True

    def _handed_out(self, access: str, refresh: str, session: Session, now: float) -> Tokens:
        lifetime, absolute = self.issuer.lifetime, self._refreshing.absolute
        return handed_out(access, refresh, session, now=now, lifetime=lifetime, absolute=absolute)

    def __repr__(self) -> str:
        return f"<Sessions of {self.client_id!r} at {self.issuer.issuer!r}>"


def _octets(secret: str | bytes | Sequence[str | bytes]) -> list[bytes]:
    several = [secret] if isinstance(secret, str | bytes) else list(secret)
    return [each.encode() if isinstance(each, str) else bytes(each) for each in several]
