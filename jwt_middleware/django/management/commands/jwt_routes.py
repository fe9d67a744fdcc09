"""``manage.py jwt_routes``: who may call what."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ....errors import ConfigurationError
from ....route_map.report import FORMS, allowances, report
from ...route_map import route_map


class Command(BaseCommand):
    """Calls nothing: it reads the urlconf and the settings."""

    help = "Print every route with who may call it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--format", choices=FORMS, default="table", help="how to print")
        parser.add_argument(
            "--check", action="store_true", help="print what is forgotten or open; exit with 1 if any is"
        )
        parser.add_argument("--allow", action="append", default=[], metavar="ROUTE", help="may be public or unguarded")
        parser.add_argument("--allow-file", type=Path, help="the same, one a line; # begins a comment")
        parser.add_argument("--declared-only", action="store_true", help="every other route must require something")
        parser.add_argument("--diff", type=Path, help="print who gained and who lost access since a map in JSON")
        parser.add_argument("--urlconf", help="another one than ROOT_URLCONF")

    def handle(self, *_: Any, **options: Any) -> None:
        file, old = options["allow_file"], options["diff"]
        try:
            found = report(
                route_map(options["urlconf"]),
                form=options["format"],
                check=options["check"],
                allowed=[*options["allow"], *(allowances(file.read_text("utf-8")) if file else ())],
                declared_only=options["declared_only"],
                recorded=old.read_text("utf-8") if old else None,
            )
        except (ConfigurationError, OSError) as error:
            raise CommandError(str(error), returncode=2) from None  # 1 is for what was found
        self.stdout.write(found.text)
        if found.failed:
            sys.exit(1)
