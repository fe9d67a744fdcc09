"""The route map of an application of any framework: by its kind the right reader is asked, and only that is loaded."""

import sys
from typing import Any

from . import asgi, wsgi
from .access.paths import patterns_of
from .errors import ConfigurationError
from .route_map.by_path import by_path_alone
from .route_map.route import RouteMap
from .route_map.unmapped import unmapped


def routes_of(app: Any) -> RouteMap:
    """The map of a Starlette, FastAPI, Flask or Django application; of other ones behind a door, what it says of paths.

    Raises ConfigurationError for anything else, and where the application is mistaken.
    """
    frameworks = {each.__module__.partition(".")[0] for each in type(app).__mro__}
    if "flask" in frameworks:
        from .flask_map import route_map as of_flask  # the framework is there: the application is made of it

        return of_flask(app)
    if "django" in frameworks:
        from .django.route_map import route_map as of_django  # the same

        return of_django()
    if isinstance(app, wsgi.JWTMiddleware):
        return _by_path(app)
    if "fastapi" in sys.modules and callable(app):
        from .fastapi_map import route_map as of_fastapi  # reads Starlette's applications, too

        return of_fastapi(app)
    if "starlette" in sys.modules and callable(app):
        from .starlette_map import route_map as of_starlette  # whatever stands in it is asked by its door

        return of_starlette(app)
    if isinstance(app, asgi.JWTMiddleware):
        return _by_path(app)
    raise ConfigurationError(
        f"{type(app).__name__} is no application whose routes can be read: hand in one of Starlette, FastAPI, Flask or"
        " Django, or what JWTMiddleware(app, ...) gave"
    )


def _by_path(door: asgi.JWTMiddleware | wsgi.JWTMiddleware) -> RouteMap:
    guarded = () if door.is_guarded_path is None else patterns_of(door.is_guarded_path)
    routes = by_path_alone(patterns_of(door.is_public_path), patterns_of(door.is_unguarded_path), guarded)
    return RouteMap(routes=tuple(routes), unmapped=() if door.guard.resolves else unmapped(door.guard.trusted))
