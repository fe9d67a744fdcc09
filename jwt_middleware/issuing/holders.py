"""Holders: whose session it is, as they are now. Whoever is gone, disabled or changed has no session any more."""

import hmac
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol

from .account import Account
from .asked import asked
from .endings import Endings
from .session import Session


class Accounts(Protocol):
    """Who may have a token, asked at every refresh. Raises whatever it likes when it cannot say: that is a 503."""

    def find(self, subject: str) -> Account | None:
        """The account, as it is now; None if it is gone or disabled."""

    async def afind(self, subject: str) -> Account | None: ...


@dataclass(frozen=True, slots=True)
class Holders:
    """Asks ``accounts``, and ends what an account may no longer have."""

    accounts: Accounts
    endings: Endings

    async def of(self, session: Session) -> Account | None:
        """The account of a session; None where there is none any more, and then the session has ended."""
        account = await asked(self.accounts.find, self.accounts.afind, session.subject)
        if account is None or account.subject != session.subject:
            await self.endings.end(session, "account-gone")
            return None
        if not hmac.compare_digest(stamp_digest(account), session.stamp):
            await self.endings.end(session, "account-changed")
            return None
        return account


def stamp_digest(account: Account) -> str:
    """What a session keeps of the stamp of its account."""
    return sha256(account.stamp.encode()).hexdigest()
