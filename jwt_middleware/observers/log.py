"""LogObserver: one log line for every refusal, and for admissions by choice."""

import logging
from typing import Final

from ..access.explanation import in_full
from ..decisions import Decision
from ..events import event

_log: Final = logging.getLogger("jwt_middleware")


class LogObserver:
    """Logs a refusal as one line with its stable reason code; the operator greps for ``reason=``.

    A caller's mistake (400, 401, 403) is INFO, for nobody has to get up for it; keys or revocations out of reach is
    ERROR. ``admissions=True`` logs admissions too, at DEBUG; that costs every request a full record.
    ``explanations=True`` says of a caller who lacks something what became of each part of the requirement, and which
    rights were seen.
    """

    def __init__(self, *, admissions: bool = False, explanations: bool = False) -> None:
        self.admissions = admissions
        self._explanations = explanations

    def decided(self, decision: Decision) -> None:
        if decision.admitted:
            if self.admissions:
                _log.debug(
                    "admitted reason=%s %s",
                    decision.reason,
                    _request(decision),
                    extra=event("admitted", **_fields(decision)),
                )
            return
        level = logging.ERROR if decision.reason.endswith("_unavailable") else logging.INFO
        _log.log(
            level,
            "refused reason=%s %s check=%r missing=%s cause=%s%s",
            decision.reason,
            _request(decision),
            decision.failed,
            list(decision.missing),
            decision.cause or "-",
            _because(decision) if self._explanations else "",
            extra=event(
                "refused",
                **_fields(decision),
                check=decision.failed,
                missing=list(decision.missing),
                cause=decision.cause,
            ),
        )


def _fields(decision: Decision) -> dict[str, object]:
    """The same for whoever formats records by their fields, in bounded lengths."""
    return {
        "reason": decision.reason,
        "method": decision.method[:32],
        "path": decision.path[:512],
        "issuer": decision.issuer[:512],
        "subject": decision.subject[:512],
    }


def _request(decision: Decision) -> str:
    """Method and path as repr: a line break in a path must not start a log line of its own."""
    who = f" subject={decision.subject[:512]!r} issuer={decision.issuer[:512]!r}" if decision.issuer else ""
    return f"method={decision.method[:32]!r} path={decision.path[:512]!r}{who}"


def _because(decision: Decision) -> str:
    return "" if decision.explanation is None else f" because={in_full(decision.explanation)!r}"
