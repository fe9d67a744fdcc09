"""What was withdrawn. Times are seconds since the epoch."""

from __future__ import annotations  # the fields are generic for type checkers only

from django.db import models


class KeptRevocation(models.Model):
    """One revocation, kept until no token that it concerns is alive."""

    kind: models.CharField[str, str] = models.CharField(max_length=8)
    issuer: models.CharField[str, str] = models.CharField(max_length=1024)
    name: models.CharField[str, str] = models.CharField(max_length=1024)
    before: models.FloatField[float | None, float | None] = models.FloatField(null=True)  # null: every token
    until: models.FloatField[float, float] = models.FloatField(db_index=True)
    made_at: models.FloatField[float, float] = models.FloatField(db_index=True)

    class Meta:
        verbose_name = "revocation"

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"
