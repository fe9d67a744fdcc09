"""Path patterns: which requests are public, unguarded or guarded by their path alone."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from posixpath import normpath
from typing import Final

from ..errors import ConfigurationError

Pattern = str | tuple[str, str]
Matches = Callable[[str, str], bool]

_PATTERNS: Final = "patterns"


def path_patterns(patterns: Iterable[Pattern], where: str, *, wide: bool = False) -> Matches:
    """Turn patterns into a question (method, path) → bool.

    ``"/health"`` is exact, ``"/static/*"`` everything below, ``("GET", "/items")`` one method. They are matched against
    the path that the framework routes, relative to its mount. Below a ``*``, a path with ``..``, ``//`` or a backslash
    never matches: routers and file servers disagree about those. ``wide`` is for patterns that guard rather than open:
    such a path then matches as it stands and as it may be read, and HEAD counts as GET. Raises ConfigurationError for
    anything else.
    """
    if isinstance(patterns, str):
        raise ConfigurationError(f"{where} is the text {patterns!r}; it takes a list of paths, as in [{patterns!r}]")
    given = tuple(patterns)
    read = [_read(pattern, where) for pattern in given]
    if wide and not read:
        raise ConfigurationError(f"{where} is empty, so nothing would be guarded; leave it out to guard everything")
    exact = frozenset((each.method, each.path) for each in read if not each.below)
    below = tuple((each.method, each.path) for each in read if each.below)

    def matches(method: str, path: str) -> bool:
        if ("", path) in exact or (method, path) in exact:
            return True
        if not below or _is_doubtful(path):
            return False
        return any(path.startswith(prefix) and wanted in ("", method) for wanted, prefix in below)

    def matches_widely(method: str, path: str) -> bool:
        methods = ("", method, "GET" if method == "HEAD" else method)  # frameworks answer HEAD with what GET runs
        readings: tuple[str, ...] = (path,)
        # "*" and whole URLs come from servers as they were sent; in a route, a $ may stand before a newline
        if _is_doubtful(path) or not path.startswith("/") or path.endswith("\n"):
            plain = normpath("/" + path.replace("\\", "/").lstrip("/").removesuffix("\n"))
            readings = (path, plain, plain + "/")
        if any((wanted, each) in exact for wanted in methods for each in readings):
            return True
        return any(each.startswith(prefix) and wanted in methods for wanted, prefix in below for each in readings)

    asked = matches_widely if wide else matches
    setattr(asked, _PATTERNS, given)
    return asked


def patterns_of(matches: Matches) -> tuple[Pattern, ...]:
    """The patterns that a question was made of, for the route map."""
    found: tuple[Pattern, ...] = getattr(matches, _PATTERNS, ())
    return found


def _is_doubtful(path: str) -> bool:
    return ".." in path or "//" in path or "\\" in path


@dataclass(frozen=True, slots=True)
class _Read:
    method: str
    path: str
    below: bool


def _read(pattern: Pattern, where: str) -> _Read:
    method, path = pattern if isinstance(pattern, tuple) and len(pattern) == 2 else ("", pattern)
    if not isinstance(path, str) or not path.startswith("/") or not isinstance(method, str):
        raise ConfigurationError(
            f"{where}: {pattern!r} is no path pattern; write '/health', '/static/*' or ('GET', '/items')"
        )
    below = path.endswith("/*")
    path = path[:-1] if below else path
    if "*" in path or "?" in path or method != method.upper():
        raise ConfigurationError(
            f"{where}: {pattern!r}: a * may only stand as the last segment, a query is never matched, and a method is"
            " written in capitals"
        )
    return _Read(method, path, below)
