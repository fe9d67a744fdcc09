"""``manage.py jwt_purge``: forget sessions and revocations that concern no living token. For a daily timer."""

from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand

from ...conf import issuing
from ...session_store import DatabaseSessions

_DAY = 86_400.0  # seconds that ended sessions are kept, to look at


class Command(BaseCommand):
    """Deletes rows, and nothing that anybody still needs."""

    help = "Forget sessions and revocations that concern no living token."

    def handle(self, *_: Any, **options: Any) -> None:
        now = issuing().sessions.clock()
        self.stdout.write(f"{DatabaseSessions().purge(now, _DAY)} sessions")
        if apps.is_installed("jwt_middleware.django.revocations"):
            from jwt_middleware.django.revocations.store import purge  # an app that need not be there

            self.stdout.write(f"{purge(now)} revocations")
