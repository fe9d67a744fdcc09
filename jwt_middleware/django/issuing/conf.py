"""The one way to ``settings.JWT_ISSUING``."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.conf import settings
from django.core.signals import setting_changed

from ...config import unknown_settings
from ...errors import ConfigurationError
from ..conf import imported
from .wiring import ACCOUNT_SETTINGS, ISSUER_SETTINGS, KEYS_SETTINGS, SESSIONS_SETTINGS, Issuing, wired

NAME: Final = "JWT_ISSUING"
_FUNCTIONS: Final = ("ROLES", "SCOPES", "CLAIMS", "ACCOUNT")
_RESOLVED: Final = (
    *_FUNCTIONS,
    "REVOCATIONS",
    "THROTTLE",
    "SIGNING_KEYS",
    "CLIENTS",
)  # take an object, or the dotted path to one
SETTINGS: Final = frozenset(
    {
        *("ISSUER", "AUDIENCE", "CLIENT_ID", "SEAL_FILE", "COOKIES", "USER_ID_FIELD"),
        *("CLIENTS", "CLIENTS_URL"),
        *_RESOLVED,
        *KEYS_SETTINGS,
        *ISSUER_SETTINGS,
        *SESSIONS_SETTINGS,
        *ACCOUNT_SETTINGS,
    }
)


class _Current:
    """Keeps what was built from the settings until they change (``override_settings``)."""

    def __init__(self) -> None:
        self.built: Issuing | None = None
        setting_changed.connect(self._forget, dispatch_uid="jwt_middleware.django.issuing.conf", weak=False)

    def _forget(self, *, setting: str, **_: Any) -> None:
        if setting in (NAME, "SECRET_KEY", "SECRET_KEY_FALLBACKS", "AUTH_USER_MODEL", "INSTALLED_APPS", "DATABASES"):
            self.built = None


_current: Final = _Current()


def issuing() -> Issuing:
    """What ``settings.JWT_ISSUING`` says, built once. Raises ConfigurationError with every mistake."""
    built = _current.built
    if built is None:
        built = _current.built = build(getattr(settings, NAME, {}))
    return built


def build(given: Mapping[str, Any]) -> Issuing:
    """Resolve dotted paths and build what ``given`` describes."""
    where = f"settings.{NAME}"
    if not isinstance(given, Mapping):
        raise ConfigurationError(f"{where} takes a dict, such as {{'ISSUER': ..., 'AUDIENCE': ..., 'CLIENT_ID': ...}}")
    mistakes = unknown_settings(given, SETTINGS, where)
    mistakes += [f"{where}: {name} is missing" for name in ("ISSUER", "AUDIENCE", "CLIENT_ID") if not given.get(name)]
    said = dict(given)
    for name in _RESOLVED:
        if isinstance(said.get(name), str):
            try:
                said[name] = imported(said[name])
            except ImportError as error:
                mistakes.append(f"{where}: {name} names what cannot be imported: {error}")
    mistakes += [f"{where}: {name} takes a function from a user" for name in _FUNCTIONS if _is_no_function(said, name)]
    if mistakes:
        raise ConfigurationError(*mistakes)
    try:
        return wired(said)
    except ConfigurationError as error:
        raise ConfigurationError(*(f"{where}: {mistake}" for mistake in error.mistakes)) from None


def _is_no_function(said: Mapping[str, Any], name: str) -> bool:
    found: Callable[..., Any] | None = said.get(name)
    return found is not None and not callable(found)
