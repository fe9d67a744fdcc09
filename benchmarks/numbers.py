"""How a figure is written on the page."""

from .figures import Figure


def quartiles(figure: Figure) -> str:
    ratio = figure.ratio
    return f"{number(ratio.median)} ({number(ratio.low)} to {number(ratio.high)})"


def number(value: float) -> str:
    """Three digits, which is more than the noise allows."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
