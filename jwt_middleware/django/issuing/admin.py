"""The admin of sessions, to look at and to end one; and of clients, whose secrets it neither shows nor takes."""

from datetime import UTC, datetime
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from ...issuing.session import Session
from ...waiting import run
from .conf import issuing
from .models import KeptClient, KeptSession
from .session_store import session_of


@admin.register(KeptSession)
class KeptSessionAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic for type checkers only
    """Read-only. Whoever may change sessions may end them."""

    list_display = ("subject", "client_id", "logged_in", "refreshed", "expires", "address", "ended_for")
    list_filter = ("client_id", "ended_for")
    search_fields = ("subject", "address")
    ordering = ("-refreshed_at",)
    exclude = ("stamp", "current", "previous", "nonce")
    actions = ("end_sessions",)

    @admin.display(ordering="logged_in_at")
    def logged_in(self, row: KeptSession) -> datetime:
        return datetime.fromtimestamp(row.logged_in_at, UTC)

    @admin.display(ordering="refreshed_at")
    def refreshed(self, row: KeptSession) -> datetime:
        return datetime.fromtimestamp(row.refreshed_at, UTC)

    @admin.display(ordering="expires_at")
    def expires(self, row: KeptSession) -> datetime:
        return datetime.fromtimestamp(row.expires_at, UTC)

    @admin.action(description="End the selected sessions", permissions=["change"])
    def end_sessions(self, request: HttpRequest, rows: QuerySet[KeptSession]) -> None:
        for row in rows:
            run(issuing().sessions.end(session_of(row), "ended"))
        self.message_user(request, f"{rows.count()} sessions were ended.", messages.SUCCESS)

    def get_readonly_fields(self, request: HttpRequest, row: Any = None) -> list[str]:
        return [name for name in Session.__slots__ if name not in self.exclude]

    def has_add_permission(self, request: HttpRequest, *_: Any) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, *_: Any) -> bool:
        return False


@admin.register(KeptClient)
class KeptClientAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic for type checkers only
    """What a client may have. Its secrets are made by ``manage.py jwt_clients new-secret``."""

    list_display = ("client_id", "enabled", "audience")
    list_filter = ("enabled",)
    search_fields = ("client_id",)
