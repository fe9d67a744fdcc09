"""Keys in a file that is read again when it changes: a mounted secret rotates without a restart."""

import asyncio
import os
import re
import stat
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ..errors import ConfigurationError
from ..keys.key import key_from_pem, secret_key
from ..keys.key_set import KeySet, key_set_from_jwks, secrets_from_jwks

_LOOK_AGAIN: Final = 5.0  # seconds
_MAX_SIZE: Final = 524_288  # bytes
_BEGIN: Final = b"-----BEGIN "
_OBJECT: Final = re.compile(rb'\s*\{\s*"')  # the beginning of a JWKS; of random bytes one in 65,000 begins so
_STILL: Final = 1_000_000_000  # nanoseconds since the last change, after which the time of the next one differs
_DOES_NOT_BLOCK: Final = getattr(os, "O_NONBLOCK", 0)  # opening a pipe would wait for ever


@dataclass(slots=True, unsafe_hash=True)  # what is compared never changes
class FileKeys:
    """A key source that reads a file. See ``file``. A look at an unchanged file costs one ``stat``.

    Two are equal that were declared alike.
    """

    path: Path
    symmetric: bool
    _seen: tuple[tuple[int, ...], KeySet] | None = field(default=None, repr=False, compare=False)
    # and when, until it is read once more
    _at_start: tuple[KeySet, float] | None = field(default=None, repr=False, compare=False)

    def begin(self) -> None:
        """Read it for the first time. Raises OSError and ValueError."""
        self._at_start = (self._look(), time.monotonic())

    def fetch(self) -> KeySet:
        try:
            found = self._look()
        except (OSError, ValueError):
            if self._at_start is None:
                raise
            first, read_at = self._at_start  # better than none, when the first request comes while it is written
            return KeySet(first.keys, fresh_for=_LOOK_AGAIN, age=time.monotonic() - read_at)
        self._at_start = None
        return found

    async def afetch(self) -> KeySet:
        return await asyncio.to_thread(self.fetch)

    def _look(self) -> KeySet:
        looked_at, seen = os.stat(self.path), self._seen  # follows the links that a mounted secret is swapped by
        if seen is not None and seen[0] == _state(looked_at):
            return seen[1]
        if not stat.S_ISREG(looked_at.st_mode):
            raise ValueError("it is not a regular file")
        with open(self.path, "rb", opener=_open) as opened:
            found = os.fstat(opened.fileno())
            content = opened.read(_MAX_SIZE + 1)
            if _state(os.fstat(opened.fileno())) != _state(found):
                raise ValueError("it changed while it was read")
        if len(content) > _MAX_SIZE:
            raise ValueError("it is too large")
        key_set = _read(content, self.symmetric)
        if time.time_ns() - found.st_mtime_ns > _STILL:
            self._seen = (_state(found), key_set)
        return key_set


def file(path: str | os.PathLike[str], *, secret: bool = False) -> FileKeys:
    """Keys in a file: a JWKS, or PEMs of different kinds; with ``secret`` one shared secret, or a JWKS of several.

    Name keys by key ids in a JWKS to rotate them: the current one, the next one, the previous one. The file is looked
    at every 5 seconds and whenever an unknown key id comes; while it cannot be read the old keys serve. Write another
    file and rename it into place. A line break at the end of a secret is not part of it. Raises ConfigurationError if
    there is nothing usable now.
    """
    source = FileKeys(Path(path), secret)
    try:
        source.begin()
    except (OSError, ValueError) as error:
        why = str(error) if isinstance(error, ValueError) else type(error).__name__
        raise ConfigurationError(f"file({os.fspath(path)!r}): the keys cannot be read: {why}") from error
    return source


def _read(content: bytes, symmetric: bool) -> KeySet:
    if symmetric and not _OBJECT.match(content):
        return KeySet([secret_key(content.rstrip(b"\r\n"))], fresh_for=_LOOK_AGAIN)
    if symmetric:
        found = secrets_from_jwks(content, fresh_for=_LOOK_AGAIN)
    elif content.lstrip()[:1] == b"{":
        found = key_set_from_jwks(content, fresh_for=_LOOK_AGAIN)
    else:
        texts = [_BEGIN + each for each in content.split(_BEGIN)[1:]]
        found = KeySet([key_from_pem(each) for each in texts], fresh_for=_LOOK_AGAIN)
    if not len(found):
        raise ValueError(found.skipped[0] if found.skipped else "there is no usable key in it")
    if found.is_ambiguous:
        raise ValueError("keys without a key id cannot be told apart; write a JWKS")
    return found


def _open(path: str, flags: int) -> int:
    return os.open(path, flags | _DOES_NOT_BLOCK)


def _state(found: os.stat_result) -> tuple[int, ...]:
    """What differs once a file was changed or replaced."""
    return found.st_dev, found.st_ino, found.st_mtime_ns, found.st_ctime_ns, found.st_size
