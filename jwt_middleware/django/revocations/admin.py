"""The admin of revocations: to look at. A revocation is taken back by nobody."""

from datetime import UTC, datetime
from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from .models import KeptRevocation


@admin.register(KeptRevocation)
class KeptRevocationAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic for type checkers only
    """Read-only."""

    list_display = ("kind", "name", "issuer", "made", "ends")
    list_filter = ("kind",)
    search_fields = ("name",)
    ordering = ("-made_at",)

    @admin.display(ordering="made_at")
    def made(self, row: KeptRevocation) -> datetime:
        return datetime.fromtimestamp(row.made_at, UTC)

    @admin.display(ordering="until")
    def ends(self, row: KeptRevocation) -> str:
        return "never" if row.until > 1e11 else f"{datetime.fromtimestamp(row.until, UTC):%Y-%m-%d %H:%M} UTC"

    def has_add_permission(self, request: HttpRequest, *_: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, *_: Any) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, *_: Any) -> bool:
        return False
