"""What a command answers about a route map: the map itself, its holes, or what changed; and whether a build fails."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from .changes import changes
from .check import holes
from .recorded import from_json, to_json
from .route import RouteMap
from .table import to_markdown, to_table

FORMS: Final = ("table", "markdown", "json")


@dataclass(frozen=True, slots=True)
class Report:
    """The text to print, and whether what was asked for was not found in order."""

    text: str
    failed: bool = False


def report(
    routes: RouteMap,
    *,
    form: str = "table",
    check: bool = False,
    allowed: Iterable[str] = (),
    declared_only: bool = False,
    recorded: str | None = None,
) -> Report:
    """The map in this ``form``; with ``check`` its holes; with a ``recorded`` map what changed since.

    Both together fail for a change as well. Raises ConfigurationError for a record or an allowance that is none.
    """
    if not check and recorded is None:
        return Report({"table": to_table, "markdown": to_markdown, "json": to_json}[form](routes))
    changed = () if recorded is None else changes(from_json(recorded), routes)
    found = holes(routes, allowed=allowed, declared_only=declared_only) if check else ()
    lines = [*map(str, found), *map(str, changed)]
    if recorded is not None and not changed:
        lines.append("nobody gained or lost access")
    if check and not found:
        lines.append(f"no hole in {len(routes.routes)} routes")
    return Report("\n".join(lines), bool(found) or (check and bool(changed)))


def allowances(text: str) -> list[str]:
    """The entries of an allow-list: one a line, after ``#`` comes a comment."""
    return [entry for line in text.splitlines() if (entry := line.partition("#")[0].strip())]
