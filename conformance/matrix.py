"""The matrix as text: for the terminal in short, and as a document with everything that was sent and seen."""

from collections.abc import Callable, Sequence
from typing import Final

from .row import PLANNED, Row
from .run import Cell, Results, state_of

_MARKS: Final = {"held": "✓", "red": "✗", "not asked": "-"}
_HEAD: Final = """\
# Conformance

What the standards ask of a resource server, row by row: what was sent, what must be seen, and what was seen. Written by
`python -m conformance`, which runs every row; `python -m conformance --check` fails when this page is stale.

The ids are those of a checklist: A credentials and challenges, B signed tokens, C access tokens, D the issuer's
metadata and keys, F decisions. Rows that concern issuers or clients alone are left out. A row is **met**; or **decided
otherwise**, with the reason and what happens instead; or **planned**.

Every request goes in four ways: as an ASGI scope, as a WSGI environ, and as bytes on a socket under uvicorn and under
gunicorn. `<...>` stands for a token, described by what is special about it. The service is `orders`, its clock stands
still, and it trusts an issuer on the same machine that publishes metadata and keys by HTTP. Where a server answers
before the application is asked, the cell says so.

The same rows can be asked of another application. What it is not configured for, or has no route for, is not asked:

```python
# mine.py; then: python -m conformance --against mine:mine
from conformance.applications.another import another

mine = another(
    "http://127.0.0.1:8000/orders",  # a route that any genuine caller may call
    issuer="https://idp.example.com",
    audience="orders",
    algorithm="ES256",
    kid="key-1",
    sign=lambda message: ...,  # the signature over the bytes of header and claims
    routes={"/read": "/orders/all"},  # a route that wants the scope read, and so on
)
```
"""


def short(rows: Sequence[Row], results: Results) -> list[str]:
    """One line per row, the details of red cells, and the sums."""
    lines = []
    for row in rows:
        marks = "".join(_MARKS[state_of(cells[row.id])] for cells in results.values())
        lines.append(f"{row.id}  {marks}  {row.status:17}  {row.requirement}")
        for transport, cells in results.items():
            for cell in cells[row.id]:
                if cell.wrong:
                    sent = str(cell.asked.request).replace("\n", " | ")
                    lines.append(f"      {transport}, {cell.asked.setting}: {sent}: {cell.wrong}")
    return [*lines, "", *sums(rows, results)]


def sums(rows: Sequence[Row], results: Results) -> list[str]:
    """How many rows there are of each kind, and how many are red over each transport."""
    counts = {status: sum(row.status == status for row in rows) for status in ("met", "decided otherwise", "planned")}
    said = ", ".join(f"{count} {status}" for status, count in counts.items())
    lines = [f"{len(rows)} rows: {said}."]
    for transport, cells in results.items():
        asked = sum(not cell.not_asked for row in rows for cell in cells[row.id])
        red = sum(state_of(cells[row.id]) == "red" for row in rows)
        lines.append(f"{transport}: {asked} requests of {sum(len(row.tries) for row in rows)}, {red} rows red.")
    return lines


def document(rows: Sequence[Row], results: Results, words: Callable[[str], str]) -> str:
    """The page, the same byte for byte whenever the same was seen. ``words`` say what is special about a setting."""
    lines = [_HEAD, *sums(rows, results), "", *_overview(rows, results), *_waiting(rows)]
    for row in rows:
        lines += ["", f"## {row.id}", "", f"{row.section}. {row.requirement}"]
        lines += ["", _standing(row)]
        if row.tries:
            lines += ["", "| sent | must be seen | seen |", "|---|---|---|"]
            lines += [_line(row, place, results, words) for place in range(len(row.tries))]
    return "\n".join(lines) + "\n"


def _overview(rows: Sequence[Row], results: Results) -> list[str]:
    lines = [f"| row | {' | '.join(results)} | status | requirement |", f"|---|{'---|' * len(results)}---|---|"]
    for row in rows:
        marks = (_mark(cells[row.id]) for cells in results.values())
        lines.append(
            f"| [{row.id}](#{row.id.lower()}) | {' | '.join(marks)} | {row.status} | {_escaped(row.requirement)} |"
        )
    return [*lines, "", "✓ as it must be; ✓s the same, and some requests are refused by the server; - not asked."]


def _waiting(rows: Sequence[Row]) -> list[str]:
    waiting = {kind: [row.id for row in rows if row.planned == kind] for kind in PLANNED}
    return [
        "",
        "Planned, by what they wait for: " + "; ".join(f"{k}: {', '.join(v)}" for k, v in waiting.items() if v) + ".",
    ]


def _mark(cells: Sequence[Cell]) -> str:
    state = state_of(cells)
    return "✓s" if state == "held" and any(cell.by_server for cell in cells) else _MARKS[state]


def _standing(row: Row) -> str:
    if row.planned:
        return f"**Planned** ({row.planned})."
    if row.decided:
        return f"**Decided otherwise.** {_escaped(row.decided)}"
    return f"**Met.** {_escaped(row.note)}".rstrip()


def _line(row: Row, place: int, results: Results, words: Callable[[str], str]) -> str:
    each = row.tries[place]
    circumstances = [f"with {words(each.setting)}"] if words(each.setting) else []
    if each.issuer is not None:
        circumstances.append(each.issuer.words)
    if each.times > 1:
        circumstances.append(f"{each.times} times")
    sent = [*(f"{each}:" for each in circumstances), *(f"`{line}`" for line in str(each.request).split("\n"))]
    cells = {transport: found[row.id][place] for transport, found in results.items()}
    return f"| {'<br>'.join(map(_cell, sent))} | {_cell(each.must.words)} | {_seen(cells)} |"


def _seen(cells: dict[str, Cell]) -> str:
    """What was seen, said once where it was the same everywhere."""
    texts = {transport: cell.not_asked or cell.wrong or str(cell.seen) for transport, cell in cells.items()}
    if len(set(texts.values())) == 1:
        return _cell(next(iter(texts.values())))
    by_text: dict[str, list[str]] = {}
    for transport, text in texts.items():
        by_text.setdefault(text, []).append(transport)
    return "<br>".join(f"{', '.join(transports)}: {_cell(text)}" for text, transports in by_text.items())


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _escaped(text: str) -> str:
    return _cell(text).replace("<", "&lt;")
