"""A mistake of whoever typed the command: one sentence, and an exit code of its own."""

import traceback
from pathlib import Path

import click


class Mistake(click.ClickException):
    """Exits with 2, as wrong arguments do: 1 is for what a command has found."""

    exit_code = 2


def where_raised(error: BaseException) -> str:
    """Kind, text and place of what somebody else's code has raised, in one line."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [each for each in frames if "importlib" not in each.filename and Path(each.filename).parent != _HERE]
    place = f" ({own[-1].filename}:{own[-1].lineno})" if own else ""
    return f"{type(error).__name__}: {error}{place}"


_HERE = Path(__file__).parent
