"""Revocation: what was withdrawn, and the look-up that finds it (pure but for a lock)."""

import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from math import inf, isnan
from typing import Final, Literal

from .claims import Claims

Kind = Literal["token", "session", "subject", "client", "key"]

KINDS: Final[tuple[Kind, ...]] = ("token", "session", "subject", "client", "key")
_FEW: Final = 1024  # entries


@dataclass(frozen=True, slots=True)
class Revocation:
    """What is withdrawn: a token (``jti``), a session (``sid``), a subject, a client or a key of one issuer.

    Times are in seconds since the epoch. Meant are tokens issued before ``before``, and those that do not say when.
    ``until``: when the last token concerned has expired, leeway included; then this is forgotten. Raises ValueError for
    what would revoke nothing.
    """

    kind: Kind
    issuer: str
    name: str
    until: float
    before: float = inf

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError("a revocation is of a token, session, subject, client or key")
        if not (isinstance(self.issuer, str) and self.issuer and isinstance(self.name, str) and self.name):
            raise ValueError("a revocation names an issuer, and a token, session, subject, client or key of it")
        for moment in (self.until, self.before):
            if isinstance(moment, bool) or not isinstance(moment, int | float) or isnan(moment):
                raise ValueError("a revocation takes its times as seconds since the epoch")


class Revoked:
    """What is withdrawn, to be looked up by what a token says. What is revoked twice stays so for the longer time.

    ``clock``: seconds since the epoch. The lock guards the entries; looking up takes none. Entries whose tokens have
    all expired are forgotten whenever the entries have doubled.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._entries: dict[tuple[str, str, str], tuple[float, float]] = {}  # (before, until)
        self._sweep_at = _FEW

    def add(self, revocations: Iterable[Revocation]) -> None:
        with self._lock:
            for each in revocations:
                place = (each.kind, each.issuer, each.name)
                before, until = self._entries.get(place, (each.before, each.until))
                self._entries[place] = (max(before, each.before), max(until, each.until))
                if len(self._entries) >= self._sweep_at:
                    self._sweep()

    def includes(self, claims: Claims) -> bool:
        """Whether this token is withdrawn: a look-up for each thing that it names."""
        entries = self._entries
        if not entries:
            return False
        issued_at = claims.issued_at
        for place in places(claims):
            found = entries.get(place)
            if found is not None and (issued_at is None or issued_at < found[0]):
                return True
        return False

    def _sweep(self) -> None:
        now = self._clock()
        self._entries = {place: kept for place, kept in self._entries.items() if kept[1] > now}
        self._sweep_at = max(_FEW, 2 * len(self._entries))

    def __len__(self) -> int:
        return len(self._entries)


def places(claims: Claims) -> Iterator[tuple[str, str, str]]:
    """Under which kind, issuer and name a token may have been withdrawn."""
    issuer = claims.issuer
    if claims.token_id is not None:
        yield "token", issuer, claims.token_id
    if claims.session_id is not None:
        yield "session", issuer, claims.session_id
    if claims.subject is not None:
        yield "subject", issuer, claims.subject
    if claims.key_id is not None:
        yield "key", issuer, claims.key_id
    for name in ("client_id", "azp"):  # RFC 9068 section 2.2, OpenID Connect Core section 2
        client = claims.values.get(name)
        if isinstance(client, str):
            yield "client", issuer, client
