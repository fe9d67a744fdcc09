"""A test that holds an application to its route map: no forgotten route, and no change that nobody has seen."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ..route_map.changes import changes
from ..route_map.check import holes
from ..route_map.recorded import from_json
from ..routes_of import routes_of

__all__ = ["assert_routes"]


def assert_routes(
    app: Any, *, allowed: Iterable[str] = (), declared_only: bool = False, recorded: str | Path | None = None
) -> None:
    """Raise AssertionError with every hole, and with every change since the map in the file ``recorded``.

    ``allowed`` names what may be public or unguarded: ``["/health", "POST /login", "/static/*"]``. ``declared_only``:
    every other route must require something. The file is what ``jwt-middleware routes APP --format json`` printed.
    """
    routes = routes_of(app)
    found = [str(each) for each in holes(routes, allowed=allowed, declared_only=declared_only)]
    if recorded is not None:
        found += [str(each) for each in changes(from_json(Path(recorded).read_text("utf-8")), routes)]
    if found:
        raise AssertionError("\n".join(["the routes are not as they should be:", *found]))
