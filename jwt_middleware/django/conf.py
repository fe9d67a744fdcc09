"""The one way to ``settings.JWT_MIDDLEWARE``; the only place where dotted paths are resolved."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from django.conf import settings
from django.core.signals import setting_changed
from django.utils.module_loading import import_string

from ..access.paths import path_patterns
from ..config import guard_from, known_settings, unknown_settings
from ..errors import ConfigurationError
from ..guard import Guard
from .users import ModelUser

T = TypeVar("T")

NAME: Final = "JWT_MIDDLEWARE"
_DOTTED_PATH: Final = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+")
_DOOR: Final = frozenset({"PUBLIC_PATHS", "UNGUARDED_PATHS", "GUARDED_PATHS", "USER"})
# take an object, or the dotted path to one
_RESOLVED: Final = (
    *("GUARD", "KEYS", "REFUSAL_BODY", "RESOLVER", "REVOCATIONS", "USER"),
    *("ENRICH", "ON_ADMITTED", "ON_REFUSED"),
)
_RESOLVED_LISTS: Final = ("TOKEN_FROM", "OBSERVERS")


@dataclass(frozen=True, slots=True)
class Configured:
    """What the settings say: the guard, and what concerns this door alone."""

    guard: Guard
    is_public_path: Callable[[str, str], bool]
    is_unguarded_path: Callable[[str, str], bool]
    is_guarded_path: Callable[[str, str], bool]
    user: Callable[[Any], Any] | None
    all_alike: bool  # no request needs a look at its path


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


def configured_guard() -> Guard:
    """The guard that ``settings.JWT_MIDDLEWARE`` describes, for a health route. Raises ConfigurationError."""
    return configured().guard


def build(given: Mapping[str, Any]) -> Configured:
    """Resolve dotted paths and build what ``given`` describes."""
    if not isinstance(given, Mapping):
        raise ConfigurationError(f"settings.{NAME} takes a dict, such as {{'ISSUER': ..., 'AUDIENCE': ...}}")
    of_guards = known_settings(given)
    mistakes = unknown_settings(given, of_guards | _DOOR, f"settings.{NAME}")
    said: dict[str, Any] = {}
    for name, value in given.items():
        try:
            said[name] = _resolved(name, value)
        except ImportError as error:
            mistakes.append(f"settings.{NAME}: {name} names what cannot be imported: {error}")
    user = said.get("USER")
    if user is not None and not callable(user):
        mistakes.append(f"settings.{NAME}: USER takes a function from a Principal to a user or None")

    def built(part: Callable[[], T]) -> T | None:
        try:
            return part()
        except ConfigurationError as error:
            mistakes.extend(error.mistakes)
            return None

    def paths(name: str, *, wide: bool = False) -> Callable[[str, str], bool] | None:
        patterns = said.get(name)
        if patterns is None and wide:
            return _everything
        return built(lambda: path_patterns([] if patterns is None else patterns, f"settings.{NAME}: {name}", wide=wide))

    # what was not resolved or is not known is a mistake already, and the guard would name it again
    of_guard = {name: value for name, value in said.items() if name in of_guards}
    guard = (
        None if set(given) & of_guards - set(said) else built(lambda: guard_from(of_guard, where=f"settings.{NAME}"))
    )
    public, unguarded, guarded = paths("PUBLIC_PATHS"), paths("UNGUARDED_PATHS"), paths("GUARDED_PATHS", wide=True)
    if isinstance(user, ModelUser) and guard is not None and len(guard.trusted) > 1 and user.issuer is None:
        mistakes.append(f"settings.{NAME}: USER: subjects of two issuers may be equal; say model_user(..., issuer=...)")
    if guard is not None and not settings.DEBUG and any(each.is_development for each in guard.trusted):
        mistakes.append(
            f"settings.{NAME}: development tokens are trusted while DEBUG is False; name the issuer of this deployment"
        )
    if mistakes or guard is None or public is None or unguarded is None or guarded is None:
        raise ConfigurationError(*mistakes)
    all_alike = not said.get("UNGUARDED_PATHS") and said.get("GUARDED_PATHS") is None
    return Configured(guard, public, unguarded, guarded, user, all_alike)


def _everything(method: str, path: str) -> bool:  # noqa: ARG001  # asked like a pattern
    return True


def _resolved(name: str, value: Any) -> Any:
    if name in _RESOLVED and isinstance(value, str):
        return imported(value)
    if name in _RESOLVED_LISTS and isinstance(value, list | tuple):
        return [imported(each) if isinstance(each, str) else each for each in value]
    return value


def imported(path: str) -> Any:
    """What stands at a dotted path. Raises ImportError."""
    if not _DOTTED_PATH.fullmatch(path):
        raise ImportError("the text is no dotted path")  # and not shown: it may be a secret in the wrong place
    return import_string(path)
