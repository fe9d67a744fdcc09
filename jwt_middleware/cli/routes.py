"""``jwt-middleware routes``: who may call what."""

import sys
from pathlib import Path

import click

from ..errors import ConfigurationError
from ..route_map.report import FORMS, allowances, report
from ..routes_of import routes_of
from .loading import load
from .mistake import Mistake

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command()
@click.argument("app")
@click.option("--factory", is_flag=True, help="APP is a function that makes the application.")
@click.option("--format", "form", type=click.Choice(FORMS), default="table", show_default=True, help="How to print.")
@click.option("--check", is_flag=True, help="Print what is forgotten or open, and exit with 1 if anything is.")
@click.option("--allow", multiple=True, metavar="ROUTE", help="May be public or unguarded: '/health', 'GET /static/*'.")
@click.option("--allow-file", type=_FILE, help="The same, one a line; # begins a comment.")
@click.option("--declared-only", is_flag=True, help="Every other route must require something.")
@click.option("--diff", "old", type=_FILE, help="Print who gained and who lost access since a map in JSON.")
def routes(
    app: str,
    factory: bool,
    form: str,
    check: bool,
    allow: tuple[str, ...],
    allow_file: Path | None,
    declared_only: bool,
    old: Path | None,
) -> None:
    """Print every route of APP (module:app) with who may call it.

    APP is imported as a server would import it, and nothing is called. With --check and --diff together, a change
    fails, too. The exit code is 1 for what was found, 2 for a mistake in the command.

    \b
      jwt-middleware routes orders:app --check --declared-only --allow /health
      jwt-middleware routes orders:app --format json > routes.json
      jwt-middleware routes orders:app --diff routes.json
    """
    try:
        found = report(
            routes_of(load(app, factory=factory)),
            form=form,
            check=check,
            allowed=[*allow, *(allowances(allow_file.read_text("utf-8")) if allow_file else ())],
            declared_only=declared_only,
            recorded=old.read_text("utf-8") if old else None,
        )
    except ConfigurationError as error:
        raise Mistake(str(error)) from None
    click.echo(found.text)
    sys.exit(1 if found.failed else 0)
