"""Where was it declared: file and line of what a route runs, and its name."""

import functools
import inspect
import os
import sys
from collections.abc import Iterator
from typing import Any


def declared_at(endpoint: object) -> str:
    """``orders.py:42``, relative to the working directory, or to where packages are; empty for what has no source."""
    found = _innermost(endpoint)
    try:
        source = inspect.getsourcefile(found)
        line = found.__code__.co_firstlineno if hasattr(found, "__code__") else inspect.getsourcelines(found)[1]
    except (TypeError, OSError):
        return ""
    if source is None:
        return ""
    return f"{_short(source)}:{line}"


def name_of(endpoint: object) -> str:
    """The dotted name of what a route runs."""
    found = _innermost(endpoint)
    name = getattr(found, "__qualname__", type(found).__qualname__)
    return f"{getattr(found, '__module__', None) or type(found).__module__}.{name}"


def layers(endpoint: object) -> Iterator[Any]:
    """``endpoint`` and what it wraps, from the outside in."""
    seen: set[int] = set()
    while endpoint is not None and id(endpoint) not in seen:
        seen.add(id(endpoint))
        yield endpoint
        endpoint = endpoint.func if isinstance(endpoint, functools.partial) else getattr(endpoint, "__wrapped__", None)


def _innermost(endpoint: object) -> Any:
    found = None if endpoint is None else list(layers(endpoint))[-1]
    callable_object = not (inspect.isroutine(found) or isinstance(found, type) or inspect.ismodule(found))
    return type(found) if callable_object else found


def _short(source: str) -> str:
    """The same text on every machine where the project and its packages are installed alike."""
    roots = [os.getcwd(), *sorted((each for each in sys.path if each), key=len, reverse=True)]
    for root in map(os.path.abspath, roots):
        if source.startswith(root + os.sep) and "site-packages" not in source[len(root) :]:
            return source[len(root) + 1 :]
    return source
