"""The one way to ``settings.JWT_ISSUING``, and what is built from it."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from django.apps import apps
from django.conf import settings
from django.core.signals import setting_changed

from ...config import unknown_settings
from ...errors import ConfigurationError
from ...issuing.client_endpoints import ClientEndpoints
from ...issuing.cookies import SessionCookies, session_cookies
from ...issuing.sealing import VARIABLE, Seal, seal_from_environment, seal_from_file
from ...issuing.session_endpoints import SessionEndpoints
from ...issuing.sessions import Sessions
from ...issuing.signing_keys import SigningKeys
from ...issuing.token_issuer import TokenIssuer
from ..conf import imported

NAME: Final = "JWT_ISSUING"
# setting → argument
_KEYS: Final = {"ALGORITHM": "algorithm", "VERIFIER_CACHE": "verifier_cache"}
_ISSUER: Final = {"ACCESS_TOKEN_LIFETIME": "lifetime", "WARN_ABOVE": "warn_above"}
_SESSIONS: Final = {
    "REFRESH_TOKEN_LIFETIME": "idle_lifetime",
    "SESSION_LIFETIME": "absolute_lifetime",
    "REFRESH_GRACE": "grace",
    "ROTATE_REFRESH_TOKENS": "rotation",
}
_ACCOUNT: Final = {
    "PERMISSIONS": "permissions",
    "GROUPS": "groups",
    "ROLES": "roles",
    "SCOPES": "scopes",
    "CLAIMS": "claims",
}
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
        *_KEYS,
        *_ISSUER,
        *_SESSIONS,
        *_ACCOUNT,
    }
)


@dataclass(frozen=True, slots=True)
class Issuing:
    """What the settings say, ready to use."""

    keys: SigningKeys
    issuer: TokenIssuer
    sessions: Sessions
    endpoints: SessionEndpoints
    services: ClientEndpoints
    clients_url: str
    id_field: str
    sealed_by_secret_key: bool


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
        return _built(said)
    except ConfigurationError as error:
        raise ConfigurationError(*(f"{where}: {mistake}" for mistake in error.mistakes)) from None


def _built(said: Mapping[str, Any]) -> Issuing:
    from .accounts import UserAccount, UserAccounts  # models, which are there only when the apps are ready
    from .client_registry import UsedInCache, registry_of
    from .session_store import DatabaseSessions
    from .signals import send
    from .throttle import CacheThrottle

    id_field = said.get("USER_ID_FIELD", "pk")
    if not isinstance(id_field, str) or not id_field.isidentifier() or "__" in id_field:
        raise ConfigurationError("USER_ID_FIELD takes the name of one field of the user model")
    accounts = UserAccounts(
        said.get("ACCOUNT") or UserAccount(id_field=id_field, **_arguments(said, _ACCOUNT)), id_field
    )
    keys, by_secret_key = _signing_keys(said)
    issuer = TokenIssuer(said["ISSUER"], keys, **_arguments(said, _ISSUER))
    revocations = said["REVOCATIONS"] if "REVOCATIONS" in said else _own_revocations()
    sessions = Sessions(
        issuer,
        DatabaseSessions(),
        accounts,
        audience=said["AUDIENCE"],
        client_id=said["CLIENT_ID"],
        secret=[_derived(each, "sessions") for each in _secret_keys()],
        revocations=revocations,
        observers=[send],
        **_arguments(said, _SESSIONS),
    )
    throttle = said.get("THROTTLE") or CacheThrottle()
    endpoints = SessionEndpoints(sessions, accounts, throttle=throttle, cookies=_cookies(said.get("COOKIES", False)))
    services = ClientEndpoints(
        issuer,
        registry_of(said.get("CLIENTS")),
        sessions=() if said.get("ROTATE_REFRESH_TOKENS", True) else [sessions],
        revocations=revocations,
        throttle=throttle,
        used=UsedInCache(),
    )
    url = said.get("CLIENTS_URL", "")
    return Issuing(keys, issuer, sessions, endpoints, services, url, id_field, by_secret_key)


def _signing_keys(said: Mapping[str, Any]) -> tuple[SigningKeys, bool]:
    ready = said.get("SIGNING_KEYS")
    if isinstance(ready, SigningKeys):
        return ready, False
    arguments = _arguments(said, _KEYS)
    if "ACCESS_TOKEN_LIFETIME" in said:
        arguments["token_lifetime"] = said["ACCESS_TOKEN_LIFETIME"]
    if ready is not None:
        return SigningKeys(store=ready, **arguments), False
    from .key_store import DatabaseKeys

    seal, by_secret_key = _seal(said)
    return SigningKeys(store=DatabaseKeys(seal), **arguments), by_secret_key


def _seal(said: Mapping[str, Any]) -> tuple[Seal, bool]:
    if "SEAL_FILE" in said:
        return seal_from_file(said["SEAL_FILE"]), False
    if os.environ.get(VARIABLE):
        return seal_from_environment(), False
    return Seal(*(_derived(each, "seal") for each in _secret_keys())), True


def _cookies(said: Any) -> SessionCookies | None:
    if not said:
        return None
    origins = [each for each in settings.CSRF_TRUSTED_ORIGINS if "*" not in each]
    given = dict(said) if isinstance(said, Mapping) else {}
    try:
        return session_cookies(
            **{"secret": _derived(settings.SECRET_KEY, "cookies"), "allowed_origins": origins, **given}
        )
    except TypeError:
        raise ConfigurationError("COOKIES takes True, or a dict of the arguments of session_cookies()") from None


def _own_revocations() -> Any:
    if not apps.is_installed("jwt_middleware.django.revocations"):
        return None
    from ..revocations.shared import revocations

    return revocations


def _arguments(said: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {argument: said[name] for name, argument in names.items() if name in said}


def _secret_keys() -> list[str]:
    return [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]


def _derived(secret: str, purpose: str) -> str:
    return sha256(f"jwt_middleware {purpose} {secret}".encode()).hexdigest()


def _is_no_function(said: Mapping[str, Any], name: str) -> bool:
    found: Callable[..., Any] | None = said.get(name)
    return found is not None and not callable(found)
