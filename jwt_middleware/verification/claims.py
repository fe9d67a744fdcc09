"""Claims: what a verified token says."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """What a verified token says (RFC 7519 section 4.1). ``values`` holds every claim, deeply read-only.

    Times are in seconds since the epoch, as the token gives them. ``key_id`` is what the issuer's key set calls the key
    which verified it, whatever the token says.
    """

    issuer: str
    subject: str | None
    audience: tuple[str, ...]
    expires_at: float
    not_before: float | None
    issued_at: float | None
    token_id: str | None
    session_id: str | None
    values: Mapping[str, object] = field(repr=False, hash=False)
    key_id: str | None = None
