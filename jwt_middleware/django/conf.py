"""The one way to ``settings.JWT_MIDDLEWARE``; the only place where dotted paths are resolved."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.core.signals import setting_changed
from django.utils.module_loading import import_string

from ..access.paths import path_patterns
from ..config import SETTINGS, guard_from, unknown_settings
from ..errors import ConfigurationError
from ..guard import Guard

NAME: Final = "JWT_MIDDLEWARE"
_DOOR: Final = frozenset({"PUBLIC_PATHS", "UNGUARDED_PATHS", "GUARDED_PATHS", "USER"})
_RESOLVED: Final = ("GUARD", "KEYS", "REVOCATIONS", "USER")  # take an object, or the dotted path to one
_RESOLVED_LISTS: Final = ("TOKEN_FROM", "OBSERVERS")


@dataclass(frozen=True, slots=True)
class Configured:
    """What the settings say: the guard, and what concerns this door alone."""

    guard: Guard
    is_public_path: Callable[[str, str], bool]
    is_unguarded_path: Callable[[str, str], bool]
    is_guarded_path: Callable[[str, str], bool]
    user: Callable[[Any], Any] | None


class _Current:
    """Keeps what was built from the settings until they change (``override_settings``)."""

    def __init__(self) -> None:
        self.built: Configured | None = None
        setting_changed.connect(self._forget, dispatch_uid="jwt_middleware.django.conf", weak=False)

    def _forget(self, *, setting: str, **_: Any) -> None:
        if setting == NAME:
            self.built = None


_current: Final = _Current()


def configured() -> Configured:
    """What ``settings.JWT_MIDDLEWARE`` says, built once. Raises ConfigurationError with every mistake."""
    built = _current.built
    if built is None:
        built = _current.built = build(getattr(settings, NAME, {}))
    return built


def build(given: Mapping[str, Any]) -> Configured:
    """Resolve dotted paths and build what ``given`` describes."""
    mistakes = unknown_settings(given, SETTINGS | _DOOR, f"settings.{NAME}")
    said: dict[str, Any] = {}
    for name, value in given.items():
        try:
            said[name] = _resolved(name, value)
        except ImportError as error:
            mistakes.append(f"settings.{NAME}: {name} names {value!r}, which cannot be imported: {error}")
    if mistakes:
        raise ConfigurationError(*mistakes)
    guarded = said.get("GUARDED_PATHS")
    user = said.get("USER")
    if user is not None and not callable(user):
        raise ConfigurationError(f"settings.{NAME}: USER takes a function from a Principal to a user or None")
    return Configured(
        guard=guard_from({name: value for name, value in said.items() if name not in _DOOR}, where=f"settings.{NAME}"),
        is_public_path=path_patterns(said.get("PUBLIC_PATHS", ()), "PUBLIC_PATHS"),
        is_unguarded_path=path_patterns(said.get("UNGUARDED_PATHS", ()), "UNGUARDED_PATHS"),
        is_guarded_path=path_patterns(["/*"] if guarded is None else guarded, "GUARDED_PATHS", wide=True),
        user=user,
    )


def _resolved(name: str, value: Any) -> Any:
    if name in _RESOLVED and isinstance(value, str):
        return import_string(value)
    if name in _RESOLVED_LISTS and isinstance(value, list | tuple):
        return [import_string(each) if isinstance(each, str) else each for each in value]
    return value
