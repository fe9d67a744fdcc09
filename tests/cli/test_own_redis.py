"""The demo's own Redis: there while it is needed, on no port, and nobody's trouble where there is none to start."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from jwt_middleware.cli.own_redis import own_redis


@pytest.fixture
def place() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:  # its path is short, as a socket needs it
        yield Path(folder)


def test_it_answers_while_it_is_needed_and_is_gone_then(place: Path) -> None:
    redis = pytest.importorskip("redis", reason="needs the package redis")
    if shutil.which("redis-server") is None:
        pytest.skip("needs redis-server")
    with own_redis(place) as url:
        client = redis.Redis.from_url(url)
        assert client.ping()
        assert client.config_get("port")["port"] == "0"
        assert client.config_get("save")["save"] == ""
        assert (place / "redis.sock").stat().st_mode & 0o077 == 0
    with pytest.raises(redis.ConnectionError):
        client.ping()
    client.close()


def test_without_a_redis_to_start_there_is_none(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(place))
    with own_redis(place) as url:
        assert url == ""


def test_a_folder_too_deep_for_a_socket_has_none(place: Path) -> None:
    deep = place / ("x" * 100)
    deep.mkdir()
    with own_redis(deep) as url:
        assert url == ""
