"""The pictures of docs/performance.md: SVG that is the same for the same figures."""

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import matplotlib as mpl
from matplotlib.figure import Figure as Canvas

from .figures import Figure
from .frameworks import BESIDE
from .one_token.floor import FLOOR
from .one_token.libraries import OURS
from .samples import ALGORITHMS

_LOOK: Final[Any] = {
    "svg.hashsalt": "jwt_middleware",  # else ids are random
    "svg.fonttype": "none",  # text stays text
    "font.family": "sans-serif",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
}
_MINE: Final = "#1f6f8b"
_OTHER: Final = "#b8b8b8"
Bar = tuple[str, float]


def pictures(figures: Sequence[Figure]) -> Mapping[str, str]:
    """Name → SVG."""
    with mpl.rc_context(_LOOK):
        return {"verify": _verify(figures), "frameworks": _frameworks(figures), "scale": _scale(figures)}


def _verify(figures: Iterable[Figure]) -> str:
    mine = [each for each in figures if each.part == "verify" and each.what != FLOOR]
    canvas = Canvas(figsize=(9, 6), layout="constrained")
    for place, algorithm in zip(_axes(canvas, 2, 2), ALGORITHMS, strict=True):
        _bars(place, [(each.what, each.ratio.median) for each in mine if each.where == algorithm])
        place.set_title(algorithm, loc="left")
        place.axvline(1.0, color="black", linewidth=0.8)
        place.set_xlabel("over the raw signature check")
    return _svg(canvas)


def _frameworks(figures: Iterable[Figure]) -> str:
    mine = [each for each in figures if each.part == "frameworks" and each.what not in ("bare", BESIDE)]
    groups = list(dict.fromkeys(each.where for each in mine))
    canvas = Canvas(figsize=(9, 1.1 + 1.15 * len(groups)), layout="constrained")
    for place, group in zip(_axes(canvas, max(1, len(groups)), 1), groups, strict=False):
        _bars(place, [(each.what, each.ratio.median) for each in mine if each.where == group])
        place.set_title(group, loc="left")
        place.axvline(1.0, color="black", linewidth=0.8)
    canvas.supxlabel("request / bare request")
    return _svg(canvas)


def _scale(figures: Iterable[Figure]) -> str:
    mine = [each for each in figures if each.part == "scale"]
    lines = list(dict.fromkeys(each.where for each in mine))
    canvas = Canvas(figsize=(9, 1.6 * ((len(lines) + 2) // 3) + 0.6), layout="constrained")
    places = _axes(canvas, max(1, (len(lines) + 2) // 3), 3)
    for place, line in zip(places, lines, strict=False):
        points = [(float(each.what.replace(",", "")), each) for each in mine if each.where == line]
        place.plot(
            [size for size, _ in points], [each.ratio.median for _, each in points], "o-", color=_MINE, markersize=3
        )
        place.set_xscale("symlog")
        place.set_ylim(bottom=0)
        place.set_title(line, loc="left", fontsize=8)
    for place in places[len(lines) :]:
        place.set_axis_off()
    return _svg(canvas)


def _axes(canvas: Canvas, rows: int, columns: int) -> list[Any]:
    return list(canvas.subplots(rows, columns, squeeze=False).flat)


def _bars(place: Any, bars: Sequence[Bar]) -> None:
    """Horizontal, the shortest on top; ours in colour."""
    ordered = sorted(bars, key=lambda bar: bar[1], reverse=True)
    names = [name for name, _ in ordered]
    colours = [_MINE if name.startswith(OURS) else _OTHER for name in names]
    place.barh(names, [value for _, value in ordered], color=colours)
    for row, (_, value) in enumerate(ordered):
        place.annotate(f"{value:.3g}", (value, row), xytext=(3, 0), textcoords="offset points", va="center")
    place.margins(x=0.12)


def _svg(canvas: Canvas) -> str:
    written = io.StringIO()
    canvas.savefig(written, format="svg", metadata={"Date": None, "Creator": None})
    return "".join(f"{line.rstrip()}\n" for line in written.getvalue().splitlines())
