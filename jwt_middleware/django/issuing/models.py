"""What the issuing side keeps: signing keys, sessions and registered clients. Times are seconds since the epoch."""

from __future__ import annotations  # the fields are generic for type checkers only

from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from ...errors import ConfigurationError
from ...issuing.registered_client import RegisteredClient
from ...key_sources.jwks_url import jwks_url


class KeptKeys(models.Model):
    """The succession of signing keys: one row, replaced as a whole. What signs is encrypted."""

    id: models.PositiveSmallIntegerField[int, int] = models.PositiveSmallIntegerField(primary_key=True, default=1)
    revision: models.PositiveIntegerField[int, int] = models.PositiveIntegerField()
    document: models.TextField[str, str] = models.TextField()

    class Meta:
        verbose_name = verbose_name_plural = "signing keys"

    def __str__(self) -> str:
        return f"revision {self.revision}"


class KeptSession(models.Model):
    """One login. Holds digests of refresh tokens, and no token."""

    session_id: models.CharField[str, str] = models.CharField(primary_key=True, max_length=64)
    subject: models.CharField[str, str] = models.CharField(max_length=255, db_index=True)
    client_id: models.CharField[str, str] = models.CharField(max_length=255)
    audience: models.JSONField[Any, Any] = models.JSONField(default=list)
    scopes: models.JSONField[Any, Any] = models.JSONField(default=list)
    acr: models.CharField[str | None, str | None] = models.CharField(
        max_length=255, null=True
    )  # absent and empty are two things
    amr: models.JSONField[Any, Any] = models.JSONField(default=list)
    stamp: models.CharField[str, str] = models.CharField(max_length=64, editable=False)
    logged_in_at: models.FloatField[float, float] = models.FloatField()
    refreshed_at: models.FloatField[float, float] = models.FloatField()
    expires_at: models.FloatField[float, float] = models.FloatField(db_index=True)
    current: models.CharField[str, str] = models.CharField(max_length=64, editable=False)
    previous: models.CharField[str, str] = models.CharField(max_length=64, editable=False)
    nonce: models.CharField[str, str] = models.CharField(max_length=64, editable=False)
    generation: models.PositiveIntegerField[int, int] = models.PositiveIntegerField(default=1)
    ended_at: models.FloatField[float | None, float | None] = models.FloatField(null=True)
    ended_for: models.CharField[str, str] = models.CharField(max_length=32)
    address: models.CharField[str, str] = models.CharField(max_length=255)
    agent: models.CharField[str, str] = models.CharField(max_length=255)

    class Meta:
        verbose_name = "session"

    def __str__(self) -> str:
        return f"{self.subject} since {datetime.fromtimestamp(self.logged_in_at, UTC):%Y-%m-%d %H:%M} UTC"


class KeptClient(models.Model):
    """A client that may ask for tokens. Of its secrets only hashes are kept."""

    client_id: models.CharField[str, str] = models.CharField(primary_key=True, max_length=255)
    enabled: models.BooleanField[bool, bool] = models.BooleanField(default=True)
    secret_digests: models.JSONField[Any, Any] = models.JSONField(default=list, blank=True, editable=False)
    jwks: models.JSONField[Any, Any] = models.JSONField(null=True, blank=True)
    jwks_uri: models.CharField[str, str] = models.CharField(max_length=1024, blank=True, default="")
    audience: models.JSONField[Any, Any] = models.JSONField(default=list, blank=True)
    targets: models.JSONField[Any, Any] = models.JSONField(default=dict, blank=True)
    exchange_targets: models.JSONField[Any, Any] = models.JSONField(default=dict, blank=True)
    assertion_audiences: models.JSONField[Any, Any] = models.JSONField(default=list, blank=True)

    class Meta:
        verbose_name = "registered client"

    def __str__(self) -> str:
        return self.client_id

    def client(self) -> RegisteredClient:
        """What this row describes. Raises ConfigurationError."""
        return RegisteredClient(
            client_id=self.client_id,
            secret_digests=self.secret_digests,
            jwks=self._keys(),
            audience=self.audience,
            targets=self.targets,
            exchange_targets=self.exchange_targets,
            assertion_audiences=self.assertion_audiences,
        )

    def _keys(self) -> Any:
        """The public keys, or where they are."""
        if self.jwks_uri and self.jwks is not None:
            raise ConfigurationError("a client has either jwks or jwks_uri (RFC 7591 section 2)")
        return jwks_url(self.jwks_uri, max_body=65_536, max_keys=100) if self.jwks_uri else self.jwks

    def clean(self) -> None:
        """What the admin saves is a client that can be used, though it may wait for its first secret."""
        try:
            self.client()
        except ConfigurationError as error:
            if self.secret_digests or self.jwks is not None or self.jwks_uri or len(error.mistakes) > 1:
                raise ValidationError(list(error.mistakes)) from None
