"""Sessions in the memory of this process: for one worker, tests and small services."""

import threading
from collections.abc import Sequence
from dataclasses import replace

from ..session import Reason, Rotation, Session

_FEW = 1024  # sessions


class MemorySessions:
    """A session store in this process: other workers know nothing of it, and a restart logs everybody out.

    The lock guards the sessions. Those that have expired are forgotten whenever the sessions have doubled.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sessions: dict[str, Session] = {}
        self._sweep_at = _FEW

    def add(self, session: Session) -> None:
        with self._lock:
            self._sessions[session.session_id] = session
            if len(self._sessions) >= self._sweep_at:
                now = session.logged_in_at
                self._sessions = {name: each for name, each in self._sessions.items() if each.is_alive(now)}
                self._sweep_at = max(_FEW, 2 * len(self._sessions))

    async def aadd(self, session: Session) -> None:
        self.add(session)

    def find(self, session_id: str) -> Session | None:
        with self._lock:
            return self._sessions.get(session_id)

    async def afind(self, session_id: str) -> Session | None:
        return self.find(session_id)

    def rotate(self, rotation: Rotation) -> Session | None:
        with self._lock:
            session = self._sessions.get(rotation.session_id)
            if session is not None and session.is_alive(rotation.at) and session.current == rotation.presented:
                session = self._sessions[rotation.session_id] = replace(
                    session,
                    current=rotation.successor,
                    previous=rotation.presented,
                    nonce=rotation.nonce,
                    generation=session.generation + 1,
                    refreshed_at=rotation.at,
                    expires_at=rotation.expires_at,
                )
            return session

    async def arotate(self, rotation: Rotation) -> Session | None:
        return self.rotate(rotation)

    def of_subject(self, subject: str) -> Sequence[Session]:
        with self._lock:
            return [each for each in self._sessions.values() if each.subject == subject and each.ended_at is None]

    async def aof_subject(self, subject: str) -> Sequence[Session]:
        return self.of_subject(subject)

    def end(self, session_id: str, at: float, reason: Reason) -> None:
        with self._lock:
            session = self._sessions.get(session_id)
            if session is not None and session.ended_at is None:
                self._sessions[session_id] = replace(session, ended_at=at, ended_for=reason)

    async def aend(self, session_id: str, at: float, reason: Reason) -> None:
        self.end(session_id, at, reason)

    def __repr__(self) -> str:
        return "<MemorySessions>"
