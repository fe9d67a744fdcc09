"""``manage.py jwt_sessions``: list and end sessions."""

from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from .....waiting import run
from ...conf import issuing


class Command(BaseCommand):
    """Sessions of one subject."""

    help = "List and end the sessions of a user."

    def add_arguments(self, parser: CommandParser) -> None:
        steps = parser.add_subparsers(dest="step", required=True)
        for step, text in (("list", "the living sessions of a user"), ("end", "end one of them, or all")):
            one = steps.add_parser(step, help=text)
            one.add_argument("subject", help="what tokens carry in sub: by default the primary key of the user")
            if step == "end":
                one.add_argument("session_id", nargs="?", help="without it, all")

    def handle(self, *_: Any, step: str, subject: str, session_id: str | None = None, **options: Any) -> None:
        sessions = issuing().sessions
        found = [each for each in run(sessions.of_subject(subject)) if session_id in (None, each.session_id)]
        if step == "end":
            if not found:
                raise CommandError("there is no such session")
            for each in found:
                run(sessions.end(each, "ended"))
            self.stdout.write(f"{len(found)} ended")
            return
        for each in found:
            at = datetime.fromtimestamp(each.refreshed_at, UTC)
            self.stdout.write(f"{each.session_id}  {each.client_id}  {at:%Y-%m-%d %H:%M} UTC  {each.address}")
