"""AuditObserver: one line of JSON for every decision: who, what, by which rule, why, in which trace."""

import json
import logging
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Final

from ..decisions import Decision
from ..events import event

_log: Final = logging.getLogger("jwt_middleware.audit")
_TEXT: Final = 512  # characters of each field
_MANY: Final = 20  # entries of each list


def no_trace() -> str:
    """Nobody traces."""
    return ""


class AuditObserver:
    """Writes decisions to the log ``jwt_middleware.audit``, at INFO, as one line of JSON in ASCII.

    Whatever callers send stands there escaped and cut to 512 characters: no line break starts a line of its own. Holds
    no token and no query string. ``admissions``: whether those who are let in are written down, too; that costs every
    request a full record. ``trace_id`` gives the id of the current trace, such as ``trace_id`` of the OpenTelemetry
    observer. ``clock``: seconds since the epoch.
    """

    def __init__(
        self,
        *,
        admissions: bool = True,
        trace_id: Callable[[], str] = no_trace,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.admissions = admissions
        self._trace_id = trace_id
        self._clock = clock

    def decided(self, decision: Decision) -> None:
        if (self.admissions or not decision.admitted) and _log.isEnabledFor(logging.INFO):
            _log.info("%s", json.dumps(self._entry(decision)), extra=event("decision"))

    def _entry(self, decision: Decision) -> dict[str, object]:
        why = () if decision.explanation is None else decision.explanation.decisive
        return {
            "time": datetime.fromtimestamp(self._clock(), UTC).isoformat(timespec="milliseconds"),
            "event": "decision",
            "outcome": "admitted" if decision.admitted else "refused",
            "reason": decision.reason,
            "issuer": _cut(decision.issuer),
            "subject": _cut(decision.subject),
            "client_id": _cut(decision.client_id),
            "token_id": _cut(decision.token_id),
            "actors": _few(decision.actors),
            "method": _cut(decision.method),
            "path": _cut(decision.path),
            "requirement": _cut(decision.requirement),
            "check": decision.failed,
            "missing": _few(decision.missing),
            "because": _few(f"{each.words}: {each.seen}" if each.seen else each.words for each in why),
            "cause": decision.cause,
            "trace_id": _cut(self._trace_id()),
        }


def _cut(text: str) -> str:
    return text if len(text) <= _TEXT else f"{text[: _TEXT - 1]}\u2026"


def _few(texts: Iterable[str]) -> list[str]:
    found = [_cut(each) for each in texts]
    return found if len(found) <= _MANY else [*found[: _MANY - 1], "\u2026"]
