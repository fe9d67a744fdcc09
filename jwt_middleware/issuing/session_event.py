"""SessionEvent: what observers of sessions are told."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from .session import Reason, Session


@dataclass(frozen=True, slots=True)
class SessionEvent:
    """What happened to a session: it was ``started``, ``refreshed`` or ``ended``; then ``reason`` says why."""

    kind: Literal["started", "refreshed", "ended"]
    session: Session
    reason: Reason | None = None


SessionObserver = Callable[[SessionEvent], None]
