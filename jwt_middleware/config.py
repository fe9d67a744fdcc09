"""Settings, from a dict or from the environment, to a Guard."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from .errors import ConfigurationError
from .guard import Guard
from .key_sources.file import file
from .key_sources.static import static
from .keys.key_cache import KeySource
from .verification.mapping import ClaimMapping
from .verification.trusted_issuer import TrustedIssuer

# setting → argument
_ISSUER: Final = MappingProxyType(
    {
        "AUDIENCE": "audience",
        "ALGORITHMS": "algorithms",
        "LEEWAY": "leeway",
        "PROFILE": "profile",
        "REQUIRED_CLAIMS": "required_claims",
        "MAX_AGE": "max_age",
        "MAX_SIZE": "max_size",
    }
)
_MAPPING: Final = MappingProxyType(
    {
        name.upper(): name
        for name in (
            *("subject", "client_id", "scopes", "roles", "groups", "permissions"),
            *("tenant", "session_id", "token_id", "actor"),
        )
    }
)
_GUARD: Final = MappingProxyType(
    {
        "TOKEN_FROM": "token_from",
        "REALM": "realm",
        "ERROR_URI": "error_uri",
        "REFUSAL_BODY": "refusal_body",
        "REVOCATIONS": "revocations",
        "OBSERVERS": "observers",
    }
)


def _jwks_url(url: Any) -> KeySource:
    from .key_sources.jwks_url import jwks_url  # loads an HTTP client, which many services never need

    return jwks_url(url)


def _file(path: Any, *, secret: bool = False) -> KeySource:
    if not isinstance(path, str | Path):
        raise ConfigurationError("KEY_FILE and SECRET_FILE take the path of a file")
    return file(path, secret=secret)


# setting → where the keys are; without any of them they are discovered
_KEYS: Final[Mapping[str, Callable[[Any], KeySource]]] = MappingProxyType(
    {
        "KEYS": lambda source: source,
        "JWKS_URL": _jwks_url,
        "VERIFYING_KEY": lambda pem: static(pem=pem),
        "SIGNING_KEY": lambda secret: static(secret=secret),
        "KEY_FILE": _file,
        "SECRET_FILE": lambda path: _file(path, secret=True),
    }
)
# what users of other packages write, where the closest match would not help
_ELSEWHERE: Final = MappingProxyType({"JWK_URL": "JWKS_URL", "ALGORITHM": "ALGORITHMS", "USER_ID_CLAIM": "SUBJECT"})
_OF_ONE_ISSUER: Final = frozenset({"ISSUER", *_ISSUER, *_MAPPING, *_KEYS})
SETTINGS: Final = frozenset({"GUARD", "ISSUERS", *_OF_ONE_ISSUER, *_GUARD})

_LISTS: Final = frozenset({"AUDIENCE", "ALGORITHMS", "REQUIRED_CLAIMS"})
_NUMBERS: Final = MappingProxyType({"LEEWAY": float, "MAX_AGE": float, "MAX_SIZE": int})


def guard_from(settings: Mapping[str, Any], *, where: str = "JWT_MIDDLEWARE") -> Guard:
    """Build the Guard that ``settings`` describe: one issuer, several in ``ISSUERS``, or a ready ``GUARD``.

    Raises ConfigurationError with every mistake; no secret is ever part of it.
    """
    mistakes = unknown_settings(settings, SETTINGS, where)
    ready = settings.get("GUARD")
    if ready is not None:
        if not isinstance(ready, Guard) or len(settings) > 1:
            mistakes.append(f"{where}: GUARD takes a Guard, and then no other setting of the guard")
        if mistakes:
            raise ConfigurationError(*mistakes)
        return ready  # type: ignore[no-any-return]  # it was looked at above
    several = settings.get("ISSUERS")
    described = [settings]
    if several is not None:
        described = list(several) if isinstance(several, list | tuple) else []
        if _OF_ONE_ISSUER & set(settings) or not described or not all(isinstance(each, Mapping) for each in described):
            mistakes.append(f"{where}: ISSUERS takes a list of dicts; ISSUER, AUDIENCE and so on stand in each of them")
            described = [each for each in described if isinstance(each, Mapping)]
    trusted: list[TrustedIssuer] = []
    for number, each in enumerate(described):
        place = where if several is None else f"{where}['ISSUERS'][{number}]"
        if several is not None:
            mistakes += unknown_settings(each, _OF_ONE_ISSUER, place)
        try:
            trusted.append(_trusted(each))
        except ConfigurationError as error:
            mistakes += [f"{place}: {mistake}" for mistake in error.mistakes]
    mistakes += _wrong_types(settings, where)
    guard: Guard | None = None
    if not mistakes:
        try:
            arguments = {argument: settings[name] for name, argument in _GUARD.items() if name in settings}
            guard = Guard(*trusted, **arguments)
        except ConfigurationError as error:
            mistakes += [f"{where}: {mistake}" for mistake in error.mistakes]
    if guard is None:
        raise ConfigurationError(*mistakes)
    return guard


def guard_from_environment(environ: Mapping[str, str] | None = None, prefix: str = "JWT_MIDDLEWARE_") -> Guard:
    """Build a Guard from variables such as ``JWT_MIDDLEWARE_ISSUER``. Lists are separated by commas.

    A secret comes as ``SECRET_FILE``: variables show up where processes are listed. Raises ConfigurationError.
    """
    found = os.environ if environ is None else environ
    settings: dict[str, Any] = {}
    mistakes = []
    for variable, text in found.items():
        if not variable.startswith(prefix):
            continue
        name = variable.removeprefix(prefix)
        try:
            settings[name] = _read(name, text)
        except ValueError:
            mistakes.append(f"{variable} is not a number")
    for name in sorted({"GUARD", "ISSUERS", "KEYS", "SIGNING_KEY", *_GUARD} & set(settings) - {"REALM", "ERROR_URI"}):
        mistakes.append(f"{prefix}{name} cannot be said in a variable; build the Guard in code")
    if mistakes:
        raise ConfigurationError(*mistakes)
    return guard_from(settings, where="the environment")


def unknown_settings(settings: Mapping[str, Any], known: Iterable[str], where: str) -> list[str]:
    """One mistake, with a suggestion, for each setting that nobody knows."""
    mistakes = []
    for name in settings:
        if name not in set(known):
            close = get_close_matches(str(name).upper(), sorted(known), 1)
            meant = _ELSEWHERE.get(str(name)) or (close[0] if close else None)
            mistakes.append(f"{where}: {name!r} is not known" + (f"; did you mean {meant!r}?" if meant else ""))
    return mistakes


def _wrong_types(settings: Mapping[str, Any], where: str) -> list[str]:
    """What would otherwise fail with a TypeError, far away from the setting that is wrong."""
    observers = settings.get("OBSERVERS") or ()
    store = settings.get("REVOCATIONS")
    found = {
        "REALM takes a text": not isinstance(settings.get("REALM"), str | None),
        "OBSERVERS takes a list of observers": not isinstance(observers, list | tuple)
        or not all(callable(getattr(each, "decided", None)) for each in observers),
        "REVOCATIONS takes a revocation store": store is not None and not hasattr(store, "is_revoked"),
    }
    return [f"{where}: {mistake}" for mistake, wrong in found.items() if wrong]


def _trusted(settings: Mapping[str, Any]) -> TrustedIssuer:
    mistakes = [f"{name} is missing" for name in ("ISSUER", "AUDIENCE") if name not in settings]
    if not isinstance(settings.get("PROFILE", ""), str):
        raise ConfigurationError(*mistakes, "PROFILE takes a text")
    named = [name for name in _KEYS if name in settings]
    if len(named) > 1:
        mistakes.append(f"keys are named twice, by {' and '.join(named)}: keep one")
    keys: KeySource | None = None
    mapping = ClaimMapping()
    try:
        if len(named) == 1:
            keys = _KEYS[named[0]](settings[named[0]])
            if not all(hasattr(keys, name) for name in ("fetch", "afetch", "symmetric")):
                mistakes.append("KEYS takes a key source, such as jwt_middleware.key_sources.static.static(...)")
                keys = None
    except ConfigurationError as error:
        mistakes += error.mistakes
    try:
        mapping = ClaimMapping(**{name: settings[setting] for setting, name in _MAPPING.items() if setting in settings})
    except ConfigurationError as error:
        mistakes += error.mistakes
    arguments = {argument: settings[name] for name, argument in _ISSUER.items() if name in settings}
    try:
        found = TrustedIssuer(settings.get("ISSUER", ""), **{"audience": "", **arguments}, keys=keys, mapping=mapping)
    except ConfigurationError as error:
        raise ConfigurationError(*mistakes or error.mistakes) from None
    if mistakes:
        raise ConfigurationError(*mistakes)
    return found


def _read(name: str, text: str) -> str | float | Sequence[str]:
    if name in _NUMBERS:
        return float(text) if _NUMBERS[name] is float else int(text)
    return [part.strip() for part in text.split(",") if part.strip()] if name in _LISTS else text
