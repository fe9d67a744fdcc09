"""Verdict: how a request must be answered."""

from dataclasses import dataclass

from .claims import Caller, caller_of, look_at_header
from .credentials import Malformed, Sent
from .segments import No, Parts, parts_of
from .signatures import is_signed

PUBLIC = "/public"
UNGUARDED = "/unguarded"
READ = "/read"  # wants the scope read
CLERKS = "/clerks"  # wants the role clerk


@dataclass(frozen=True)
class Verdict:
    """``error`` and ``scope`` are what the challenge must say. ``caller`` is None where nobody has a name.

    ``private``: no shared cache may keep the answer (RFC 6750 section 2.3).
    """

    status: int
    error: str = ""
    scope: str = ""
    caller: Caller | None = None
    private: bool = False


def verdict_on(path: str, sent: Sent, now: float) -> Verdict:
    """For a request to ``path``, at ``now``."""
    if path == UNGUARDED:
        return Verdict(200)
    try:
        token = sent.token
        caller = None if token is None else _caller(token, now)
    except Malformed:
        return Verdict(400, "invalid_request")
    except No:
        return Verdict(401, "invalid_token")
    if caller is None:
        return Verdict(200 if path == PUBLIC else 401)
    if path == READ and "read" not in caller.scopes:
        return Verdict(403, "insufficient_scope", "read")
    if path == CLERKS and "clerk" not in caller.roles:
        return Verdict(403)
    return Verdict(200, caller=caller, private=sent.by_url)


def is_correctly_signed(sent: Sent) -> bool:
    """Whether exactly one token comes, and an issuer of ours has signed it, whatever it says."""
    try:
        token = sent.token
        parts = None if token is None else parts_of(token)
    except (Malformed, No):
        return False
    return parts is not None and is_signed(parts, parts.claims.get("iss"))


def _caller(token: str, now: float) -> Caller:
    parts: Parts = parts_of(token)
    look_at_header(parts.header)
    if not is_signed(parts, parts.claims.get("iss")):
        raise No
    return caller_of(parts.header, parts.claims, now)
