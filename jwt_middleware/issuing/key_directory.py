"""A store for signing keys: one file in a directory, for the processes of one machine or of one shared volume."""

import asyncio
import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from ..errors import ConfigurationError
from .sealing import Seal
from .succession import Succession
from .succession_document import parsed, written

_FILE: Final = "signing-keys.json"
_LOCK: Final = "signing-keys.lock"
_LARGEST: Final = 1_048_576  # bytes


class KeyDirectory:
    """Keeps a succession in one file, which is replaced as a whole. See ``key_directory``."""

    def __init__(self, path: Path, seal: Seal) -> None:
        self._path = path
        self._seal = seal
        self._read: tuple[tuple[int, ...], Succession] | None = None  # and the state of the file; replaced as one

    def read(self) -> Succession:
        """Raises OSError, and ConfigurationError for a file that others could have written."""
        try:
            opened = os.open(self._path / _FILE, os.O_RDONLY | os.O_NOFOLLOW)
        except FileNotFoundError:
            return Succession()
        with open(opened, "rb") as file:
            found = os.fstat(opened)
            if not stat.S_ISREG(found.st_mode) or found.st_mode & 0o077 or found.st_uid != os.geteuid():
                raise ConfigurationError(f"{self._path / _FILE} must belong to this user alone (mode 0600)")
            signature = (found.st_dev, found.st_ino, found.st_mtime_ns, found.st_size)
            kept = self._read
            if kept is not None and kept[0] == signature:
                return kept[1]
            content = file.read(_LARGEST)
        succession = parsed(content, self._seal, str(self._path / _FILE))
        self._read = (signature, succession)
        return succession

    async def aread(self) -> Succession:
        return await asyncio.to_thread(self.read)

    def replace(self, old: Succession, new: Succession) -> bool:
        with self._locked():
            if self.read().revision != old.revision:
                return False
            fresh = self._path / f"{_FILE}.{os.getpid()}.new"
            fresh.unlink(missing_ok=True)  # one that a process of this number left behind when it was killed
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with open(descriptor, "wb") as file:
                file.write(written(new, self._seal).encode())
                file.flush()
                os.fsync(descriptor)
            os.replace(fresh, self._path / _FILE)
            folder = os.open(self._path, os.O_RDONLY)
            try:
                os.fsync(folder)  # the new name, too, outlives a crash of the machine
            finally:
                os.close(folder)
            return True

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One process at a time. The lock of a process that dies is free; readers need none."""
        descriptor = os.open(self._path / _LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def __repr__(self) -> str:
        return f"<KeyDirectory {str(self._path)!r}>"


def key_directory(path: str | os.PathLike[str], *, seal: Seal) -> KeyDirectory:
    """A store for ``SigningKeys(store=...)`` in the directory ``path``, which is made (0700) if it is not there.

    What signs is encrypted by ``seal``; the file belongs to this user alone (0600) and is replaced in one step. For
    POSIX systems. Raises ConfigurationError.
    """
    folder = Path(path)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(f"key_directory({str(folder)!r}): {type(error).__name__}") from error
    return KeyDirectory(folder, seal)
