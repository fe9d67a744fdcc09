"""Signing keys in the database: one row, which is replaced in one step."""

from asgiref.sync import sync_to_async
from django.db import IntegrityError, router, transaction

from ...issuing.sealing import Seal
from ...issuing.succession import Succession
from ...issuing.succession_document import parsed, written
from .models import KeptKeys

_ROW = 1


class DatabaseKeys:
    """A store for ``SigningKeys(store=...)``. Never reads from a replica."""

    def __init__(self, seal: Seal) -> None:
        self._seal = seal
        self._read: tuple[int, str, Succession] | None = None  # what was opened last; replaced as one

    def read(self) -> Succession:
        row = KeptKeys.objects.using(_primary()).filter(pk=_ROW).first()
        if row is None:
            return Succession()
        kept = self._read
        if kept is None or kept[:2] != (row.revision, row.document):
            kept = self._read = (row.revision, row.document, parsed(row.document, self._seal, "the database"))
        return kept[2]

    async def aread(self) -> Succession:
        return await sync_to_async(self.read)()

    def replace(self, old: Succession, new: Succession) -> bool:
        document = written(new, self._seal)
        rows = KeptKeys.objects.using(_primary())
        if old.revision:
            return bool(rows.filter(pk=_ROW, revision=old.revision).update(revision=new.revision, document=document))
        try:
            with transaction.atomic(using=_primary()):
                rows.create(pk=_ROW, revision=new.revision, document=document)
        except IntegrityError:
            return False
        return True

    def __repr__(self) -> str:
        return "<DatabaseKeys>"


def _primary() -> str:
    return router.db_for_write(KeptKeys)
