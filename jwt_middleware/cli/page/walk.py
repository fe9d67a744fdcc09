"""The way of one request through the services: from what they logged to what the page shows, hop by hop."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from ...errors import REASONS
from ..hops import Hop, RouteRow

_LET_IN: Final[Mapping[str, str]] = {
    "admitted": "the token is genuine and meant for this service",
    "public": "this route takes callers without a token",
    "unguarded": "this route looks at its requests by itself",
}
_ASIDE: Final[Mapping[str, str]] = {
    "/oauth/token": "hands out a token",
    "/jwks": "shows its public keys",
    "/.well-known/openid-configuration": "says where its keys and its token endpoint are",
}


def walked(hops: Sequence[Hop], trace: str, routes: Mapping[str, Sequence[RouteRow]]) -> list[dict[str, Any]]:
    """The hops of one trace, each with the number of the one that asked (None: the caller on the page)."""
    of_trace = [hop for hop in hops if hop.trace == trace]
    numbers = {hop.span: number for number, hop in enumerate(of_trace)}
    shown = []
    for hop in of_trace:
        asked_by = numbers.get(hop.parent)
        before = None if asked_by is None else of_trace[asked_by]
        access, requirement = _demanded(hop, routes.get(hop.service, ()))
        refused = hop.reason in REASONS
        shown.append(
            {
                "service": hop.service,
                "method": hop.method,
                "path": hop.path,
                "status": hop.status,
                "asked_by": asked_by,
                "carried": _carried(hop, before),
                "principal": hop.principal,
                "access": access,
                "requirement": requirement,
                "admitted": not refused,
                "reason": hop.reason,
                "why": REASONS.get(hop.reason) or _LET_IN.get(hop.reason, ""),
                "checks": _checks(hop, requirement, refused),
                "missing": list(hop.missing),
                "explanation": hop.decision.get("explanation"),
            }
        )
    return shown


def asides(hops: Sequence[Hop], trace: str) -> list[dict[str, Any]]:
    """What was asked of issuers meanwhile: keys are fetched and tokens handed out outside of any request's trace."""
    return [
        {"service": hop.service, "path": hop.path, "status": hop.status, "what": _ASIDE[hop.path]}
        for hop in hops
        if hop.trace != trace and hop.path in _ASIDE
    ]


def outcome(status: int, walk: Sequence[Mapping[str, Any]]) -> str:
    """One sentence for whoever does not look at every hop."""
    refusing = next((hop for hop in reversed(walk) if not hop["admitted"]), None)
    if refusing is not None:
        missing = f" Missing: {', '.join(refusing['missing'])}." if refusing["missing"] else ""
        return f"Refused by {refusing['service']} ({refusing['status']}): {refusing['why']}.{missing}"
    if status < 400:
        return f"Done ({status}): every service on the way let the request in."
    return f"Let in, but not done ({status})."


def _demanded(hop: Hop, routes: Sequence[RouteRow]) -> tuple[str, str]:
    """What the route map says of the route that was asked: how it is guarded, and its requirement in words."""
    for methods, path, access, words in routes:
        pattern = "[^/]+".join(map(re.escape, re.split(r"\{[^}]*\}|<[^>]*>", path)))
        if (hop.method in methods or "*" in methods) and re.fullmatch(pattern, hop.path):
            return access, words
    return "default", ""


def _checks(hop: Hop, requirement: str, refused: bool) -> list[list[Any]]:
    """The checks in order. A refusal inside says only its own: those at the door had passed by then."""
    checks = [list(each) for each in hop.decision.get("checks", ())]
    door = [[name, True] for name in ("token present", "token genuine", "caller named")]
    if refused and checks[:1] and checks[0][0] not in [name for name, _ in door]:
        return [*door, *checks]
    if hop.reason == "admitted" and requirement:
        return [*checks, ["requirement met", True]]
    return checks


def _carried(hop: Hop, before: Hop | None) -> str:
    """Whose token came along, by what became of it."""
    principal = hop.principal
    if before is None:
        return "" if hop.reason in ("token_missing", "public") else "the caller's token"
    if principal is None:
        return "a token that does not count here"
    if principal["kind"] == "machine":
        return f"a token of {before.service} itself (client_credentials)"
    if principal["actors"]:
        return f"the caller's token, exchanged: {before.service} acts (exchange_token)"
    return "the caller's own token, forwarded (forward_token)"
