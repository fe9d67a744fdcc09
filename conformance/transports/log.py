"""What an application in this process logs meanwhile."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager


class _Records(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@contextmanager
def logged() -> Iterator[list[str]]:
    """Collect everything that is logged meanwhile, down to DEBUG, and print none of it."""
    root = logging.getLogger()
    records = _Records()
    before, level = root.handlers[:], root.level
    root.handlers[:] = [records]
    root.setLevel(logging.DEBUG)
    try:
        yield records.lines
    finally:
        root.handlers[:] = before
        root.setLevel(level)
