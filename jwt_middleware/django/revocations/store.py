"""DatabaseRevocations: shared by every process of the sites that share a database, looked up in a copy of each."""

import threading
import time
from collections.abc import Callable
from math import inf
from typing import Any, Final, Literal

from asgiref.sync import sync_to_async
from django.db import DatabaseError, InterfaceError, connections, router
from django.db.models import Q, QuerySet

from ...errors import ConfigurationError
from ...verification.claims import Claims
from ...verification.revocation import Revocation, Revoked
from .models import KeptRevocation

_LOOK_AGAIN: Final = 0.25  # seconds that a copy is taken for whole
_OVERLAP: Final = 10.0  # seconds: as long may a revocation take from its row to its commit
_FULL_LOOK: Final = 60.0  # seconds
_PAUSE: Final = 0.5  # seconds between two tries while the database is out of reach
_FOR_EVER: Final = 1e300  # databases have no infinity


class OutOfReach(Exception):
    """The copy is older than is allowed."""


class DatabaseRevocations:
    """A revocation store in the database, never a replica. See ``database``.

    The copy is brought up to date by whoever asks first after a quarter of a second, by one small query: that is the
    same with every database and every pool before it, needs no connection of its own, and nothing is asked while
    nobody calls. The lock guards that.
    """

    def __init__(
        self, when_unreachable: Literal["refuse", "admit"], max_stale: float, clock: Callable[[], float]
    ) -> None:
        self._refuses = when_unreachable == "refuse"
        self._max_stale = max_stale
        self._clock = clock
        self._revoked = Revoked(clock)
        self._lock = threading.Lock()
        self._fresh_at = self._full_at = self._tried_at = -inf  # monotonic seconds
        self._newest = -inf  # seconds since the epoch
        self._last = 0  # the number of the youngest row

    def revoke(self, revocation: Revocation) -> None:
        """Write it down for every process."""
        now = self._clock()
        _rows().create(
            kind=revocation.kind,
            issuer=revocation.issuer,
            name=revocation.name,
            before=None if revocation.before == inf else revocation.before,
            until=min(revocation.until, _FOR_EVER),
            made_at=now,
        )
        self._revoked.add([revocation])

    async def arevoke(self, revocation: Revocation) -> None:
        await sync_to_async(self.revoke)(revocation)

    def is_revoked(self, claims: Claims) -> bool:
        """Raises OutOfReach when the copy is too old, unless such tokens are to be admitted."""
        if self._age() > _LOOK_AGAIN:
            self._look()
        if self._revoked.includes(claims):
            return True
        if self._refuses and self._age() > self._max_stale:
            raise OutOfReach("the copy of the revocations is too old")
        return False

    async def ais_revoked(self, claims: Claims) -> bool:
        if self._age() > _LOOK_AGAIN:
            await sync_to_async(self._look)()
        return self.is_revoked(claims) if self._age() <= _LOOK_AGAIN else await sync_to_async(self.is_revoked)(claims)

    def look_up(self, claims: Claims) -> bool | None:
        if self._revoked.includes(claims):
            return True
        return False if self._age() <= _LOOK_AGAIN else None

    @property
    def lag(self) -> float | None:
        """Seconds by which this copy is behind: none while whoever asks can look; None while it never was whole."""
        if self._fresh_at == -inf:
            return None
        return self._age() if self._tried_at > self._fresh_at else 0.0

    def _age(self) -> float:
        return time.monotonic() - self._fresh_at

    def _look(self) -> None:
        """Read what is new; everything once a minute, for a row may have been committed late."""
        with self._lock:
            now = time.monotonic()
            if self._age() <= _LOOK_AGAIN or (now - self._tried_at < _PAUSE and self._tried_at > self._fresh_at):
                return  # somebody has just looked, or just failed
            whole = now - self._full_at > _FULL_LOOK
            rows = _rows().filter(until__gt=self._clock())
            if not whole:
                # by number, whatever the clock of who wrote it says; by time, for numbers are not committed in order
                rows = rows.filter(Q(pk__gt=self._last) | Q(made_at__gt=self._newest - _OVERLAP))
            try:
                found = _read(rows.values_list("kind", "issuer", "name", "until", "before", "made_at", "pk"))
            except (DatabaseError, InterfaceError):
                self._tried_at = now
                if self._refuses and self._age() > self._max_stale:
                    raise
                return
            self._revoked.add(
                Revocation(kind, issuer, name, until, inf if before is None else before)
                for kind, issuer, name, until, before, _, _ in found
            )
            self._newest = max([self._newest, *(row[-2] for row in found)])
            self._last = max([self._last, *(row[-1] for row in found)])
            self._fresh_at = now
            self._full_at = now if whole else self._full_at

    def __repr__(self) -> str:
        return "<DatabaseRevocations>"


def database(
    *,
    when_unreachable: Literal["refuse", "admit"] = "refuse",
    max_stale: float = 30.0,  # seconds
    clock: Callable[[], float] = time.time,
) -> DatabaseRevocations:
    """Revocations in the database, for ``Guard(revocations=...)``; settings name the one in ``shared.py``.

    ``when_unreachable``: what happens when the database was out of reach for ``max_stale`` seconds: ``"refuse"``
    answers 503, ``"admit"`` goes on with the copy. Raises ConfigurationError.
    """
    if when_unreachable not in ("refuse", "admit"):
        raise ConfigurationError("database(when_unreachable=...): write 'refuse' or 'admit'")
    if isinstance(max_stale, bool) or not isinstance(max_stale, int | float) or not 1 <= max_stale <= 86_400:
        raise ConfigurationError(f"database(max_stale={max_stale!r}): write 1 to 86400 seconds")
    return DatabaseRevocations(when_unreachable, max_stale, clock)


def purge(now: float) -> int:
    """Forget revocations whose tokens have all expired. How many there were."""
    gone, _ = _rows().filter(until__lte=now).delete()
    return gone


def _read(rows: QuerySet[KeptRevocation, Any]) -> list[Any]:
    """Where the connection was cut, over a new one, at once: outside of a request nobody else looks after it."""
    try:
        return list(rows)
    except (DatabaseError, InterfaceError):
        connection = connections[_primary()]
        connection.close_if_unusable_or_obsolete()
        if connection.connection is not None:  # it is whole: something else is wrong
            raise
        return list(rows.all())


def _rows() -> QuerySet[KeptRevocation]:
    return KeptRevocation.objects.using(_primary())


def _primary() -> str:
    return router.db_for_write(KeptRevocation)
