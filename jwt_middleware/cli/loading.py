"""From ``module:app`` to the application."""

import importlib
import os
import sys
from typing import Any

import click

from ..errors import ConfigurationError


def load(name: str, *, factory: bool = False) -> Any:
    """Import what ``name`` says, as servers do: from the working directory, too. Raises click.ClickException.

    ``factory``: what stands there is a function that makes the application.
    """
    module, colon, attribute = name.partition(":")
    if not (module and colon and attribute):
        raise click.BadParameter(f"{name!r}: write module:app, as for a server")
    sys.path.insert(0, os.getcwd())
    try:
        found: Any = importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise click.ClickException(
            f"there is no module {error.name!r}; run this where your server is started"
        ) from None
    except ConfigurationError as error:
        raise click.ClickException(f"{name} is mistaken:\n{error}") from None
    for part in attribute.split("."):
        if not hasattr(found, part):
            raise click.ClickException(f"{module} has no {part!r}")
        found = getattr(found, part)
    return found() if factory else found
