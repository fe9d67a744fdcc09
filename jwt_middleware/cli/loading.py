"""From ``module:app`` to the application."""

import importlib
import os
import sys
from typing import Any

import click

from ..errors import ConfigurationError
from .mistake import Mistake, where_raised


def load(name: str, *, factory: bool = False) -> Any:
    """Import what ``name`` says, as servers do: from the working directory, too. Raises Mistake.

    ``factory``: what stands there is a function that makes the application.
    """
    module, colon, attribute = name.partition(":")
    if not (module and colon and attribute):
        raise click.BadParameter(f"{name!r}: write module:app, as for a server")
    sys.path.insert(0, os.getcwd())
    try:
        found: Any = importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise Mistake(f"there is no module {error.name!r}; run this where your server is started") from None
    except ConfigurationError as error:
        raise Mistake(f"{name} is mistaken:\n{error}") from None
    except Exception as error:  # noqa: BLE001  # whatever the application stumbles over
        raise Mistake(f"{name} cannot be imported: {where_raised(error)}") from None
    for part in attribute.split("."):
        if not hasattr(found, part):
            raise Mistake(f"{module} has no {part!r}")
        found = getattr(found, part)
    if not factory:
        return found
    if not callable(found):
        raise Mistake(f"{name} is no function that makes an application; leave out --factory")
    try:
        return found()
    except ConfigurationError as error:
        raise Mistake(f"{name} is mistaken:\n{error}") from None
    except Exception as error:  # noqa: BLE001  # whatever the application stumbles over
        raise Mistake(f"{name}() makes no application: {where_raised(error)}") from None
