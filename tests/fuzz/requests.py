"""Case: a few requests to one application, one after another; printed so that it can be pasted into a table."""

from dataclasses import dataclass

from tests.forgery.recipe import Recipe, forge


@dataclass(frozen=True)
class Line:
    """One field line: what stands before the token, the token, what stands behind it."""

    recipe: Recipe | None = Recipe()
    before: str = "Bearer "
    after: str = ""
    name: str = "authorization"

    @property
    def value(self) -> bytes:
        token = "" if self.recipe is None else forge(self.recipe)
        return f"{self.before}{token}{self.after}".encode("utf-8", "surrogatepass")


@dataclass(frozen=True)
class Request:
    """``at``: how many seconds after NOW it is sent. ``query``: the parts of it, between their ``&``."""

    lines: tuple[Line, ...] = (Line(),)
    path: str = "/"
    method: str = "GET"
    at: int = 0
    query: tuple[Line, ...] = ()

    @property
    def query_string(self) -> bytes:
        return b"&".join(part.value for part in self.query)


@dataclass(frozen=True)
class Case:
    """``by_query``: whether the application takes tokens from the query as well."""

    requests: tuple[Request, ...] = (Request(),)
    by_query: bool = False
