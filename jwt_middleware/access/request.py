"""RequestInfo: what a door tells of a request."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal

NO_PARAMETERS: Final[Mapping[str, object]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestInfo:
    """One request as the framework routes it.

    ``path`` is relative to ``root_path`` or ``SCRIPT_NAME`` and is never built from the Host header. ``header`` gives
    every value of a field in order, for a lower-case field name. ``query`` is the raw query string; it may hold secrets
    and is never logged. ``csrf_by_framework`` says that the framework itself checks for cross-site forgery (Django).
    """

    kind: Literal["http", "websocket"] = "http"
    method: str = "GET"
    scheme: str = "https"
    path: str = "/"
    query: str = field(default="", repr=False)
    header: Callable[[str], Sequence[str]] = field(repr=False)
    csrf_by_framework: bool = False
    path_parameters: Mapping[str, object] = field(default_factory=lambda: NO_PARAMETERS, repr=False, hash=False)

    @property
    def is_preflight(self) -> bool:
        """Whether this is a CORS preflight (Fetch standard): browsers send it without credentials."""
        return (
            self.method == "OPTIONS"
            and bool(self.header("origin"))
            and bool(self.header("access-control-request-method"))
        )
