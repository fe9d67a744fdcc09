"""An observer: every decision of a guard as one line of JSON, for whatever collects this machine's logs."""

import json
import sys
import time

from jwt_middleware import Decision


class DecisionLog:
    """Tells admissions too; where a service has much traffic, leave out the observer: refusals are logged anyway."""

    def decided(self, decision: Decision) -> None:
        line = {
            "at": time.time(),
            "admitted": decision.admitted,
            "reason": decision.reason,
            "method": decision.method,
            "path": decision.path,
            "subject": decision.subject,
            "missing": list(decision.missing),
        }
        print(json.dumps({"decision": line}), file=sys.stderr, flush=True)
