"""Signals about sessions. Receivers get ``session`` (a Session) and, when one ended, ``reason``."""

from django.dispatch import Signal

from ...issuing.session_event import SessionEvent

session_started = Signal()
session_refreshed = Signal()
session_ended = Signal()

_SIGNALS = {"started": session_started, "refreshed": session_refreshed, "ended": session_ended}


def send(event: SessionEvent) -> None:
    """Tell receivers. What one raises is logged by Django and changes nothing."""
    more = {} if event.reason is None else {"reason": event.reason}
    _SIGNALS[event.kind].send_robust(sender=event.session.__class__, session=event.session, **more)
