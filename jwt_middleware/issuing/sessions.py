"""Sessions: begun by a login, continued by refresh tokens that are used once, ended for every resource server."""

import hmac
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from hashlib import sha256
from math import ceil
from secrets import token_urlsafe
from typing import Final, Literal, ParamSpec, Protocol, TypeVar

from ..durations import Duration, checked
from ..errors import AuthError, AuthUnavailable, ConfigurationError
from ..verification.revocation import Revocation
from ..waiting import ask
from .account import Account
from .refresh_token import RefreshTokens, digest, new_session_id
from .session import Reason, Rotation, Session, SessionStore
from .succession import LARGEST_LEEWAY
from .token_issuer import TokenIssuer

P = ParamSpec("P")
T = TypeVar("T")
Refused = Literal["refresh_refused", "scope_refused", "resource_refused"]

_log: Final = logging.getLogger("jwt_middleware")


class Accounts(Protocol):
    """Who may have a token, asked at every refresh. Raises whatever it likes when it cannot say: that is a 503."""

    def find(self, subject: str) -> Account | None:
        """The account, as it is now; None if it is gone or disabled."""

    async def afind(self, subject: str) -> Account | None: ...


class Revoker(Protocol):
    """A revocation store that takes revocations: its resource servers then refuse what a session has issued."""

    def revoke(self, revocation: Revocation) -> None: ...

    async def arevoke(self, revocation: Revocation) -> None: ...


@dataclass(frozen=True, slots=True)
class SessionEvent:
    """What happened to a session: it was ``started``, ``refreshed`` or ``ended``; then ``reason`` says why."""

    kind: Literal["started", "refreshed", "ended"]
    session: Session
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Tokens:
    """What whoever logged in or refreshed is given. Durations are whole seconds from now."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in: int
    refresh_expires_in: int
    session_expires_in: int
    session: Session


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
        observers: Sequence[Callable[[SessionEvent], None]] = (),
        clock: Callable[[], float] = time.time,
    ) -> None:
        mistakes: list[str] = []
        year = 31_536_000
        self._idle = checked(idle_lifetime, "idle_lifetime", "Sessions", mistakes, least=1, most=year)
        self._absolute = checked(absolute_lifetime, "absolute_lifetime", "Sessions", mistakes, least=1, most=10 * year)
        self._grace = checked(grace, "grace", "Sessions", mistakes, least=0, most=60)
        self.audience = (audience,) if isinstance(audience, str) else tuple(audience)
        if not client_id or not self.audience or not all(self.audience):
            mistakes.append("Sessions(): client_id and audience are never empty (RFC 9068)")
        if mistakes:
            raise ConfigurationError(*mistakes)
        self._tokens = RefreshTokens(_octets(secret))
        self.issuer = issuer
        self.client_id = client_id
        self._store = store
        self._accounts = accounts
        self._revocations = revocations
        self._rotates = rotation
        self._observers = tuple(observers)
        self.clock = clock

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
        granted = account.scopes if scopes is None else scopes
        audience = self.audience if resources is None else tuple(resources)
        if not set(granted) <= set(account.scopes):
            return "scope_refused"
        if not audience or not set(audience) <= set(self.audience):
            return "resource_refused"
        session_id = new_session_id()
        refresh_token = self._tokens.first(session_id)
        session = Session(
            session_id=session_id,
            subject=account.subject,
            client_id=self.client_id,
            audience=audience,
            scopes=tuple(granted),
            acr=account.acr,
            amr=tuple(account.amr),
            stamp=_stamp(account),
            logged_in_at=now,
            refreshed_at=now,
            expires_at=now + min(self._idle, self._absolute),
            current=digest(refresh_token),
            address=address,
            agent=agent[:200],
        )
        access_token = await self._access_token(session, account, session.scopes, audience)
        await _asked(self._store.add, self._store.aadd, session)
        self._tell(SessionEvent("started", session))
        return self._handed_out(access_token, refresh_token, session, now)

    async def refresh(
        self, token: str, *, scopes: Sequence[str] | None = None, resources: Sequence[str] | None = None
    ) -> Tokens | Refused:
        """Continue a session. All that may fail is done before the one step that uses the token up: nothing is lost."""
        now = self.clock()
        session = await self._session_of(token)
        if session is None or not session.is_alive(now):
            return "refresh_refused"
        account = await self._account_of(session)
        if account is None:
            return "refresh_refused"
        granted = [each for each in session.scopes if each in account.scopes]
        if not set(granted if scopes is None else scopes) <= set(granted):
            return "scope_refused"
        audience = session.audience if resources is None else tuple(resources)
        if not audience or not set(audience) <= set(session.audience):
            return "resource_refused"
        access_token = await self._access_token(session, account, granted if scopes is None else scopes, audience)
        continued = await self._rotated(token, session, now)
        if continued is None:
            return "refresh_refused"
        refresh_token, session = continued
        self._tell(SessionEvent("refreshed", session))
        return self._handed_out(access_token, refresh_token, session, now)

    async def holder_of(self, token: str) -> Session | None:
        """The living session that this refresh token would continue; it is not used up."""
        now = self.clock()
        session = await self._session_of(token)
        if session is None or not session.is_alive(now):
            return None
        presented = digest(token)
        good = presented == session.current or (presented == session.previous and self._in_grace(session, now))
        return session if good else None

    async def living(self, session_id: str) -> Session | None:
        """The session of this name, if it is alive and belongs to this client."""
        session = await _asked(self._store.find, self._store.afind, session_id)
        alive = session is not None and session.is_alive(self.clock()) and session.client_id == self.client_id
        return session if alive else None

    async def of_subject(self, subject: str) -> Sequence[Session]:
        """The living sessions of a subject, with every client."""
        now = self.clock()
        found = await _asked(self._store.of_subject, self._store.aof_subject, subject)
        return [each for each in found if each.is_alive(now)]

    async def end_by_token(self, token: str) -> None:
        """Log out whoever holds a refresh token of ours, used up or not; nothing happens for any other text."""
        session = await self._session_of(token)
        if session is not None:
            await self.end(session, "logout")

    async def end(self, session: Session, reason: Reason) -> None:
        """Withdraw the access tokens of a session and end it.

        In this order: whoever is stopped in between leaves a session whose tokens nobody takes, never the reverse.
        """
        await self._withdraw(session)
        await _asked(self._store.end, self._store.aend, session.session_id, self.clock(), reason)
        if session.ended_at is None:
            self._tell(SessionEvent("ended", session, reason))

    async def end_all(self, subject: str, reason: Reason = "logout-everywhere") -> int:
        """End every session of a subject. How many there were."""
        sessions = await self.of_subject(subject)
        for session in sessions:
            await self.end(session, reason)
        return len(sessions)

    @property
    def revokes(self) -> bool:
        """Whether resource servers are told when a session ends."""
        return self._revocations is not None

    def revoke(self, revocation: Revocation) -> bool:
        """Tell resource servers of something else that is withdrawn, such as a key. Whether anybody is told."""
        if self._revocations is None:
            return False
        self._revocations.revoke(revocation)
        return True

    async def look_after(self, subject: str) -> None:
        """End what an account that has just changed may no longer have; for whoever knows of the change at once."""
        for session in await self.of_subject(subject):
            await self._account_of(session)

    async def _session_of(self, token: str) -> Session | None:
        session_id = self._tokens.session_of(token)
        if session_id is None:
            return None
        session = await _asked(self._store.find, self._store.afind, session_id)
        return session if session is not None and session.client_id == self.client_id else None

    async def _account_of(self, session: Session) -> Account | None:
        """Whose session it is, as they are now. One who is gone, disabled or changed has no session any more."""
        account = await _asked(self._accounts.find, self._accounts.afind, session.subject)
        if account is None or account.subject != session.subject:
            await self.end(session, "account-gone")
            return None
        if not hmac.compare_digest(_stamp(account), session.stamp):
            await self.end(session, "account-changed")
            return None
        return account

    async def _access_token(
        self, session: Session, account: Account, scopes: Sequence[str], audience: Sequence[str]
    ) -> str:
        await _asked(self.issuer.keys.look, self.issuer.keys.alook)
        return self.issuer.token_for(
            replace(account, scopes=tuple(scopes), acr=session.acr, amr=session.amr),
            audience=audience,
            client_id=session.client_id,
            session_id=session.session_id,
            logged_in_at=session.logged_in_at,
        )

    async def _rotated(self, token: str, session: Session, now: float) -> tuple[str, Session] | None:
        """The one atomic step, and what it means if somebody else was faster."""
        nonce = token_urlsafe(16)
        successor = self._tokens.successor(token, nonce) if self._rotates else token
        presented = digest(token)
        rotation = Rotation(
            session_id=session.session_id,
            presented=presented,
            successor=digest(successor),
            nonce=nonce,
            at=now,
            expires_at=min(now + self._idle, session.logged_in_at + self._absolute),
        )
        found = await _asked(self._store.rotate, self._store.arotate, rotation)
        if found is None or not found.is_alive(now):
            return None
        if found.current == rotation.successor:
            return successor, found
        if presented == found.previous and self._in_grace(found, now):
            for again in self._tokens.successors(token, found.nonce):
                if digest(again) == found.current:
                    return again, found
            return None  # the secret was changed within the grace: nobody is accused
        _log.warning("a refresh token was used again: the session was ended")
        await self.end(found, "replay")
        return None

    def _in_grace(self, session: Session, now: float) -> bool:
        return self._grace > 0 and abs(now - session.refreshed_at) <= self._grace

    async def _withdraw(self, session: Session) -> None:
        if self._revocations is not None:
            until = self.clock() + self.issuer.lifetime + LARGEST_LEEWAY
            revocation = Revocation("session", self.issuer.issuer, session.session_id, until)
            await _asked(self._revocations.revoke, self._revocations.arevoke, revocation)

    def _handed_out(self, access_token: str, refresh_token: str, session: Session, now: float) -> Tokens:
        left, whole = session.expires_at - now, session.logged_in_at + self._absolute - now
        lifetime = max(1, int(self.issuer.lifetime))
        return Tokens(access_token, refresh_token, lifetime, max(0, ceil(left)), max(0, ceil(whole)), session)

    def _tell(self, event: SessionEvent) -> None:
        for observer in self._observers:
            observer(event)

    def __repr__(self) -> str:
        return f"<Sessions of {self.client_id!r} at {self.issuer.issuer!r}>"


async def _asked(call: Callable[P, T], acall: Callable[P, Awaitable[T]], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Ask a store; whatever it raises means that it is out of reach."""
    try:
        return await ask(call, acall, *args, **kwargs)
    except (AuthError, ConfigurationError):
        raise
    except Exception as error:
        raise AuthUnavailable("sessions_unavailable") from error


def _stamp(account: Account) -> str:
    return sha256(account.stamp.encode()).hexdigest()


def _octets(secret: str | bytes | Sequence[str | bytes]) -> list[bytes]:
    several = [secret] if isinstance(secret, str | bytes) else list(secret)
    return [each.encode() if isinstance(each, str) else bytes(each) for each in several]
