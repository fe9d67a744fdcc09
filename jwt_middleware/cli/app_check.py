"""The guards of an application, and what is wrong with how it is put together."""

import sys
from collections.abc import Iterator
from typing import Any

from .. import asgi, wsgi
from ..doctor.finding import Finding
from ..guard import Guard


def guards_of(app: Any) -> list[Guard]:
    """The guards in front of an application, from the outermost to the innermost."""
    frameworks = {each.__module__.partition(".")[0] for each in type(app).__mro__}
    if "flask" in frameworks:
        door = app.extensions.get("jwt_middleware")
        return [] if door is None else [door.guard]
    if "django" in frameworks:
        from ..django.conf import configured_guard  # the framework is there: the application is made of it

        return [configured_guard()]
    return [each.guard for each in _along(app) if isinstance(each, asgi.JWTMiddleware | wsgi.JWTMiddleware)]


def app_findings(app: Any) -> Iterator[Finding]:
    """Whether anything guards it, against development tokens, too, and whether CORS stands outside.

    For Django it is what its system checks say.
    """
    if any(trusted.is_development for guard in guards_of(app) for trusted in guard.trusted):
        mend = "name the issuer of the deployment, and leave development=True to what no deployment loads"
        yield Finding("error", "development", "development tokens are taken: anybody may be anybody", mend)
    frameworks = {each.__module__.partition(".")[0] for each in type(app).__mro__}
    if "django" in frameworks:
        yield from _of_django()
        return
    if not guards_of(app):
        says = "no JWTMiddleware was found: nothing is guarded"
        yield Finding("error", "unguarded", says, "add JWTMiddleware to the application")
    behind = False
    for each in _along(app):
        if type(each).__name__ == "CORSMiddleware" and behind:
            says = "CORSMiddleware stands behind JWTMiddleware: browsers cannot read refusals"
            yield Finding("warning", "cors", says, "add CORSMiddleware after JWTMiddleware, so that it stands outside")
        behind = behind or isinstance(each, asgi.JWTMiddleware)


def _of_django() -> Iterator[Finding]:
    from django.core.checks import ERROR, run_checks  # the framework is there: the application is made of it

    for message in run_checks():
        if str(message.id).startswith("jwt_middleware."):
            severity: Any = "error" if message.level >= ERROR else "warning"
            yield Finding(severity, str(message.id), str(message.msg), str(message.hint or "see manage.py check"))


def _along(app: Any) -> Iterator[object]:
    if "starlette" in sys.modules and not isinstance(app, wsgi.JWTMiddleware):
        from ..starlette_routes import along  # builds middlewares as the first request would

        yield from along(app)
    else:
        yield app
