"""Cases x stacks: what a cell is, how it is run, and which cells do not apply."""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from jwt_middleware.access.current import current_passage

from .exchange import Answer, Exchange
from .routes import Variant
from .tokens import guard_for

Build = Callable[[Variant], Callable[[Exchange], Answer]]


@dataclass(frozen=True)
class Stack:
    """One framework in one way of use. ``lacks``: what does not exist there, and why."""

    name: str
    door: str
    build: Build
    lacks: Mapping[str, str] = field(default_factory=dict)
    extras: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    around: Callable[[], Any] | None = None  # a context in which everything of this stack happens


class Applications:
    """The applications of one stack, built when a case needs them, one per variant."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self._built: dict[str, tuple[Variant, Callable[[Exchange], Answer]]] = {}
        self.variant = Variant(None)

    def send(self, exchange: Exchange, variant: str = "", **arguments: Any) -> Answer:
        """Send one request to the application of that variant. ``arguments`` make it when it is new."""
        key = f"{variant} {arguments!r}"
        if key not in self._built:
            self._built[key] = self.fresh(**arguments)
        self.variant, send = self._built[key]
        return self._sent(self.variant, send, exchange)

    def fresh(
        self, *, guard: Any = None, unguarded_application: bool = False, **options: Any
    ) -> tuple[Variant, Callable[[Exchange], Answer]]:
        own = {name: options.pop(name) for name in ("guarded_paths", "catch_all") if name in options}
        variant = Variant(None if unguarded_application else guard or guard_for(**options), **own)
        return variant, self.stack.build(variant)

    def sent(self, built: tuple[Variant, Callable[[Exchange], Answer]], exchange: Exchange) -> Answer:
        return self._sent(*built, exchange)

    @staticmethod
    def _sent(variant: Variant, send: Callable[[Exchange], Answer], exchange: Exchange) -> Answer:
        variant.ran.clear()
        answer = send(exchange)
        answer.ran = tuple(variant.ran)
        assert current_passage() is None, "a caller was left behind in this thread"
        _token_stays_inside(exchange, answer)
        return answer


def _token_stays_inside(exchange: Exchange, answer: Answer) -> None:
    """No part of a token is ever sent back or logged."""
    shown = answer.everything
    for _, value in exchange.headers:
        for word in value.replace(",", " ").replace(";", " ").replace("=", " ").split():
            if len(word) > 60:
                for part in (word, *word.split(".")):
                    assert len(part) < 20 or part not in shown, "a part of the token came back"


@dataclass(frozen=True)
class Case:
    """One row: a sentence, what a stack must have for it, and the check."""

    name: str
    check: Callable[[Applications], None]
    needs: tuple[str, ...] = ()

    def missing_in(self, stack: Stack) -> str:
        """Why this row does not apply to ``stack``; empty if it does."""
        return next((f"{need}: {stack.lacks[need]}" for need in self.needs if need in stack.lacks), "")


@dataclass(frozen=True)
class Cell:
    case: Case
    stack: Stack
    broken: str = ""  # empty: it held


class _Records(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@contextmanager
def quiet() -> Iterator[list[str]]:
    """Collect what is logged meanwhile, and print none of it."""
    root = logging.getLogger()
    records = _Records()
    before, level, ours = root.handlers[:], root.level, logging.getLogger("jwt_middleware").level
    root.handlers[:] = [records]
    root.setLevel(logging.INFO)
    logging.getLogger("jwt_middleware").setLevel(logging.DEBUG)
    try:
        yield records.lines
    finally:
        root.handlers[:] = before
        root.setLevel(level)
        logging.getLogger("jwt_middleware").setLevel(ours)


def run_cell(case: Case, applications: Applications) -> Cell:
    """Run one row on one stack; whatever goes wrong is said in the cell."""
    stack = applications.stack
    try:
        with quiet() as lines:
            if stack.around is None:
                case.check(applications)
            else:
                with stack.around():
                    case.check(applications)
            logged = "\n".join(lines)
            assert "eyJ" not in logged, "a token was logged"
    except Exception as error:
        return Cell(case, stack, f"{type(error).__name__}: {error}"[:2000] or "failed")
    return Cell(case, stack)
