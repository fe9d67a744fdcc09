"""An observer: every decision of a guard as one line of JSON, for whatever collects this machine's logs."""

import json
import sys
import time
from typing import Any

from tracing import current_span

from jwt_middleware import Decision, Verdict


class DecisionLog:
    """Tells admissions too; where a service has much traffic, leave out the observer: refusals are logged anyway."""

    def decided(self, decision: Decision) -> None:
        span = current_span.get()
        line = {
            "at": time.time(),
            "trace": "" if span is None else span.trace_id,
            "span": "" if span is None else span.span_id,
            "parent": "" if span is None else span.parent_id,
            "admitted": decision.admitted,
            "reason": decision.reason,
            "method": decision.method,
            "path": decision.path,
            "issuer": decision.issuer,
            "subject": decision.subject,
            "requirement": decision.requirement,
            "checks": [[check.name, check.passed] for check in decision.checks],
            "missing": list(decision.missing),
            "explanation": None if decision.explanation is None else in_words(decision.explanation),
        }
        print(json.dumps({"decision": line}), file=sys.stderr, flush=True)


def in_words(verdict: Verdict) -> dict[str, Any]:
    parts = [in_words(each) for each in verdict.parts]
    return {"words": verdict.words, "holds": verdict.holds, "seen": verdict.seen, "parts": parts}
