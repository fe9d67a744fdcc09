"""One fault planted in the package: the source of one function is changed at one place, and changed back."""

import inspect
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Fault:
    """In ``place``, a function or a property, stands ``instead`` where something else is ``written`` exactly once."""

    name: str
    place: Any
    written: str
    instead: str


@contextmanager
def planted(place: Any, written: str, instead: str) -> Iterator[None]:
    """Raises AssertionError where the text to change is not there, or not alone."""
    function = function_of(place)
    source = textwrap.dedent(inspect.getsource(function))
    assert source.count(written) == 1, "the text to change is not there, or not alone"
    space: dict[str, Any] = {}
    changed = source.replace(written, instead).replace("@property\n", "")
    exec(compile(changed, function.__code__.co_filename, "exec"), function.__globals__, space)
    before = function.__code__
    function.__code__ = space[function.__name__].__code__
    try:
        yield
    finally:
        function.__code__ = before


def function_of(place: Any) -> Any:
    """The function, or that which a property calls."""
    return place.fget if isinstance(place, property) else place
