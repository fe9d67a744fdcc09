"""Keys that outlive a process: the last good key set in a file, from which workers and restarts start warm."""

import asyncio
import errno
import hashlib
import json
import logging
import os
import secrets
import stat
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol

from ..errors import ConfigurationError
from ..events import event
from ..keys.key_set import KeySet, joined, key_set_from_jwks
from ..web import Document, Web

_log: Final = logging.getLogger("jwt_middleware")
_BOOT: Final = Path("/proc/sys/kernel/random/boot_id")
_MAX_SIZE: Final = 4_194_304  # bytes
_READ: Final = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
_WRITE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)


class Remote(Protocol):
    """A key source that reads a JWKS from a URL, as ``jwks_url`` and ``discovery`` do."""

    @property
    def symmetric(self) -> bool: ...

    @property
    def timeout(self) -> float: ...

    @property
    def web(self) -> Web: ...

    def read(self) -> tuple[Sequence[Document], KeySet]: ...

    async def aread(self) -> tuple[Sequence[Document], KeySet]: ...

    def may_be_at(self, urls: Sequence[str]) -> bool: ...


@dataclass(slots=True, eq=False)
class Snapshot:
    """A key source that looks into the file once, before it asks ``source`` for the first time. See ``snapshot``."""

    source: Remote
    path: Path
    issuer: str
    max_stale: float
    clock: Callable[[], float] = field(default=time.time, repr=False)
    monotonic: Callable[[], float] = field(default=time.monotonic, repr=False)
    _begun: bool = field(default=False, repr=False)

    @property
    def symmetric(self) -> bool:
        return self.source.symmetric

    @property
    def timeout(self) -> float:
        return self.source.timeout

    def fetch(self) -> KeySet:
        found = self._at_first()
        if found is None:
            asked_at = self._stamp()
            documents, found = self.source.read()
            self._save(documents, asked_at)
        self._begun = True
        return found

    async def afetch(self) -> KeySet:
        found = await asyncio.to_thread(self._at_first)
        if found is None:
            asked_at = self._stamp()
            documents, found = await self.source.aread()
            await asyncio.to_thread(self._save, documents, asked_at)
        self._begun = True
        return found

    def _at_first(self) -> KeySet | None:
        """What the file holds, for a process that has no keys yet."""
        if self._begun:
            return None
        try:
            return self._load()
        except FileNotFoundError:
            return None
        except Exception as error:  # noqa: BLE001  # whatever is wrong with it, the source knows the keys
            why = str(error) if type(error) is ValueError else type(error).__name__
            _log.warning(
                "the snapshot of the keys of %s is not used: %s",
                self.issuer,
                why,
                extra=event("snapshot_not_used", issuer=self.issuer),
            )
            return None

    def _load(self) -> KeySet:
        header, documents = unpacked(content_of(self.path))
        if header["issuer"] != self.issuer or not self.source.may_be_at([each.url for each in documents]):
            raise ValueError("it is of another issuer, or of keys at another URL")
        age = self._age(header)
        if not 0 <= age < self.max_stale:
            raise ValueError("it is too old, or from the future")
        return joined([self._key_set(each, age) for each in documents])

    def _key_set(self, document: Document, age: float) -> KeySet:
        bounds, said = self.source.web.bounds, document.fresh_for
        fresh_for = None if said is None else min(bounds.max_fresh, said)
        return key_set_from_jwks(document.content, fresh_for=fresh_for, age=age, max_keys=bounds.max_keys)

    def _save(self, documents: Sequence[Document], asked_at: Mapping[str, Any]) -> None:
        try:
            replace(self.path, packed({"issuer": self.issuer, **asked_at}, documents))
        except OSError as error:  # the keys are good; only the next start will not be warm
            _log.warning(
                "the snapshot of the keys of %s is not written: %s",
                self.issuer,
                type(error).__name__,
                extra=event("snapshot_not_written", issuer=self.issuer, error=type(error).__name__),
            )

    def _stamp(self) -> Mapping[str, Any]:
        """This moment, on the clock of the wall and on that of this boot, which nobody sets back."""
        return {"at": self.clock(), "boot": boot(), "since_boot": self.monotonic()}

    def _age(self, header: Mapping[str, Any]) -> float:
        """Seconds since its source was asked."""
        if header["boot"] and header["boot"] == boot():
            return self.monotonic() - float(header["since_boot"])
        return self.clock() - float(header["at"])


def snapshot(source: Remote, path: str | os.PathLike[str], *, issuer: str, max_stale: float = 86_400.0) -> Snapshot:
    """What ``TrustedIssuer(snapshot=path)`` makes of its key source: every key set that it gives is kept in a file.

    A process that has no keys yet starts with those of the file, if it is younger than ``max_stale`` (seconds), of this
    issuer and of keys at a URL of this source, whole, and a regular file that belongs to this user and that nobody else
    can write. Put it into a folder where only this service writes. Raises ConfigurationError.
    """
    if not hasattr(os, "geteuid"):
        raise ConfigurationError("snapshot(): files have no owner here; leave the snapshot out")
    folder = Path(path).absolute().parent
    if not folder.is_dir():
        raise ConfigurationError(f"snapshot({os.fspath(path)!r}): the folder {os.fspath(folder)!r} does not exist")
    return Snapshot(source, Path(path).absolute(), issuer, max_stale)


def content_of(path: Path) -> bytes:
    """The content of a file that nobody else can have written. Raises ValueError and OSError."""
    try:
        descriptor = os.open(path, _READ)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise ValueError("it is a symbolic link") from None
        raise
    with open(descriptor, "rb") as opened:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise ValueError("it is not a regular file")
        if found.st_uid != os.geteuid():
            raise ValueError("it belongs to somebody else")
        if found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            raise ValueError("others can write it")
        content = opened.read(_MAX_SIZE + 1)
    if len(content) > _MAX_SIZE:
        raise ValueError("it is too large")
    return content


def replace(path: Path, content: bytes) -> None:
    """Write a file that is there whole or not at all, for this user alone. Raises OSError."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with open(os.open(beside, _WRITE, 0o600), "wb") as opened:
            opened.write(content)
        os.replace(beside, path)
    finally:
        with suppress(FileNotFoundError):
            beside.unlink()


def packed(header: Mapping[str, Any], documents: Sequence[Document]) -> bytes:
    """A checksum, what is said of the documents, and the documents one after another."""
    said = {
        **header,
        "documents": [{"url": each.url, "size": len(each.content), "fresh_for": each.fresh_for} for each in documents],
    }
    rest = json.dumps(said).encode() + b"\n" + b"".join(each.content for each in documents)
    return hashlib.sha256(rest).hexdigest().encode() + b"\n" + rest


def unpacked(content: bytes) -> tuple[Mapping[str, Any], Sequence[Document]]:
    """Raises ValueError for what was not packed, or not all of it."""
    checksum, _, rest = content.partition(b"\n")
    if checksum != hashlib.sha256(rest).hexdigest().encode():
        raise ValueError("it is not whole")
    header, _, contents = rest.partition(b"\n")
    said: dict[str, Any] = json.loads(header)
    documents = []
    for each in said["documents"]:
        found, contents = contents[: each["size"]], contents[each["size"] :]
        documents.append(Document(each["url"], found, each["fresh_for"]))
    return said, documents


def boot() -> str:
    """Which start of this machine this is; empty where the system does not say."""
    try:
        return _BOOT.read_text().strip()
    except OSError:
        return ""
