"""System checks of the issuing side, with stable ids."""

from typing import Any, Final

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.core.checks import Warning as Caution

from ...errors import ConfigurationError
from .conf import issuing

_OF_ONE_PROCESS: Final = ("LocMemCache", "DummyCache")


def check_settings(**_: Any) -> list[CheckMessage]:
    """E003: one error for each mistake in ``settings.JWT_ISSUING``."""
    try:
        issuing()
    except ConfigurationError as error:
        return [Error(mistake, id="jwt_middleware.E003") for mistake in error.mistakes]
    return []


def check_deployment(**_: Any) -> list[CheckMessage]:
    """W003: the seal is made of SECRET_KEY. W004: access tokens of ended sessions live on. W006: the cache is alone."""
    try:
        current = issuing()
    except ConfigurationError:
        return []
    found: list[CheckMessage] = []
    if current.sealed_by_secret_key:
        message = "Signing keys are encrypted with a key made of SECRET_KEY: whoever has that has them."
        hint = "Set JWT_MIDDLEWARE_SEAL in the environment, or SEAL_FILE. Make one with: openssl rand -base64 32"
        found.append(Caution(message, hint=hint, id="jwt_middleware.W003"))
    if not current.sessions.revokes:
        message = "Nobody is told of revocations: access tokens of ended sessions live on until they expire."
        hint = "List 'jwt_middleware.django.revocations' in INSTALLED_APPS, or set REVOCATIONS."
        found.append(Caution(message, hint=hint, id="jwt_middleware.W004"))
    if settings.CACHES.get("default", {}).get("BACKEND", "").endswith(_OF_ONE_PROCESS):
        message = "The default cache is that of one process: each worker counts failed logins and used assertions anew."
        hint = "Configure a shared cache in CACHES, such as Redis, Memcached or the database; one worker needs none."
        found.append(Caution(message, hint=hint, id="jwt_middleware.W006"))
    return found
