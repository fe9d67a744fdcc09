"""Keys in a file that is read again when it changes: a mounted secret rotates without a restart."""

import asyncio
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ..errors import ConfigurationError
from ..keys.key import key_from_pem, secret_key
from ..keys.key_set import KeySet, key_set_from_jwks

_LOOK_AGAIN: Final = 5.0  # seconds
_MAX_SIZE: Final = 524_288  # bytes
_BEGIN: Final = b"-----BEGIN "


@dataclass(slots=True, eq=False)
class FileKeys:
    """A key source that reads a file. See ``file``. A look at an unchanged file costs one ``stat``."""

    path: Path
    symmetric: bool
    _seen: tuple[tuple[int, ...], KeySet] | None = field(default=None, repr=False)

    def fetch(self) -> KeySet:
        found = os.stat(self.path)  # follows the links that a mounted secret is swapped by
        signature = (found.st_dev, found.st_ino, found.st_mtime_ns, found.st_ctime_ns, found.st_size)
        seen = self._seen
        if seen is not None and seen[0] == signature:
            return seen[1]
        if not stat.S_ISREG(found.st_mode):  # opening a pipe would wait for ever
            raise ValueError("it is not a regular file")
        with open(self.path, "rb") as opened:
            content = opened.read(_MAX_SIZE + 1)
        if len(content) > _MAX_SIZE:
            raise ValueError("it is too large")
        key_set = _read(content, self.symmetric)
        self._seen = (signature, key_set)
        return key_set

    async def afetch(self) -> KeySet:
        return await asyncio.to_thread(self.fetch)


def file(path: str | os.PathLike[str], *, secret: bool = False) -> FileKeys:
    """Keys in a file: a JWKS, PEMs of different kinds, or with ``secret`` one shared secret.

    The file is looked at every 5 seconds and whenever an unknown key id comes; while it cannot be read the old keys
    serve. A line break at the end of a secret is not part of it. Raises ConfigurationError if there is nothing usable
    now.
    """
    source = FileKeys(Path(path), secret)
    try:
        source.fetch()
    except (OSError, ValueError) as error:
        why = str(error) if isinstance(error, ValueError) else type(error).__name__
        raise ConfigurationError(f"file({os.fspath(path)!r}): the keys cannot be read: {why}") from error
    return source


def _read(content: bytes, symmetric: bool) -> KeySet:
    if symmetric:
        return KeySet([secret_key(content.rstrip(b"\r\n"))], fresh_for=_LOOK_AGAIN)
    if content.lstrip()[:1] == b"{":
        found = key_set_from_jwks(content, fresh_for=_LOOK_AGAIN)
    else:
        texts = [_BEGIN + each for each in content.split(_BEGIN)[1:]]
        found = KeySet([key_from_pem(each) for each in texts], fresh_for=_LOOK_AGAIN)
    if not len(found):
        raise ValueError("there is no usable key in it")
    if found.is_ambiguous:
        raise ValueError("keys without a key id cannot be told apart; write a JWKS")
    return found
