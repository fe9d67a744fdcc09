"""Keys in a file that changes under a running service."""

import asyncio
import json
import os
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from jwt_middleware import ConfigurationError
from jwt_middleware.errors import InvalidToken
from jwt_middleware.key_sources.file import FileKeys, file
from jwt_middleware.keys.key_cache import KeyCache
from jwt_middleware.waiting import run
from tests.threads import threads_end
from tests.tokens import base64url, jwks, private_key

OLD, NEW = b"old secret " * 8, b"new secret " * 8


def pem(kid: str) -> bytes:
    return private_key(kid).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def kids(source: FileKeys) -> list[str | None]:
    return [key.kid for key in source.fetch().keys]


def replace(path: Path, content: bytes) -> None:
    """As a careful program writes: another file, renamed into place."""
    beside = path.with_suffix(".new")
    beside.write_bytes(content)
    beside.replace(path)


@pytest.mark.parametrize(
    ("content", "kinds"),
    [
        (pem("rsa"), ["RSA"]),
        (pem("rsa") + pem("ec") + pem("ed25519"), ["RSA", "EC", "OKP"]),
        (b"Bag Attributes: foreign text\n" + pem("ec"), ["EC"]),
        (pem("ec").replace(b"\n", b"\r\n"), ["EC"]),
        (json.dumps(jwks("ec", "rsa")).encode(), ["EC", "RSA"]),
        (b"\n " + json.dumps(jwks("ec"), indent=2).encode() + b"\n", ["EC"]),
    ],
)
def test_pems_and_a_jwks_are_read(content: bytes, kinds: list[str], tmp_path: Path) -> None:
    (tmp_path / "keys").write_bytes(content)
    source = file(str(tmp_path / "keys"))
    assert [key.kind for key in source.fetch().keys] == kinds
    assert (source.fetch().fresh_for, source.symmetric) == (5.0, False)


@pytest.mark.parametrize("ending", [b"", b"\n", b"\r\n", b"\n\n"])
def test_a_secret_is_read_without_the_line_break_of_its_editor(ending: bytes, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(OLD + ending)
    (tmp_path / "secret").chmod(0o400)
    source = file(tmp_path / "secret", secret=True)
    [key] = source.fetch().keys
    assert (key.material, source.symmetric, source.fetch().fresh_for) == (OLD, True, 5.0)
    assert "old secret" not in f"{source!r}{source.fetch()!r}{key!r}"


def test_an_unchanged_file_is_not_read_again(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    path.write_text(json.dumps(jwks("ec")))
    os.utime(path, (1, 1))  # whatever changed a moment ago may change again without another time
    source = file(path)
    assert source.fetch() is source.fetch()


@pytest.mark.parametrize("finish", [run, asyncio.run], ids=["run", "awaited"])
def test_a_rotated_file_is_noticed(finish: Any, tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    path.write_text(json.dumps(jwks("ec")))
    clock = Clock()
    cache = KeyCache(file(path), clock=clock)
    assert finish(cache.find("ec", "ES256")).kid == "ec"
    replace(path, json.dumps(jwks("rsa")).encode())
    assert finish(cache.find("ec", "ES256")).kid == "ec"  # it is looked at every five seconds
    assert finish(cache.find("rsa", "RS256")).kid == "rsa"  # an unknown key: at once
    with pytest.raises(InvalidToken):
        finish(cache.find("ec", "ES256"))


def test_a_secret_that_a_mount_swaps_by_a_link_is_noticed(tmp_path: Path) -> None:
    """As Kubernetes does: keys → ..data/keys, and ..data is replaced by a link to a new folder."""
    for name, content in (("first", OLD), ("second", NEW)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "secret").write_bytes(content)
        os.utime(tmp_path / name / "secret", (1, 1))  # same size, same time
    (tmp_path / "..data").symlink_to("first")
    (tmp_path / "secret").symlink_to("..data/secret")
    source = file(tmp_path / "secret", secret=True)
    (tmp_path / "..data_tmp").symlink_to("second")
    (tmp_path / "..data_tmp").replace(tmp_path / "..data")
    assert [key.material for key in source.fetch().keys] == [NEW]


def test_a_file_rewritten_in_place_with_its_old_size_and_time_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_bytes(OLD)
    os.utime(path, (1, 1))
    source = file(path, secret=True)
    path.write_bytes(NEW)
    os.utime(path, (2, 2))
    assert [key.material for key in source.fetch().keys] == [NEW]


@pytest.mark.parametrize("finish", [run, asyncio.run], ids=["run", "awaited"])
@pytest.mark.parametrize(
    "content",
    [b"", b"{", json.dumps(jwks("rsa"))[:-9].encode(), pem("rsa")[:100], pem("rsa") + pem("rsa")[:50]],
    ids=["empty", "a brace", "half a JWKS", "half a PEM", "a PEM and a half"],
)
def test_old_keys_serve_while_a_file_is_half_written(finish: Any, content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    path.write_text(json.dumps(jwks("ec")))
    clock = Clock()
    cache = KeyCache(file(path), clock=clock)
    finish(cache.find("ec", "ES256"))
    path.write_bytes(content)
    clock.now += 5
    for _ in range(2):
        assert finish(cache.find("ec", "ES256")).kid == "ec"
        cache.renew(apart=True)
        threads_end()
        assert cache.state(0).last_error
        clock.now += 60
    path.write_text(json.dumps(jwks("rsa")))
    cache.renew(apart=True)
    threads_end()
    assert cache.current is not None
    assert [key.kid for key in cache.current.keys] == ["rsa"]


@pytest.mark.parametrize("finish", [run, asyncio.run], ids=["run", "awaited"])
def test_the_keys_of_the_start_serve_when_the_first_request_comes_while_the_file_is_written(
    finish: Any, tmp_path: Path
) -> None:
    path = tmp_path / "keys.json"
    path.write_text(json.dumps(jwks("ec")))
    clock = Clock()
    cache = KeyCache(file(path), clock=clock)
    path.write_text("{")
    assert finish(cache.find("ec", "ES256")).kid == "ec"
    path.write_text(json.dumps(jwks("ec", "rsa")))
    assert finish(cache.find("rsa", "RS256")).kid == "rsa"
    path.unlink()
    clock.now += 5
    cache.renew(apart=True)
    threads_end()
    assert finish(cache.find("rsa", "RS256")).kid == "rsa"
    assert cache.state(0).last_error == "FileNotFoundError"  # what was there at the start is forgotten


def test_old_keys_serve_while_a_file_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    path.write_text(json.dumps(jwks("ec")))
    clock = Clock()
    cache = KeyCache(file(path), clock=clock)
    run(cache.find("ec", "ES256"))
    path.unlink()
    clock.now += 5
    cache.renew(apart=True)
    threads_end()
    assert cache.state(0).last_error == "FileNotFoundError"
    assert run(cache.find("ec", "ES256")).kid == "ec"


def secrets(**named: bytes) -> bytes:
    return json.dumps({"keys": [{"kty": "oct", "kid": kid, "k": base64url(k)} for kid, k in named.items()]}).encode()


@pytest.mark.parametrize("finish", [run, asyncio.run], ids=["run", "awaited"])
def test_several_secrets_rotate_by_key_id_without_a_restart(finish: Any, tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    path.write_bytes(secrets(previous=b"0" * 32, current=OLD))
    source = file(path, secret=True)
    cache = KeyCache(source, clock=Clock())
    assert finish(cache.find("current", "HS256")).material == OLD
    assert finish(cache.find("previous", "HS256")).material == b"0" * 32
    replace(path, secrets(current=OLD, next=NEW))
    assert finish(cache.find("next", "HS256")).material == NEW  # an unknown key: at once
    assert finish(cache.find("current", "HS256")).material == OLD
    with pytest.raises(InvalidToken):
        finish(cache.find("previous", "HS256"))
    assert source.symmetric
    assert OLD.decode() not in f"{source!r}{source.fetch()!r}"


@pytest.mark.parametrize("content", [secrets(a=OLD, b=NEW)[:-30], b'{"keys": [], "x": "' + OLD], ids=["half", "cut"])
def test_half_a_jwks_of_secrets_is_never_taken_for_a_secret(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    path.write_bytes(secrets(a=OLD))
    source = file(path, secret=True)
    source.fetch()
    path.write_bytes(content)
    with pytest.raises(ValueError, match="not JSON"):
        source.fetch()


def test_a_secret_may_begin_with_a_brace(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"{ no JWKS: " + OLD)
    assert [key.material for key in file(tmp_path / "secret", secret=True).fetch().keys] == [b"{ no JWKS: " + OLD]


def test_a_file_that_changes_while_it_is_read_is_read_another_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "keys.json"
    path.write_text(json.dumps(jwks("ec")))
    source = file(path)
    source.fetch()
    path.write_text(json.dumps(jwks("rsa")))
    stat_of, seen = os.fstat, list[int]()

    def meddling(descriptor: int) -> os.stat_result:
        if seen:
            path.write_text(json.dumps(jwks("ec", "rsa")))
        seen.append(descriptor)
        return stat_of(descriptor)

    with monkeypatch.context() as patched:
        patched.setattr(os, "fstat", meddling)
        with pytest.raises(ValueError, match="changed while it was read"):
            source.fetch()
    assert kids(source) == ["ec", "rsa"]


def test_a_file_that_changed_a_moment_ago_is_looked_at_again(tmp_path: Path) -> None:
    """Where the times of a file move in ticks, it may change again with the same time and size."""
    path = tmp_path / "keys.json"
    path.write_text(json.dumps(jwks("ec")))
    source = file(path)
    assert source.fetch() is not source.fetch()
    os.utime(path, (1, 1))
    assert source.fetch() is source.fetch()


def test_a_change_within_one_tick_of_the_clock_is_noticed(tmp_path: Path) -> None:
    """The times of a file move in ticks: what was written a moment ago may change again with the same time and size."""
    path = tmp_path / "secret"
    for content in (OLD, NEW) * 20:
        path.write_bytes(content)
        source = file(path, secret=True)
        path.write_bytes(OLD if content == NEW else NEW)
        assert [key.material for key in source.fetch().keys] == [path.read_bytes()]


PRIVATE = private_key("ec").private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.mark.parametrize(
    ("content", "secret", "why"),
    [
        (b"", False, "no usable key"),
        (b"no key", False, "no usable key"),
        (b'{"keys": []}', False, "no usable key"),
        (b"{", False, "not JSON"),
        (b'{"keys": 5}', False, "no list of keys"),
        (PRIVATE, False, "private key"),
        (pem("rsa") + PRIVATE, False, "private key"),
        (pem("ec")[:-60], False, "no public key"),
        (b"{" + b" " * 524_288, False, "too large"),
        (b"", True, "0 bytes"),
        (b"short\n", True, "5 bytes"),
        (pem("ec"), True, "others know"),
        (json.dumps(jwks()).encode(), True, "others know"),
        (b'{"keys": []}', True, "no usable key"),
        (secrets(a=b"short"), True, "5 bytes"),
        (secrets(a=OLD, b=NEW).replace(b'"kid": "a", ', b"").replace(b'"kid": "b", ', b""), True, "told apart"),
    ],
)
def test_a_file_without_usable_keys_is_a_mistake_at_the_start(
    content: bytes, secret: bool, why: str, tmp_path: Path
) -> None:
    path = tmp_path / "keys"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=why) as refused:
        file(path, secret=secret)
    assert str(path) in str(refused.value)


def test_pems_that_cannot_be_told_apart_are_a_mistake(tmp_path: Path) -> None:
    from cryptography.hazmat.primitives.asymmetric import ec

    other = ec.derive_private_key(7, ec.SECP256R1()).public_key()
    text = pem("ec") + other.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "keys").write_bytes(text)
    with pytest.raises(ConfigurationError, match="write a JWKS"):
        file(tmp_path / "keys")


def test_a_missing_file_a_folder_and_a_pipe_are_mistakes(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name, why in (("missing", "FileNotFoundError"), ("", "not a regular file"), ("pipe", "not a regular file")):
        with pytest.raises(ConfigurationError, match=why):
            file(tmp_path / name)


def test_two_sources_of_one_file_are_equal(tmp_path: Path) -> None:
    path, other = tmp_path / "keys", tmp_path / "other"
    for each in (path, other):
        each.write_text(json.dumps(jwks("ec")))
    used = file(path)
    used.fetch()
    assert (used == file(str(path)), hash(used) == hash(file(path)), used == file(other)) == (True, True, False)


def test_a_missing_key_file_shows_nothing_of_a_secret(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"too short, but mine")
    with pytest.raises(ConfigurationError) as refused:
        file(tmp_path / "secret", secret=True)
    assert "but mine" not in str(refused.value)
    assert kids(file(_written(tmp_path / "keys", json.dumps(jwks("ec"))))) == ["ec"]


def _written(path: Path, text: str) -> Path:
    path.write_text(text)
    return path
