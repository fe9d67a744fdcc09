"""Settings, from a dict, to one TrustedIssuer: declared setting by setting, or by a preset."""

from collections.abc import Callable, Mapping
from inspect import Parameter, signature
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from . import presets
from .errors import ConfigurationError
from .key_sources.file import file
from .key_sources.static import static
from .keys.freshness import Freshness
from .keys.key_cache import KeySource
from .verification.mapping import ClaimMapping
from .verification.trusted_issuer import TrustedIssuer

# setting → argument
_ISSUER: Final = MappingProxyType(
    {
        name.upper(): name
        for name in (
            *("audience", "key_issuers", "algorithms", "leeway", "profile", "kind_claim", "accept_id_tokens"),
            *("required_claims", "claim_values", "tenants", "max_age", "max_size", "development"),
        )
    }
)
FRESHNESS: Final = MappingProxyType({f"KEYS_{name.upper()}": name for name in Freshness.__dataclass_fields__})
_MAPPING: Final = MappingProxyType({name.upper(): name for name in ClaimMapping.__dataclass_fields__})
_SHORT_NAMES: Final = frozenset(presets.__all__) - {"Options"}


def _jwks_url(url: Any) -> KeySource:
    from .key_sources.jwks_url import jwks_url  # loads an HTTP client, which many services never need

    return jwks_url(url)


def _file(path: Any, *, secret: bool = False) -> KeySource:
    if not isinstance(path, str | Path):
        raise ConfigurationError("KEY_FILE and SECRET_FILE take the path of a file")
    return file(path, secret=secret)


# setting → where the keys are; without any of them they are discovered, or where the preset says
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
_KEPT: Final = frozenset({*_KEYS, *FRESHNESS, "KEYS_SNAPSHOT"})
OF_ONE_ISSUER: Final = frozenset({"ISSUER", "PRESET", *_ISSUER, *_MAPPING, *_KEPT})


def known_of_issuer(settings: Mapping[str, Any]) -> frozenset[str]:
    """The settings that may stand beside these: with a preset, its arguments in capitals."""
    name = settings.get("PRESET")
    if not isinstance(name, str) or name not in _SHORT_NAMES:
        return OF_ONE_ISSUER
    arguments = {*signature(getattr(presets, name)).parameters, *presets.Options.__annotations__}
    return frozenset({"PRESET", *(each.upper() for each in arguments - {"more", "freshness", "snapshot"}), *_KEPT})


def trusted_from(settings: Mapping[str, Any]) -> TrustedIssuer:
    """The issuer that ``settings`` describe; what else stands there is ignored. Raises ConfigurationError."""
    mistakes: list[str] = []
    kept = _kept(settings, mistakes)
    if "PRESET" in settings:
        return _by_preset(settings, kept, mistakes)
    mistakes[:0] = [f"{name} is missing" for name in ("ISSUER", "AUDIENCE") if name not in settings]
    mapping = ClaimMapping()
    try:
        mapping = ClaimMapping(**{name: settings[setting] for setting, name in _MAPPING.items() if setting in settings})
    except ConfigurationError as error:
        mistakes += error.mistakes
    arguments = {argument: settings[name] for name, argument in _ISSUER.items() if name in settings}
    try:
        found = TrustedIssuer(settings.get("ISSUER", ""), **{"audience": "", **arguments}, **kept, mapping=mapping)
    except ConfigurationError as error:
        raise ConfigurationError(*mistakes or error.mistakes) from None
    if mistakes:
        raise ConfigurationError(*mistakes)
    return found


def _by_preset(settings: Mapping[str, Any], kept: Mapping[str, Any], mistakes: list[str]) -> TrustedIssuer:
    name = settings["PRESET"]
    if not isinstance(name, str) or name not in _SHORT_NAMES:
        raise ConfigurationError(*mistakes, f"PRESET takes one of {', '.join(sorted(_SHORT_NAMES))}")
    preset: Callable[..., TrustedIssuer] = getattr(presets, name)
    known = known_of_issuer(settings) - {"PRESET", *_KEPT}
    arguments = {each.lower(): value for each, value in settings.items() if each in known}
    mistakes += [
        f"{each.name.upper()} is missing, which the preset needs"
        for each in signature(preset).parameters.values()
        if each.default is Parameter.empty and each.kind is not Parameter.VAR_KEYWORD and each.name not in arguments
    ]
    if mistakes:
        raise ConfigurationError(*mistakes)
    return preset(**arguments, **kept)


def _kept(settings: Mapping[str, Any], mistakes: list[str]) -> Mapping[str, Any]:
    """Where the keys live and how they are kept, as arguments; only what is said."""
    keys = _keys(settings, mistakes)
    kept: dict[str, Any] = {} if keys is None else {"keys": keys}
    figures = {name: settings[each] for each, name in FRESHNESS.items() if each in settings}
    if figures:
        try:
            kept["freshness"] = Freshness(**figures)
        except ConfigurationError as error:
            mistakes += error.mistakes
    if "KEYS_SNAPSHOT" in settings:
        kept["snapshot"] = settings["KEYS_SNAPSHOT"]
    return kept


def _keys(settings: Mapping[str, Any], mistakes: list[str]) -> KeySource | None:
    named = [name for name in _KEYS if name in settings]
    if len(named) > 1:
        mistakes.append(f"keys are named twice, by {' and '.join(named)}: keep one")
    if len(named) != 1:
        return None
    try:
        keys = _KEYS[named[0]](settings[named[0]])
    except ConfigurationError as error:
        mistakes += error.mistakes
        return None
    if not all(hasattr(keys, name) for name in ("fetch", "afetch", "symmetric")):
        mistakes.append("KEYS takes a key source, such as jwt_middleware.key_sources.static.static(...)")
        return None
    return keys
