"""System checks: mistakes in the settings and in the order of middlewares, with stable ids."""

from typing import Any, Final

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.core.checks import Warning as Caution

from ..doctor.finding import Finding
from ..errors import ConfigurationError
from .conf import configured

_OURS: Final = ("jwt_middleware.django.JWTMiddleware", "jwt_middleware.django.middleware.JWTMiddleware")
_BEFORE: Final = (
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
)
_OUTSIDE: Final = ("corsheaders.middleware.CorsMiddleware",)


def check_settings(**_: Any) -> list[CheckMessage]:
    """E001: one error for each mistake in ``settings.JWT_MIDDLEWARE``."""
    try:
        configured()
    except ConfigurationError as error:
        return [Error(mistake, id="jwt_middleware.E001") for mistake in error.mistakes]
    return []


def check_middleware(**_: Any) -> list[CheckMessage]:
    """W001: the middleware is not listed. E002: it stands too early. W002: CORS headers would not reach refusals."""
    listed = list(settings.MIDDLEWARE)
    ours = [index for index, name in enumerate(listed) if name in _OURS]
    if not ours:
        hint = f"List {_OURS[0]!r}, or let every view authenticate by itself (Django REST framework)."
        return [Caution("JWTMiddleware is not in MIDDLEWARE: nothing is guarded.", hint=hint, id="jwt_middleware.W001")]
    found: list[CheckMessage] = []
    for name in _BEFORE:
        if name in listed[ours[0] :]:
            message = f"JWTMiddleware stands before {name}, which replaces what it found out."
            found.append(Error(message, hint="List JWTMiddleware after it.", id="jwt_middleware.E002"))
    for name in _OUTSIDE:
        if name in listed[ours[0] :]:
            message = f"{name} stands behind JWTMiddleware: browsers cannot read refusals."
            found.append(Caution(message, hint="List it above JWTMiddleware.", id="jwt_middleware.W002"))
    return found


def check_development(**_: Any) -> list[CheckMessage]:
    """E004, for ``check --deploy`` alone: development tokens are trusted, which DEBUG alone allows."""
    try:
        trusted = configured().guard.trusted
    except ConfigurationError:
        return []  # E001 has said it
    hint = "Name the issuer of the deployment, and leave DEVELOPMENT to settings that no deployment loads."
    message = "Development tokens are trusted: whoever reads a developer's key file is whoever they say they are."
    return [Error(message, hint=hint, id="jwt_middleware.E004") for each in trusted if each.is_development]


def check_issuers(**_: Any) -> list[CheckMessage]:
    """E005 and W005, for ``check --deploy`` alone: what is wrong with an issuer as it answers now. Asks it."""
    from ..doctor.issuer_check import findings_of  # loads an HTTP client, which no other check needs

    try:
        trusted = configured().guard.trusted
    except ConfigurationError:
        return []  # E001 has said it
    return [_message(each) for issuer in trusted for each in findings_of(issuer) if each.severity != "ok"]


def _message(found: Finding) -> CheckMessage:
    kind, number = (Error, "E005") if found.severity == "error" else (Caution, "W005")
    return kind(f"{found.code}: {found.says}", hint=found.mend, id=f"jwt_middleware.{number}")
