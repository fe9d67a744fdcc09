"""Signing keys in a directory: for this user alone, encrypted, and never half-written."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from jwt_middleware import ConfigurationError
from jwt_middleware.issuing import Seal, SigningKey, SigningKeys, Succession
from jwt_middleware.issuing.key_directory import KeyDirectory, key_directory

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="locks files as POSIX systems do")

SECRET = "s" * 40


def directory(path: Path) -> KeyDirectory:
    return key_directory(path / "keys", seal=Seal(SECRET))


def file(path: Path) -> Path:
    return path / "keys" / "signing-keys.json"


def test_keys_outlive_the_process(tmp_path: Path) -> None:
    keys = SigningKeys(store=directory(tmp_path))
    keys.prepare()
    keys.rotate(at_once=True)
    keys.withdraw(keys.records[0].key.kid)
    again = SigningKeys(store=directory(tmp_path))
    assert again.records == keys.records
    assert again.active == keys.active
    assert asyncio.run(directory(tmp_path).aread()) == directory(tmp_path).read()


def test_directory_and_file_belong_to_this_user_alone(tmp_path: Path) -> None:
    SigningKeys(store=directory(tmp_path)).prepare()
    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o700
    assert file(tmp_path).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("algorithm", ["HS256", "EdDSA"])
def test_nothing_that_signs_is_readable_in_it(tmp_path: Path, algorithm: str) -> None:
    key = SigningKey.from_secret(SECRET[::-1] + "x", kid="a") if algorithm == "HS256" else SigningKey.generate("EdDSA")
    store = directory(tmp_path)
    assert store.replace(Succession(), Succession().publish(key, 0.0))
    text = file(tmp_path).read_text()
    assert "sealed" in text
    assert SECRET not in text
    assert repr(store) == f"<KeyDirectory {str(tmp_path / 'keys')!r}>"
    with pytest.raises(ConfigurationError, match="another secret"):
        key_directory(tmp_path / "keys", seal=Seal("t" * 40)).read()


@pytest.mark.parametrize("mode", [0o644, 0o660, 0o602])
def test_a_file_that_others_could_read_or_write_is_refused(tmp_path: Path, mode: int) -> None:
    SigningKeys(store=directory(tmp_path)).prepare()
    file(tmp_path).chmod(mode)
    with pytest.raises(ConfigurationError, match="mode 0600"):
        directory(tmp_path).read()


def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    SigningKeys(store=directory(tmp_path)).prepare()
    file(tmp_path).rename(tmp_path / "elsewhere")
    file(tmp_path).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="symbolic link"):
        directory(tmp_path).read()


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[1]", b'{"keys": [{}], "withdrawn": {}, "revision": 1}', b"\xff", b"[" * 2_000_000]
)
def test_a_file_that_holds_something_else_is_refused(tmp_path: Path, content: bytes) -> None:
    store = directory(tmp_path)
    file(tmp_path).write_bytes(content)
    file(tmp_path).chmod(0o600)
    with pytest.raises(ConfigurationError, match="holds no signing keys"):
        store.read()


def test_a_place_that_is_no_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("")
    with pytest.raises(ConfigurationError, match="FileExistsError"):
        directory(tmp_path)


def test_a_file_that_did_not_change_is_not_read_again(tmp_path: Path) -> None:
    store = directory(tmp_path)
    SigningKeys(store=store).prepare()
    assert store.read() is store.read()


def test_steps_of_many_threads_and_stores_are_all_kept(tmp_path: Path) -> None:
    directory(tmp_path)
    new = [SigningKey.generate("EdDSA") for _ in range(12)]
    threads = [
        threading.Thread(target=SigningKeys(store=directory(tmp_path), algorithm="EdDSA").publish, args=(key,))
        for key in new
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept = directory(tmp_path).read()
    assert {record.key.kid for record in kept.records} == {key.kid for key in new}
    assert kept.revision == len(new)


DYING = """
import os, signal, sys
from pathlib import Path
from jwt_middleware.issuing import Seal, SigningKeys
from jwt_middleware.issuing.key_directory import key_directory

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

setattr(os, sys.argv[2], die)  # where the machine stops
SigningKeys(store=key_directory(Path(sys.argv[1]), seal=Seal("s" * 40))).rotate(at_once=True)
"""


@pytest.mark.parametrize("where", ["fsync", "replace"])
def test_a_process_that_is_killed_while_it_writes_leaves_what_was_there_and_no_lock(tmp_path: Path, where: str) -> None:
    keys = SigningKeys(store=directory(tmp_path))
    keys.prepare()
    before = json.loads(file(tmp_path).read_text())
    arguments = [sys.executable, "-c", DYING, str(tmp_path / "keys"), where]
    assert subprocess.run(arguments, timeout=60, check=False).returncode == -signal.SIGKILL
    assert json.loads(file(tmp_path).read_text()) == before
    keys.rotate(at_once=True)
    assert json.loads(file(tmp_path).read_text())["revision"] > before["revision"]


def test_a_file_of_another_user_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    SigningKeys(store=directory(tmp_path)).prepare()
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    with pytest.raises(ConfigurationError, match="belong to this user"):
        directory(tmp_path).read()
