"""A file that keeps the last good keys: what it is used for, and when it is not trusted."""

import asyncio
import hashlib
import json
import os
import stat
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from jwt_middleware import ConfigurationError, Freshness
from jwt_middleware.errors import AuthUnavailable
from jwt_middleware.key_sources import snapshot as module
from jwt_middleware.key_sources.discovery import discovery
from jwt_middleware.key_sources.jwks_url import jwks_url
from jwt_middleware.key_sources.snapshot import Snapshot, content_of, packed, replace, snapshot, unpacked
from jwt_middleware.keys.key_cache import KeyCache
from jwt_middleware.keys.key_set import KeySet
from jwt_middleware.waiting import run
from jwt_middleware.web import Document
from tests.key_sources.conftest import Web, document, status
from tests.threads import threads_end
from tests.tokens import jwks

Fetch = Callable[[Snapshot], KeySet]
ISSUER = "https://issuer.example"
NOW = 1_800_000_000.0


class Clock:
    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def wall() -> Clock:
    return Clock(NOW)


@pytest.fixture
def since_boot() -> Clock:
    return Clock(5000.0)


def awaited(source: Snapshot) -> KeySet:
    return asyncio.run(source.afetch())


forms = pytest.mark.parametrize("fetch", [Snapshot.fetch, awaited], ids=["fetch", "afetch"])


@pytest.fixture
def made(web: Web, tmp_path: Path, wall: Clock, since_boot: Clock) -> Callable[..., Snapshot]:
    """A process's source: each call stands for another process."""
    web.answers["/keys"] = document(jwks("ec"), cache_control="max-age=600")

    def make(path: str = "/keys", issuer: str = ISSUER, **changes: Any) -> Snapshot:
        source = snapshot(jwks_url(web.origin + path), tmp_path / "keys", issuer=issuer, **changes)
        source.clock, source.monotonic = wall, since_boot
        return source

    return make


def kids(found: KeySet) -> list[str | None]:
    return [key.kid for key in found.keys]


@forms
def test_another_process_starts_with_the_keys_of_the_file(
    fetch: Fetch, made: Callable[..., Snapshot], web: Web, since_boot: Clock
) -> None:
    assert (kids(fetch(made())), web.asked) == (["ec"], ["/keys"])
    since_boot.now += 100
    found = fetch(made())
    assert (kids(found), found.age, found.fresh_for, web.asked) == (["ec"], 100.0, 600.0, ["/keys"])


@forms
def test_a_process_looks_into_the_file_once_and_then_asks(
    fetch: Fetch, made: Callable[..., Snapshot], web: Web
) -> None:
    fetch(made())
    web.answers["/keys"] = document(jwks("ec", "rsa"))
    source = made()
    assert [kids(fetch(source)) for _ in range(3)] == [["ec"], ["ec", "rsa"], ["ec", "rsa"]]
    assert kids(fetch(made())) == ["ec", "rsa"]  # and writes down what it was told


@forms
def test_it_looks_into_the_file_again_as_long_as_there_are_no_keys(
    fetch: Fetch, made: Callable[..., Snapshot], web: Web
) -> None:
    web.answers["/keys"] = status(503)
    source = made()
    with pytest.raises(ValueError, match="status 503"):
        fetch(source)
    web.answers["/keys"] = document(jwks("ec"))
    fetch(made())  # another worker was luckier
    web.answers["/keys"] = status(503)
    assert kids(fetch(source)) == ["ec"]


def test_the_file_is_for_this_user_alone_and_nothing_is_left_beside_it(
    made: Callable[..., Snapshot], tmp_path: Path
) -> None:
    before = os.umask(0)
    try:
        made().fetch()
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["keys"]


def test_it_is_a_key_source_with_the_deadline_of_the_one_it_keeps(made: Callable[..., Snapshot]) -> None:
    source = made()
    assert (source.symmetric, source.timeout) == (False, 4.5)


# --- when it is not trusted


def spoil(tmp_path: Path, spoiling: str) -> None:
    path = tmp_path / "keys"
    content = path.read_bytes()
    if spoiling == "half":
        path.write_bytes(content[: len(content) // 2])
    elif spoiling == "a byte":
        path.write_bytes(content[:-9] + b"x" + content[-8:])
    elif spoiling == "empty":
        path.write_bytes(b"")
    elif spoiling == "group":
        path.chmod(0o660)
    elif spoiling == "world":
        path.chmod(0o602)
    elif spoiling == "link":
        path.rename(tmp_path / "elsewhere")
        path.symlink_to(tmp_path / "elsewhere")
    elif spoiling == "pipe":
        path.unlink()
        os.mkfifo(path, 0o600)
    elif spoiling == "folder":
        path.unlink()
        path.mkdir()
    elif spoiling == "giant":
        path.write_bytes(b" " * 4_194_305)
    elif spoiling == "no keys":
        path.write_bytes(packed(unpacked(content)[0], [Document(url_of(content), b"<html>", None)]))
    elif spoiling == "no header":
        rest = b"[]\n" + jwks_bytes()
        path.write_bytes(hashlib.sha256(rest).hexdigest().encode() + b"\n" + rest)
    elif spoiling == "no time":
        header, documents = unpacked(content)
        path.write_bytes(packed({**header, "since_boot": "yesterday", "at": "today"}, documents))


def url_of(content: bytes) -> str:
    return unpacked(content)[1][0].url


def jwks_bytes() -> bytes:
    return json.dumps(jwks("ec")).encode()


SPOILT = {
    "half": "it is not whole",
    "a byte": "it is not whole",
    "empty": "it is not whole",
    "group": "others can write it",
    "world": "others can write it",
    "link": "it is a symbolic link",
    "pipe": "it is not a regular file",
    "folder": "IsADirectoryError",
    "giant": "it is too large",
    "no keys": "the document is not JSON",
    "no header": "TypeError",
    "no time": "could not convert",
}


@forms
@pytest.mark.parametrize("spoiling", SPOILT)
def test_a_file_that_others_may_have_written_or_that_is_not_whole_is_not_used(
    fetch: Fetch,
    spoiling: str,
    made: Callable[..., Snapshot],
    tmp_path: Path,
    web: Web,
    caplog: pytest.LogCaptureFixture,
) -> None:
    fetch(made())
    spoil(tmp_path, spoiling)
    web.answers["/keys"] = document(jwks("rsa"))
    assert kids(fetch(made())) == ["rsa"]
    said = [record.getMessage() for record in caplog.records]
    assert said[0].startswith(f"the snapshot of the keys of {ISSUER} is not used: {SPOILT[spoiling]}")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
@forms
def test_a_file_of_somebody_else_is_not_used(
    fetch: Fetch, made: Callable[..., Snapshot], tmp_path: Path, web: Web
) -> None:
    fetch(made())
    os.chown(tmp_path / "keys", 12345, -1)
    web.answers["/keys"] = document(jwks("rsa"))
    assert kids(fetch(made())) == ["rsa"]


def test_whose_file_it_is_decides(
    made: Callable[..., Snapshot], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made().fetch()
    owner = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    with pytest.raises(ValueError, match="somebody else"):
        content_of(tmp_path / "keys")


@forms
def test_a_file_of_another_issuer_or_of_another_url_is_not_used(
    fetch: Fetch, made: Callable[..., Snapshot], web: Web
) -> None:
    fetch(made())
    web.answers["/keys"] = web.answers["/moved"] = document(jwks("rsa"))
    assert kids(fetch(made(issuer=ISSUER + "/"))) == ["rsa"]
    assert kids(fetch(made())) == ["rsa"]
    assert kids(fetch(made(path="/moved"))) == ["rsa"]
    assert web.asked == ["/keys", "/keys", "/keys", "/moved"]


@pytest.mark.parametrize(("jwks_uri", "used"), [("{}/other", True), ("https://elsewhere.example/keys", False)])
def test_with_discovery_the_keys_may_have_been_anywhere_at_its_origins(
    jwks_uri: str, used: bool, web: Web, tmp_path: Path
) -> None:
    url = jwks_uri.format(web.origin)
    source = snapshot(discovery(web.origin), tmp_path / "keys", issuer=web.origin)
    header = {"issuer": web.origin, **source._stamp()}
    replace(tmp_path / "keys", packed(header, [Document(url, jwks_bytes(), None)]))
    if used:
        assert kids(source.fetch()) == ["ec"]
        return
    with pytest.raises(ValueError, match="status 404"):
        source.fetch()


@forms
@pytest.mark.parametrize(("age", "used"), [(0.0, True), (99.9, True), (100.0, False), (-1.0, False)])
@pytest.mark.parametrize("rebooted", [False, True])
def test_it_is_never_trusted_past_max_stale(
    fetch: Fetch,
    age: float,
    used: bool,
    rebooted: bool,
    made: Callable[..., Snapshot],
    wall: Clock,
    since_boot: Clock,
    web: Web,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fetch(made(max_stale=100.0))
    if rebooted:  # the clock since boot says nothing any more
        monkeypatch.setattr(module, "boot", lambda: "another")
        wall.now += age
        since_boot.now = 10.0
    else:  # and the one on the wall is not asked
        wall.now -= 3600
        since_boot.now += age
    web.answers["/keys"] = document(jwks("rsa"))
    found = fetch(made(max_stale=100.0))
    assert kids(found) == (["ec"] if used else ["rsa"])
    assert found.age == (pytest.approx(age) if used else 0.0)


def test_where_the_system_does_not_say_which_boot_it_is_the_wall_clock_counts(
    made: Callable[..., Snapshot], wall: Clock, since_boot: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_BOOT", tmp_path / "missing")
    made().fetch()
    wall.now += 50
    since_boot.now += 7
    assert made().fetch().age == pytest.approx(50)


def test_it_is_never_fresh_for_longer_than_an_hour(web: Web, tmp_path: Path) -> None:
    source = snapshot(jwks_url(f"{web.origin}/keys"), tmp_path / "keys", issuer=ISSUER)
    header = {"issuer": ISSUER, **source._stamp()}
    replace(tmp_path / "keys", packed(header, [Document(f"{web.origin}/keys", jwks_bytes(), 1e9)]))
    assert source.fetch().fresh_for == 3600


def test_the_bounds_of_its_source_count(web: Web, tmp_path: Path) -> None:
    """More keys than usual, kept for longer."""
    member = jwks("ec")["keys"][0]
    many = {"keys": [{**member, "kid": str(number)} for number in range(600)]}
    web.answers["/keys"] = document(many, cache_control="max-age=7200")

    def process(**bounds: Any) -> Snapshot:
        return snapshot(jwks_url(f"{web.origin}/keys", **bounds), tmp_path / "keys", issuer=ISSUER)

    process(max_keys=600, max_fresh=7200).fetch()
    found = process(max_keys=600, max_fresh=7000).fetch()
    assert (len(found), found.fresh_for, web.asked) == (600, 7000, ["/keys"])
    with pytest.raises(ValueError, match="more than 500"):
        process().fetch()
    assert web.asked == ["/keys", "/keys"]


# --- writing


@forms
def test_keys_that_cannot_be_written_down_are_good_all_the_same(
    fetch: Fetch, made: Callable[..., Snapshot], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    source = made()
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "in the way").touch()
    assert kids(fetch(source)) == ["ec"]
    assert [each.name for each in tmp_path.iterdir()] == ["keys"]
    assert caplog.records[-1].getMessage().startswith(f"the snapshot of the keys of {ISSUER} is not written: ")


def test_a_symbolic_link_in_its_place_is_replaced_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "precious").write_bytes(b"precious")
    (tmp_path / "keys").symlink_to(tmp_path / "precious")
    replace(tmp_path / "keys", b"new")
    assert (tmp_path / "precious").read_bytes() == b"precious"
    assert content_of(tmp_path / "keys") == b"new"


def test_whoever_reads_while_it_is_written_finds_it_whole(tmp_path: Path) -> None:
    documents = [Document("https://issuer.example/keys", bytes([letter]) * 400_000, None) for letter in b"ab"]
    path, over = tmp_path / "keys", threading.Event()
    replace(path, packed({}, documents[:1]))

    def write() -> None:
        while not over.is_set():
            for each in documents:
                replace(path, packed({}, [each]))

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        try:
            found = [unpacked(content_of(path))[1][0] for _ in range(200)]
        finally:
            over.set()
        writing.result(20)
    assert [each for each in documents if each in found] == documents


def test_what_is_packed_is_unpacked() -> None:
    documents = [Document("https://a", b"a\nb\x00\n", None), Document("https://b", b"", 60.0)]
    header, found = unpacked(packed({"issuer": "ä\n", "at": 1.5}, documents))
    assert (header["issuer"], header["at"], found) == ("ä\n", 1.5, documents)


@forms
def test_the_keys_of_several_urls_are_kept_together(fetch: Fetch, web: Web, tmp_path: Path) -> None:
    web.answers["/a"] = document(jwks("ec"), cache_control="max-age=600")
    web.answers["/b"] = document(jwks("rsa"))

    def process(*paths: str) -> Snapshot:
        return snapshot(jwks_url([web.origin + path for path in paths]), tmp_path / "keys", issuer=ISSUER)

    fetch(process("/a", "/b"))
    found = fetch(process("/a", "/b"))
    assert (kids(found), found.fresh_for, found.age > 0) == (["ec", "rsa"], 600.0, True)
    assert web.asked == ["/a", "/b"]
    fetch(process("/b"))
    assert web.asked == ["/a", "/b", "/b"]


def test_a_folder_that_does_not_exist_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="does not exist"):
        snapshot(jwks_url("https://issuer.example/keys"), tmp_path / "missing" / "keys", issuer=ISSUER)


def test_a_system_whose_files_have_no_owner_is_a_mistake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "geteuid")
    with pytest.raises(ConfigurationError, match="no owner"):
        snapshot(jwks_url("https://issuer.example/keys"), tmp_path / "keys", issuer=ISSUER)


# --- with the cache


@pytest.mark.parametrize("finish", [run, asyncio.run], ids=["run", "awaited"])
def test_a_restart_during_an_outage_serves_up_to_max_stale_and_no_longer(
    finish: Any, made: Callable[..., Snapshot], since_boot: Clock, web: Web
) -> None:
    freshness = Freshness(max_stale=1000)
    made(max_stale=1000.0).fetch()
    web.answers["/keys"] = status(503)
    since_boot.now += 900
    clock = Clock(50.0)
    cache = KeyCache(made(max_stale=1000.0), freshness, clock=clock)
    assert finish(cache.find("ec", "ES256")).kid == "ec"
    assert (cache.state(0).stale, cache.state(0).age) == (True, 900)
    clock.now += 99.9
    assert finish(cache.find("ec", "ES256")).kid == "ec"
    threads_end()
    clock.now += 0.1
    since_boot.now += 100
    with pytest.raises(AuthUnavailable):
        finish(cache.find("ec", "ES256"))


@pytest.mark.parametrize("finish", [run, asyncio.run], ids=["run", "awaited"])
def test_a_key_that_the_file_does_not_know_is_asked_for_within_the_same_request(
    finish: Any, made: Callable[..., Snapshot], since_boot: Clock, web: Web
) -> None:
    made().fetch()
    web.answers["/keys"] = document(jwks("ec", "rsa"))
    since_boot.now += 5
    cache = KeyCache(made(), clock=Clock(50.0))
    assert finish(cache.find("rsa", "RS256")).kid == "rsa"
    assert web.asked == ["/keys", "/keys"]
