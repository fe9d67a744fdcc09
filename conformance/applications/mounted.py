"""One application per setting, each built when it is asked for first."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from jwt_middleware import ConfigurationError

from ..seen import ANSWERED_BY, APPLICATION, NOT_STARTED

App = TypeVar("App")


@dataclass(frozen=True)
class Place(Generic[App]):
    """Where the application of a request is mounted; ``app`` is None where it does not start."""

    root: str
    app: App | None

    @property
    def mark(self) -> tuple[str, str]:
        """The field by which answers of the application are told from those of a server in front of it."""
        return ANSWERED_BY, NOT_STARTED if self.app is None else APPLICATION


class Mounted(Generic[App]):
    """The applications that were built so far."""

    def __init__(self, build: Callable[[str], App]) -> None:
        self._build = build
        self._places: dict[str, Place[App]] = {}

    def at(self, path: str) -> Place[App]:
        """The place that the first segment of ``path`` names."""
        setting = path.split("/")[1]
        place = self._places.get(setting)
        if place is None:
            try:
                place = Place(f"/{setting}", self._build(setting))
            except ConfigurationError:
                place = Place(f"/{setting}", None)
            self._places[setting] = place
        return place
