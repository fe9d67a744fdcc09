"""A route map for people: as a table, and as Markdown."""

from collections.abc import Iterator, Sequence
from typing import Final

from .route import Route, RouteMap

_HEADINGS: Final = ("methods", "route", "access", "requirement", "declared at")


def to_table(routes: RouteMap) -> str:
    """In columns of plain text, notes below their route."""
    rows = [_HEADINGS, *map(_cells, routes.routes)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADINGS))]

    def line(row: Sequence[str]) -> str:
        return "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()

    lines = [line(_HEADINGS), line(["-" * width for width in widths])]
    for route in routes.routes:
        lines.append(line(_cells(route)))
        lines += [f"{'':{widths[0]}}    {note}" for note in route.notes]
    return "\n".join(lines)


def to_markdown(routes: RouteMap) -> str:
    """As a table of a document, for review."""
    return "\n".join(_markdown_lines(routes))


def _markdown_lines(routes: RouteMap) -> Iterator[str]:
    yield f"| {' | '.join(_HEADINGS)} |"
    yield "|" + "---|" * len(_HEADINGS)
    for route in routes.routes:
        methods, place, access, requirement, where = (each.replace("|", "\\|") for each in _cells(route))
        notes = "".join(f"<br>{note}" for note in route.notes).replace("|", "\\|")
        cells = (methods, f"`{place}`", access, requirement and f"`{requirement}`", where + notes)
        yield f"| {' | '.join(cells)} |"


def _cells(route: Route) -> tuple[str, str, str, str, str]:
    return ",".join(route.methods), route.place, route.access.value, route.words, route.declared_at
