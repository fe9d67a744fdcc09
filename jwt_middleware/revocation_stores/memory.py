"""Revocations in the memory of this process: for one worker, tests and small services."""

import threading
import time
from collections.abc import Callable
from math import isnan

from ..verification.claims import Claims


class MemoryRevocations:
    """Withdraws tokens, sessions and subjects of an issuer. See ``memory``.

    Times are in seconds since the epoch. An entry is kept until ``until``, after which no token that it concerns is
    alive; then it is forgotten. What is revoked twice stays so for the longer time. The lock guards the entries;
    reading takes none.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._tokens: dict[tuple[str, str], float] = {}
        self._sessions: dict[tuple[str, str], float] = {}
        self._subjects: dict[tuple[str, str], tuple[float, float]] = {}
        self._sweep_at = 1024  # entries

    def revoke_token(self, issuer: str, token_id: str, *, until: float) -> None:
        """Withdraw one token by its ``jti``. ``until``: when it expires, leeway included."""
        _check(issuer, token_id, until)
        with self._lock:
            self._tokens[issuer, token_id] = max(until, self._tokens.get((issuer, token_id), until))
            self._sweep()

    def revoke_session(self, issuer: str, session_id: str, *, until: float) -> None:
        """Withdraw every token of a session (``sid``). ``until``: when the last of them expires, leeway included."""
        _check(issuer, session_id, until)
        with self._lock:
            self._sessions[issuer, session_id] = max(until, self._sessions.get((issuer, session_id), until))
            self._sweep()

    def revoke_subject(self, issuer: str, subject: str, *, before: float, until: float) -> None:
        """Withdraw every token of a subject that was issued before ``before``, and those that do not say when.

        ``until``: when the last of them expires, leeway included.
        """
        _check(issuer, subject, until, before)
        with self._lock:
            known = self._subjects.get((issuer, subject), (before, until))
            self._subjects[issuer, subject] = (max(before, known[0]), max(until, known[1]))
            self._sweep()

    def is_revoked(self, claims: Claims) -> bool:
        issuer = claims.issuer
        if claims.token_id is not None and (issuer, claims.token_id) in self._tokens:
            return True
        if claims.session_id is not None and (issuer, claims.session_id) in self._sessions:
            return True
        if claims.subject is None:
            return False
        found = self._subjects.get((issuer, claims.subject))
        return found is not None and (claims.issued_at is None or claims.issued_at < found[0])

    async def ais_revoked(self, claims: Claims) -> bool:
        return self.is_revoked(claims)

    def _sweep(self) -> None:
        """Forget what concerns no living token, whenever the entries have doubled; the lock is held."""
        if len(self._tokens) + len(self._sessions) + len(self._subjects) < self._sweep_at:
            return
        now = self._clock()
        self._tokens = {key: until for key, until in self._tokens.items() if until > now}
        self._sessions = {key: until for key, until in self._sessions.items() if until > now}
        self._subjects = {key: kept for key, kept in self._subjects.items() if kept[1] > now}
        self._sweep_at = max(1024, 2 * (len(self._tokens) + len(self._sessions) + len(self._subjects)))

    def __repr__(self) -> str:
        return "<MemoryRevocations>"


def memory(*, clock: Callable[[], float] = time.time) -> MemoryRevocations:
    """A revocation store in this process's memory: other workers know nothing of it, and a restart forgets all."""
    return MemoryRevocations(clock)


def _check(issuer: str, name: str, *moments: float) -> None:
    """What revokes nothing, or would be forgotten at once, is the caller's mistake, and not a success."""
    if not (isinstance(issuer, str) and issuer and isinstance(name, str) and name):
        raise ValueError("a revocation names an issuer, and a token, session or subject of it")
    for moment in moments:
        if isinstance(moment, bool) or not isinstance(moment, int | float) or isnan(moment):
            raise ValueError("a revocation takes its times as seconds since the epoch")
