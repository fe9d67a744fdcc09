"""Sessions in the database, always the primary: what was just written is asked for."""

from collections.abc import Sequence
from typing import Any

from asgiref.sync import sync_to_async
from django.db import router, transaction
from django.db.models import F, QuerySet

from ...issuing.session import Reason, Rotation, Session
from .models import KeptSession

_LISTS = ("audience", "scopes", "amr")


class DatabaseSessions:
    """A session store in the database."""

    def add(self, session: Session) -> None:
        _rows().create(**{name: _kept(name, getattr(session, name)) for name in Session.__slots__})

    async def aadd(self, session: Session) -> None:
        await sync_to_async(self.add)(session)

    def find(self, session_id: str) -> Session | None:
        row = _rows().filter(pk=session_id).first()
        return None if row is None else session_of(row)

    async def afind(self, session_id: str) -> Session | None:
        return await sync_to_async(self.find)(session_id)

    def rotate(self, rotation: Rotation) -> Session | None:
        """One UPDATE decides who is first. It comes first, so that no database holds an older view of the row.

        The row is read before anybody else can move on.
        """
        with transaction.atomic(using=_primary()):
            mine = _rows().filter(pk=rotation.session_id)
            mine.filter(current=rotation.presented, ended_at=None, expires_at__gt=rotation.at).update(
                current=rotation.successor,
                previous=rotation.presented,
                nonce=rotation.nonce,
                generation=F("generation") + 1,
                refreshed_at=rotation.at,
                expires_at=rotation.expires_at,
            )
            row = mine.first()
        return None if row is None else session_of(row)

    async def arotate(self, rotation: Rotation) -> Session | None:
        return await sync_to_async(self.rotate)(rotation)

    def of_subject(self, subject: str) -> Sequence[Session]:
        return [session_of(row) for row in _rows().filter(subject=subject, ended_at=None)]

    async def aof_subject(self, subject: str) -> Sequence[Session]:
        return await sync_to_async(self.of_subject)(subject)

    def end(self, session_id: str, at: float, reason: Reason) -> None:
        _rows().filter(pk=session_id, ended_at=None).update(ended_at=at, ended_for=reason)

    async def aend(self, session_id: str, at: float, reason: Reason) -> None:
        await sync_to_async(self.end)(session_id, at, reason)

    def purge(self, now: float, keep: float) -> int:
        """Forget sessions that expired, or ended ``keep`` seconds ago. How many there were."""
        expired, _ = _rows().filter(expires_at__lte=now).delete()
        ended, _ = _rows().filter(ended_at__lte=now - keep).delete()
        return expired + ended

    def __repr__(self) -> str:
        return "<DatabaseSessions>"


def session_of(row: KeptSession) -> Session:
    """The session that a row keeps."""
    values: dict[str, Any] = {name: getattr(row, name) for name in Session.__slots__}
    values.update({name: tuple(values[name]) for name in _LISTS})
    return Session(**values)


def _kept(name: str, value: Any) -> Any:
    return list(value) if name in _LISTS else value


def _rows() -> QuerySet[KeptSession]:
    return KeptSession.objects.using(_primary())


def _primary() -> str:
    return router.db_for_write(KeptSession)
