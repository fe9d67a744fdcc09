"""Revocations in the memory of this process: for one worker, tests and small services."""

import time
from collections.abc import Callable
from math import inf

from ..verification.claims import Claims
from ..verification.revocation import Revocation, Revoked


class MemoryRevocations:
    """Withdraws tokens, sessions, subjects, clients and keys of an issuer. See ``memory``.

    Times are in seconds since the epoch. An entry is kept until ``until``, after which no token that it concerns is
    alive; then it is forgotten. What is revoked twice stays so for the longer time. Safe to share between threads.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._revoked = Revoked(clock)

    def revoke_token(self, issuer: str, token_id: str, *, until: float) -> None:
        """Withdraw one token by its ``jti``. ``until``: when it expires, leeway included."""
        self.revoke(Revocation("token", issuer, token_id, until))

    def revoke_session(self, issuer: str, session_id: str, *, until: float) -> None:
        """Withdraw every token of a session (``sid``). ``until``: when the last of them expires, leeway included."""
        self.revoke(Revocation("session", issuer, session_id, until))

    def revoke_subject(self, issuer: str, subject: str, *, before: float, until: float) -> None:
        """Withdraw every token of a subject that was issued before ``before``, and those that do not say when.

        ``until``: when the last of them expires, leeway included.
        """
        self.revoke(Revocation("subject", issuer, subject, until, before))

    def revoke_client(self, issuer: str, client_id: str, *, until: float, before: float = inf) -> None:
        """Withdraw every token of a client, or those that were issued before ``before``."""
        self.revoke(Revocation("client", issuer, client_id, until, before))

    def revoke_key(self, issuer: str, key_id: str, *, until: float) -> None:
        """Withdraw every token that was verified with the key of this id in the issuer's key set."""
        self.revoke(Revocation("key", issuer, key_id, until))

    def revoke(self, revocation: Revocation) -> None:
        self._revoked.add([revocation])

    async def arevoke(self, revocation: Revocation) -> None:
        self.revoke(revocation)

    def is_revoked(self, claims: Claims) -> bool:
        return self._revoked.includes(claims)

    async def ais_revoked(self, claims: Claims) -> bool:
        return self.is_revoked(claims)

    def look_up(self, claims: Claims) -> bool:
        """The same: nothing is ever asked, so that what is known of a token may be used again."""
        return self._revoked.includes(claims)

    @property
    def lag(self) -> float:
        """Seconds: none, for there is no copy."""
        return 0.0

    def __repr__(self) -> str:
        return "<MemoryRevocations>"


def memory(*, clock: Callable[[], float] = time.time) -> MemoryRevocations:
    """A revocation store in this process's memory: other workers know nothing of it, and a restart forgets all."""
    return MemoryRevocations(clock)
