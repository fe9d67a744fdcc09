"""Settings, from a dict or from the environment, to a Guard."""

import os
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any, Final

from .config_issuer import FRESHNESS, OF_ONE_ISSUER, known_of_issuer, trusted_from
from .errors import ConfigurationError
from .guard import Guard
from .verification.trusted_issuer import TrustedIssuer

# setting → argument
_GUARD: Final = MappingProxyType(
    {
        "RESOLVER": "resolver",
        "MAX_RESOLVED": "max_resolved",
        "TOKEN_FROM": "token_from",
        "REALM": "realm",
        "ERROR_URI": "error_uri",
        "REFUSAL_BODY": "refusal_body",
        "EXPLAIN_REFUSALS": "explain_refusals",
        "REVOCATIONS": "revocations",
        "OBSERVERS": "observers",
        "ENRICH": "enrich",
        "ON_ADMITTED": "on_admitted",
        "ON_REFUSED": "on_refused",
    }
)
# what users of other packages write, where the closest match would not help
_ELSEWHERE: Final = MappingProxyType({"JWK_URL": "JWKS_URL", "ALGORITHM": "ALGORITHMS", "USER_ID_CLAIM": "SUBJECT"})
_OF_GUARD: Final = frozenset({"GUARD", "ISSUERS", *_GUARD})
SETTINGS: Final = _OF_GUARD | OF_ONE_ISSUER

_LISTS: Final = frozenset({"AUDIENCE", "ALGORITHMS", "REQUIRED_CLAIMS", "TENANTS"})
_WHOLE: Final = frozenset({"MAX_SIZE", "MAX_RESOLVED", "KEYS_BURST", "KEYS_BAD_KEY_IDS"})
_NUMBERS: Final = _WHOLE | {"LEEWAY", "MAX_AGE", *FRESHNESS}
_YES_OR_NO: Final = frozenset({"ACCEPT_ID_TOKENS", "DEVELOPMENT", "EXPLAIN_REFUSALS"})
_WORDS: Final = MappingProxyType({"true": True, "false": False})
_ONLY_IN_CODE: Final = frozenset(
    {
        *("GUARD", "ISSUERS", "KEYS", "SIGNING_KEY", "RESOLVER", "TOKEN_FROM"),
        *("REFUSAL_BODY", "REVOCATIONS", "OBSERVERS", "ENRICH", "ON_ADMITTED", "ON_REFUSED"),
        *("KIND_CLAIM", "CLAIM_VALUES", "KEY_ISSUERS", "ROLE_PERMISSIONS", "SCOPE_HIERARCHY"),
    }
)


def known_settings(settings: Mapping[str, Any]) -> frozenset[str]:
    """The settings that may stand beside these."""
    return _OF_GUARD | known_of_issuer(settings)


def guard_from(settings: Mapping[str, Any], *, where: str = "JWT_MIDDLEWARE") -> Guard:
    """Build the Guard that ``settings`` describe: one issuer, several in ``ISSUERS``, or a ready ``GUARD``.

    An issuer is declared setting by setting, or by a ``PRESET`` and its arguments in capitals.
    Raises ConfigurationError with every mistake; no secret is ever part of it.
    """
    mistakes = unknown_settings(settings, known_settings(settings), where)
    ready = settings.get("GUARD")
    if ready is not None:
        if not isinstance(ready, Guard) or len(settings) > 1:
            mistakes.append(f"{where}: GUARD takes a Guard, and then no other setting of the guard")
        if mistakes:
            raise ConfigurationError(*mistakes)
        return ready  # type: ignore[no-any-return]  # it was looked at above
    several = settings.get("ISSUERS")
    of_one = known_of_issuer(settings) & set(settings)
    described = [settings] if of_one or "RESOLVER" not in settings else []
    if several is not None:
        described = list(several) if isinstance(several, list | tuple) else []
        if of_one or not described or not all(isinstance(each, Mapping) for each in described):
            mistakes.append(f"{where}: ISSUERS takes a list of dicts; ISSUER, AUDIENCE and so on stand in each of them")
            described = [each for each in described if isinstance(each, Mapping)]
    trusted: list[TrustedIssuer] = []
    for number, each in enumerate(described):
        place = where if several is None else f"{where}['ISSUERS'][{number}]"
        if several is not None:
            mistakes += unknown_settings(each, known_of_issuer(each), place)
        try:
            trusted.append(trusted_from(each))
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
    for name in sorted(_ONLY_IN_CODE & set(settings)):
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


def _read(name: str, text: str) -> str | float | Sequence[str]:
    if name in _NUMBERS:
        return int(text) if name in _WHOLE else float(text)
    of_preset = name not in SETTINGS
    if (of_preset or name in _YES_OR_NO) and text.lower() in _WORDS:
        return _WORDS[text.lower()]
    several = name in _LISTS or (of_preset and "," in text)
    return [part.strip() for part in text.split(",") if part.strip()] if several else text
