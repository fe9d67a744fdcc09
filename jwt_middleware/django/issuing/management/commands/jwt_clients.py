"""``manage.py jwt_clients list``, ``add NAME``, ``new-secret NAME``, ``disable NAME``: who may ask for tokens."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from .....issuing.registered_client import new_client_secret, secret_digest
from ...models import KeptClient


class Command(BaseCommand):
    """Adds registered clients, gives them secrets, and takes them away. A secret is shown once and never again."""

    help = "Adds clients that may ask for tokens, gives them secrets, and takes them away."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["list", "add", "new-secret", "disable"])
        parser.add_argument("client_id", nargs="?", default="")

    def handle(self, *_: Any, action: str, client_id: str, **__: Any) -> None:
        if action == "list":
            for row in KeptClient.objects.order_by("client_id"):
                self.stdout.write(f"{row.client_id}{'' if row.enabled else ' (disabled)'}")
            return
        if not client_id:
            raise CommandError(f"write which one: manage.py jwt_clients {action} NAME")
        found = KeptClient.objects.filter(pk=client_id).first()
        if (found is None) != (action == "add"):
            raise CommandError(f"there is {'no' if found is None else 'already a'} client of that name")
        row = KeptClient(client_id=client_id, audience=[client_id]) if found is None else found
        if action == "disable":
            row.enabled = False
        else:
            secret = new_client_secret()
            row.secret_digests = [secret_digest(secret), *row.secret_digests][:2]  # the one before serves meanwhile
            self.stdout.write(secret)
        row.save()
