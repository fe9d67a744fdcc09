"""From the settings of the issuing side to what is built of them."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from django.apps import apps
from django.conf import settings

from ...errors import ConfigurationError
from ...issuing.client_endpoints import ClientEndpoints
from ...issuing.cookies import SessionCookies, session_cookies
from ...issuing.sealing import VARIABLE, Seal, seal_from_environment, seal_from_file
from ...issuing.session_endpoints import SessionEndpoints
from ...issuing.sessions import Sessions
from ...issuing.signing_keys import SigningKeys
from ...issuing.token_issuer import TokenIssuer

# setting → argument
KEYS_SETTINGS: Final = {"ALGORITHM": "algorithm", "VERIFIER_CACHE": "verifier_cache"}
ISSUER_SETTINGS: Final = {"ACCESS_TOKEN_LIFETIME": "lifetime", "WARN_ABOVE": "warn_above"}
SESSIONS_SETTINGS: Final = {
    "REFRESH_TOKEN_LIFETIME": "idle_lifetime",
    "SESSION_LIFETIME": "absolute_lifetime",
    "REFRESH_GRACE": "grace",
    "ROTATE_REFRESH_TOKENS": "rotation",
}
ACCOUNT_SETTINGS: Final = {
    "PERMISSIONS": "permissions",
    "GROUPS": "groups",
    "ROLES": "roles",
    "SCOPES": "scopes",
    "CLAIMS": "claims",
}


@dataclass(frozen=True, slots=True)
class Issuing:
    """What the settings say, ready to use."""

    keys: SigningKeys
    issuer: TokenIssuer
    sessions: Sessions
    endpoints: SessionEndpoints
    clients: ClientEndpoints
    clients_url: str
    id_field: str
    sealed_by_secret_key: bool


def wired(said: Mapping[str, Any]) -> Issuing:
    """What checked settings describe. Raises ConfigurationError."""
    from .accounts import UserAccount, UserAccounts  # models, which are there only when the apps are ready
    from .client_registry import UsedInCache, registry_of
    from .session_store import DatabaseSessions
    from .signals import send
    from .throttle import CacheThrottle

    id_field = said.get("USER_ID_FIELD", "pk")
    if not isinstance(id_field, str) or not id_field.isidentifier() or "__" in id_field:
        raise ConfigurationError("USER_ID_FIELD takes the name of one field of the user model")
    accounts = UserAccounts(
        said.get("ACCOUNT") or UserAccount(id_field=id_field, **_arguments(said, ACCOUNT_SETTINGS)), id_field
    )
    keys, by_secret_key = _signing_keys(said)
    issuer = TokenIssuer(said["ISSUER"], keys, **_arguments(said, ISSUER_SETTINGS))
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
        **_arguments(said, SESSIONS_SETTINGS),
    )
    throttle = said.get("THROTTLE") or CacheThrottle()
    endpoints = SessionEndpoints(sessions, accounts, throttle=throttle, cookies=_cookies(said.get("COOKIES", False)))
    clients = ClientEndpoints(
        issuer,
        registry_of(said.get("CLIENTS")),
        sessions=() if said.get("ROTATE_REFRESH_TOKENS", True) else [sessions],
        revocations=revocations,
        throttle=throttle,
        used=UsedInCache(),
    )
    url = said.get("CLIENTS_URL", "")
    return Issuing(keys, issuer, sessions, endpoints, clients, url, id_field, by_secret_key)


def _signing_keys(said: Mapping[str, Any]) -> tuple[SigningKeys, bool]:
    ready = said.get("SIGNING_KEYS")
    if isinstance(ready, SigningKeys):
        return ready, False
    arguments = _arguments(said, KEYS_SETTINGS)
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
