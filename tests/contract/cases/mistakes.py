"""Mistakes of the developer."""

from typing import Final

from ..table import Applications
from ..tokens import mint
from .rows import bearing, case, get


@case("require without the middleware refuses and explains to the developer", "require")
def _without_middleware(applications: Applications) -> None:
    for exchange in (get("/clerk"), bearing("/clerk", mint(roles=["clerk"]))):
        answer = applications.send(exchange, unguarded_application=True)
        assert answer.ran == (), f"it ran: {answer.ran}"
        assert "ConfigurationError" in repr(answer.error) and "JWTMiddleware" in str(answer.error), repr(answer.error)


@case("require above the route decorator fails when the module is imported", "route decorators")
def _misplaced(applications: Applications) -> None:
    from jwt_middleware import ConfigurationError

    try:
        applications.stack.extras["misplaced"]()
    except ConfigurationError as error:
        assert "require" in str(error)
    else:
        raise AssertionError("nobody complained")


@case("public together with require fails when the module is imported", "marks")
def _contradiction(applications: Applications) -> None:
    import importlib

    from jwt_middleware import ConfigurationError, authenticated

    door = importlib.import_module(applications.stack.door)

    def view() -> None: ...

    requiring = door.require(authenticated)
    for mark in (door.public, door.unguarded):
        for inner, outer in ((requiring, mark), (mark, requiring)):
            view.__dict__.clear()
            try:
                outer(inner(view))
            except ConfigurationError:
                continue
            raise AssertionError("nobody complained")
    try:
        door.require()
    except ConfigurationError:
        return
    raise AssertionError("an empty require() was taken")


# one row, one line: it is a table
# fmt: off
ROWS: Final = (
    _without_middleware,
    _misplaced,
    _contradiction,
)
# fmt: on
