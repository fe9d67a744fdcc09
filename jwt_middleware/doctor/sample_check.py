"""What becomes of a sample token: who calls, with which rights, or why it is refused."""

import json
from collections.abc import Callable, Coroutine, Iterator

from ..access.admission import Admission
from ..access.principal import Principal
from ..access.request import RequestInfo
from ..guard import Guard
from ..waiting import run
from .finding import Finding

Finish = Callable[[Coroutine[None, None, Admission]], Admission]


def sample_findings(guard: Guard, token: str, finish: Finish = run) -> Iterator[Finding]:
    """The token itself is in no finding; of its claims only the rights are.

    ``finish`` runs what may wait: hand in one that knows an event loop where hooks are ``async``.
    """
    sent = {"authorization": [f"Bearer {token}"]}
    admission = finish(guard.admit(RequestInfo(header=lambda name: sent.get(name, []))))
    if admission.refusal is not None:
        mend = "compare with jwt-middleware inspect, and with what TrustedIssuer demands"
        says = f"the sample token is refused: {admission.refusal.reason} ({admission.refusal.sentence})"
        yield Finding("error", "sample_refused", says, mend)
        return
    caller = admission.principal
    yield Finding("ok", "sample", f"the sample token is a {caller.kind}'s: {_rights(caller)}")
    if caller.incomplete:
        unsaid = ", ".join(sorted(caller.incomplete))
        mend = "map where they stand (ClaimMapping), or let the issuer write them; what is not known lets nobody pass"
        yield Finding("warning", "sample_incomplete", f"the sample token does not say everything of: {unsaid}", mend)


def _rights(caller: Principal) -> str:
    fields = ("scopes", "roles", "groups", "permissions")
    return ", ".join(f"{name}={json.dumps(list(getattr(caller, name)))}" for name in fields)
