"""What outlives a process where a folder and a Redis are named, and what does not."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[1]
SHOWN = """
import stores
print(type(stores.revocations()).__name__, type(stores.sessions()).__name__)
print(stores.signing_keys("keys-seal").active.kid)
"""


def shown(**variables: str) -> list[str]:
    command = [sys.executable, "-c", SHOWN]
    environ = {**os.environ, **variables}
    done = subprocess.run(command, cwd=FOLDER, env=environ, capture_output=True, text=True, timeout=30, check=True)
    return done.stdout.split()


def test_without_a_folder_and_redis_everything_lives_in_the_process(mesh: dict[str, Any]) -> None:
    first, second = shown(), shown()
    assert first[:2] == second[:2] == ["MemoryRevocations", "MemorySessions"]
    assert first[2] != second[2]


def test_with_them_the_same_keys_sign_and_everybody_hears_of_what_is_withdrawn(
    mesh: dict[str, Any], tmp_path: Path
) -> None:
    named = {"REDIS_URL": "redis://127.0.0.1:1", "KEYS": str(tmp_path / "keys")}  # nobody is asked yet
    first, second = shown(**named), shown(**named)
    assert first == second
    assert first[:2] == ["RedisRevocations", "RedisSessions"]


def test_the_address_of_redis_may_stand_in_a_file_for_it_may_hold_a_password(
    mesh: dict[str, Any], tmp_path: Path
) -> None:
    file = tmp_path / "redis-url"
    file.write_text("redis://:a-password@127.0.0.1:1\n")
    assert shown(REDIS_URL_FILE=str(file))[:2] == ["RedisRevocations", "RedisSessions"]
