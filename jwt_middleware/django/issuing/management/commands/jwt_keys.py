"""``manage.py jwt_keys``: list, generate, rotate and withdraw signing keys."""

from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from .....errors import ConfigurationError
from .....verification.revocation import Revocation
from ...conf import issuing
from ...wiring import Issuing


class Command(BaseCommand):
    """Nothing that signs is ever shown."""

    help = "List, generate, rotate and withdraw the keys that sign tokens."

    def add_arguments(self, parser: CommandParser) -> None:
        steps = parser.add_subparsers(dest="step", required=True)
        steps.add_parser("list", help="every key with its state")
        steps.add_parser("generate", help="make the first key, or publish another one ahead")
        rotate = steps.add_parser("rotate", help="let the key that was published ahead take over")
        rotate.add_argument("--at-once", action="store_true", help="also if some verifier may not know it yet")
        withdraw = steps.add_parser("withdraw", help="for a key that others may hold: gone at once, for ever")
        withdraw.add_argument("kid", help="the key id; write -- before one that begins with a hyphen")

    def handle(self, *_: Any, step: str, **options: Any) -> None:
        try:
            current = issuing()
            getattr(self, f"_{step}")(
                current, **{name: options[name] for name in ("at_once", "kid") if name in options}
            )
        except ConfigurationError as error:
            raise CommandError(str(error)) from None

    def _list(self, current: Issuing) -> None:
        for record in current.keys.records:
            published = datetime.fromtimestamp(record.published_at, UTC)
            self.stdout.write(
                f"{record.key.kid}  {record.key.algorithm:6} {record.state:8} {published:%Y-%m-%d %H:%M} UTC"
            )

    def _generate(self, current: Issuing) -> None:
        current.keys.prepare()
        self._list(current)

    def _rotate(self, current: Issuing, at_once: bool) -> None:
        current.keys.rotate(at_once=at_once)
        self._list(current)

    def _withdraw(self, current: Issuing, kid: str) -> None:
        current.keys.withdraw(kid)
        current.keys.prepare()
        until = current.sessions.clock() + current.keys.timing.behind
        if current.sessions.revoke(Revocation("key", current.issuer.issuer, kid, until)):
            self.stdout.write("revoked at every resource server that shares the revocation store")
        self._list(current)
