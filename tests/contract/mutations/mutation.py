"""Mutation: one thing that a guard or a door might get wrong, and the rows that were written for it."""

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from unittest.mock import patch

from .. import stacks
from ..table import Stack

PLACES = ("jwt_middleware", stacks.__name__)


@dataclass(frozen=True)
class Mutation:
    """One mistake, made when ``planted()`` is entered and taken back when it is left.

    ``noticed_by`` names rows that must break wherever they apply; they run first. ``noticed_in_front`` names rows that
    must break where a door stands in front of all routes: elsewhere a view's own requirement may still refuse.
    ``still_holds`` names a row that must not break: a mutant that cannot do anything any more shows nothing about the
    table.
    """

    name: str
    planted: Callable[[], AbstractContextManager[object]]
    noticed_by: tuple[str, ...] = ()
    noticed_in_front: tuple[str, ...] = ()
    still_holds: str = "a genuine caller passes"

    def noticed_on(self, stack: Stack) -> tuple[str, ...]:
        """The rows that must break there, wherever they apply."""
        return self.noticed_by + (() if "in front" in stack.lacks else self.noticed_in_front)


@contextmanager
def everywhere(*replaced: tuple[object, object]) -> Iterator[None]:
    """Put the second of each pair in the place of the first, wherever package and stacks have imported it."""
    with ExitStack() as patches:
        for name, module in list(sys.modules.items()):
            if name.startswith(PLACES):
                for attribute, value in list(vars(module).items()):
                    for old, new in replaced:
                        if value is old:
                            patches.enter_context(patch.object(module, attribute, new))
        yield
