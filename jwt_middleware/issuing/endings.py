"""Endings: how a session ends, for whoever holds its tokens and for every resource server."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from ..verification.revocation import Revocation
from .asked import asked
from .session import Reason, Session, SessionStore
from .session_event import SessionEvent, SessionObserver
from .succession import LARGEST_LEEWAY
from .token_issuer import TokenIssuer


class Revoker(Protocol):
    """A revocation store that takes revocations: its resource servers then refuse what a session has issued."""

    def revoke(self, revocation: Revocation) -> None: ...

    async def arevoke(self, revocation: Revocation) -> None: ...


@dataclass(frozen=True, slots=True)
class Endings:
    """Ends sessions of ``store``. Without ``revocations`` their access tokens are good until they expire."""

    store: SessionStore
    issuer: TokenIssuer
    revocations: Revoker | None
    observers: Sequence[SessionObserver]
    clock: Callable[[], float]  # seconds since the epoch

    async def end(self, session: Session, reason: Reason) -> None:
        """Withdraw the access tokens of a session and end it.

        In this order: whoever is stopped in between leaves a session whose tokens nobody takes, never the reverse.
        """
        if self.revocations is not None:
            until = self.clock() + self.issuer.lifetime + LARGEST_LEEWAY
            revocation = Revocation("session", self.issuer.issuer, session.session_id, until)
            await asked(self.revocations.revoke, self.revocations.arevoke, revocation)
        await asked(self.store.end, self.store.aend, session.session_id, self.clock(), reason)
        if session.ended_at is None:
            self.tell(SessionEvent("ended", session, reason))

    def tell(self, event: SessionEvent) -> None:
        for observer in self.observers:
            observer(event)
