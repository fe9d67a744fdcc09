"""The table of cases: what every door must do, row by row, in the order in which they run."""

from typing import Final

from ..table import Case
from . import (
    cookies,
    credentials,
    hooks,
    kept_apart,
    marks,
    methods,
    mistakes,
    mounts,
    refusals_inside,
    rights,
    tokens,
    websockets,
)

CASES: Final[tuple[Case, ...]] = (
    *credentials.ROWS,
    *tokens.ROWS,
    *rights.ROWS,
    *refusals_inside.ROWS,
    *methods.ROWS,
    *cookies.ROWS,
    *marks.ROWS,
    *mounts.ROWS,
    *websockets.ROWS,
    *mistakes.ROWS,
    *kept_apart.ROWS,
    *hooks.ROWS,
)
