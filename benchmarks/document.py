"""docs/performance.md, made of recorded figures: the same figures give the same text."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from .calls import WHERE
from .figures import Figure
from .frameworks import BESIDE
from .goal_table import goals, profiles
from .numbers import number, quartiles
from .one_token.floor import FLOOR
from .one_token.libraries import OURS
from .samples import ALGORITHMS
from .words import BEGINNING, FRAMEWORKS, HOW, PROFILES, REFUSALS, SCALE, SOCKETS, VERIFY, VERSIONS, WARM

Table = Sequence[Sequence[str]]
RUN: Final = "python -m benchmarks"


def document(figures: Sequence[Figure], about: Mapping[str, str]) -> str:
    parts = [
        BEGINNING,
        "## The goals\n",
        _table(goals(figures), "lllrrrrl"),
        VERIFY,
        _picture("verify", "Whole check of an unknown token, over the raw signature check"),
        _table(_by_where(figures, "verify", ALGORITHMS), "l" + "r" * len(ALGORITHMS)),
        WARM,
        _table(_by_where(figures, "warm", ["RS256"]), "lr"),
        REFUSALS,
        _table(
            _by_where(figures, "refusals", _places(figures, "refusals", but=("over the size limit",))), "l" + "r" * 9
        ),
        FRAMEWORKS,
        _picture("frameworks", "What is added to a request in process"),
        _table(_frameworks(figures), "lrrr"),
        "Python functions that the middleware calls on the null ASGI app: "
        + ", ".join(f"{each.what} {each.ratio.median:.0f}" for each in figures if each.key[:2] == ("calls", WHERE))
        + ".\n",
        SOCKETS,
        _table(_sockets(figures), "llrr"),
        PROFILES,
        _table(profiles(figures), "llrrl"),
        SCALE,
        _picture("scale", "How the cost of a request grows"),
        _table(_scale(figures), "lrrr"),
        HOW,
        VERSIONS,
        _table([["", ""], *([name, value] for name, value in about.items())], "ll"),
    ]
    return "\n".join(part for part in parts if part)


def _by_where(figures: Iterable[Figure], part: str, where: Sequence[str]) -> Table:
    """One row per contestant, one column per place; in the order of the last row's first column."""
    mine = {(each.what, each.where): each for each in figures if each.part == part}
    names = list(dict.fromkeys(what for what, place in mine if place in where))
    names.sort(key=lambda name: mine[name, where[0]].ratio.median if (name, where[0]) in mine else 0.0)
    rows = [["", *where]]
    for name in names:
        cells = [_cell(mine.get((name, place))) for place in where]
        rows.append([_ours(name), *cells])
    return rows


def _cell(figure: Figure | None) -> str:
    if figure is None:
        return "-"
    time = "" if figure.microseconds is None else f", {number(figure.microseconds)} µs"
    return f"{quartiles(figure)}{time}" if figure.what != FLOOR else f"1{time}"


def _frameworks(figures: Iterable[Figure]) -> Table:
    rows = [["", "request / bare", "whole request", "added"]]
    mine = [each for each in figures if each.part == "frameworks"]
    bare = {each.where: each.microseconds for each in mine if each.what == "bare"}
    for figure in mine:
        alone, whole = bare[figure.where] or 0.0, figure.microseconds
        if figure.what == "bare":
            rows.append([f"**{figure.where}, bare**", "1", f"{number(alone)} µs", ""])
        elif figure.what == BESIDE:
            rows.append([figure.what, quartiles(figure), "", ""])
        elif whole is not None:
            rows.append([_ours(figure.what), quartiles(figure), f"{number(whole)} µs", f"{number(whole - alone)} µs"])
    return rows


def _sockets(figures: Iterable[Figure]) -> Table:
    mine = {(each.where, *each.what.split(": ")): each for each in figures if each.part == "sockets"}
    if not mine:
        return []
    rows = [["server", "Starlette behind", "processor time per request / bare", "requests per second kept"]]
    for server, name in dict.fromkeys((server, name) for server, name, _ in mine):
        cost, kept = (mine[server, name, each] for each in dict.fromkeys(key[2] for key in mine))
        rows.append([server, _ours(name), quartiles(cost), f"{kept.ratio.median:.0%}"])
    return rows


def _scale(figures: Iterable[Figure]) -> Table:
    rows = [["", "size", "over the smallest", "cost"]]
    for figure in figures:
        if figure.part == "scale":
            whole = figure.where.startswith("bytes per")
            cost = "" if figure.microseconds is None else f"{number(figure.microseconds)} µs"
            ratio = "" if whole else quartiles(figure)
            rows.append([figure.where, figure.what, ratio, f"{figure.ratio.median:,.0f} bytes" if whole else cost])
    return rows


def _places(figures: Iterable[Figure], part: str, *, but: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(each.where for each in figures if each.part == part and each.where not in but))


def _ours(name: str) -> str:
    return f"**{name}**" if name.startswith(OURS) else name


def _picture(name: str, says: str) -> str:
    return f"![{says}](performance/{name}.svg)\n"


def _table(rows: Table, aligned: str) -> str:
    """Markdown; ``aligned`` holds l or r for each column."""
    if len(rows) < 2:
        return "Not measured here.\n"
    rule = ["---:" if each == "r" else "---" for each in aligned[: len(rows[0])]]
    return "".join(f"| {' | '.join(row)} |\n" for row in (rows[0], rule, *rows[1:]))
