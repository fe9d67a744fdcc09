"""How a row is written: a request, and the check of its answer."""

from collections.abc import Callable
from typing import Any, Final

from ..exchange import Answer, Exchange
from ..table import Applications, Case
from ..tokens import NOW, mint

Check = Callable[[Answer], None]


def row(name: str, exchange: Exchange, check: Check, *needs: str, **variant: Any) -> Case:
    """A row that is one request and one answer."""

    def holds(applications: Applications) -> None:
        check(applications.send(exchange, **variant))

    return Case(name, holds, needs)


def case(name: str, *needs: str) -> Callable[[Callable[[Applications], None]], Case]:
    """A row that takes several steps: decorates the function that takes them."""
    return lambda check: Case(name, check, needs)


def get(path: str, *headers: tuple[str, str], method: str = "GET", **more: Any) -> Exchange:
    return Exchange(path, method, headers, **more)


def bearing(path: str, token: str, method: str = "GET", **more: Any) -> Exchange:
    return get(path, ("Authorization", f"Bearer {token}"), method=method, **more)


GOOD: Final = mint()
READER: Final = mint(scope="orders:read")
EXPIRED: Final = mint(exp=NOW - 31)
AUTH: Final = ("Authorization", f"Bearer {GOOD}")
