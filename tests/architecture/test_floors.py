"""The house keeps its floors, and each of its watchmen is seen to bark."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The package and its rules, to plant a violation in."""
    shutil.copytree(ROOT / "jwt_middleware", tmp_path / "jwt_middleware", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    code = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    command = [sys.executable, "-c", code, "--no-cache"]
    return subprocess.run(command, cwd=folder, env=_environment(folder), capture_output=True, text=True, timeout=100)


def ruff(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ruff", "check", "--no-cache", "jwt_middleware"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)


def _environment(folder: Path) -> dict[str, str]:
    return {"PYTHONPATH": str(folder), "PATH": "/usr/bin:/bin"}


def plant(folder: Path, file: str, line: str) -> None:
    place = folder / "jwt_middleware" / file
    place.write_text(place.read_text(encoding="utf-8") + f"\n{line}\n", encoding="utf-8")


def test_imports_run_down_the_floors() -> None:
    done = lint_imports(ROOT)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("errors.py", "from . import guard"),
        ("keys/key.py", "from ..verification import claims"),
        ("verification/claims.py", "from ..access import principal"),
        ("access/principal.py", "from .. import guard"),
        ("access/paths.py", "from ..key_sources import static"),
        ("guard.py", "from . import asgi"),
        ("observers/log.py", "from ..issuing import documents"),
        ("presets/okta.py", "from ..key_sources import jwks_url"),
        ("key_sources/static.py", "from . import file"),
        ("asgi.py", "from . import starlette"),
        ("starlette.py", "from . import fastapi"),
        ("wsgi.py", "from . import flask"),
        ("starlette.py", "from . import flask"),
        ("flask.py", "from . import django"),
        ("django/conf.py", "from .. import drf"),
        ("starlette.py", "from . import cli"),
        ("access/paths.py", "import starlette"),
        ("verification/claims.py", "import httpx2"),
        ("keys/key.py", "import django"),
    ],
)
def test_a_planted_import_that_runs_up_is_found(copy: Path, file: str, line: str) -> None:
    plant(copy, file, line)
    done = lint_imports(copy)
    assert done.returncode != 0
    assert "BROKEN" in done.stdout, done.stdout + done.stderr


def test_a_file_without_a_floor_is_found(copy: Path) -> None:
    (copy / "jwt_middleware" / "attic.py").write_text('"""Nobody knows what this is."""\n', encoding="utf-8")
    assert lint_imports(copy).returncode != 0


@pytest.mark.parametrize("line", ["import starlette", "import asyncio", "import httpx2", "from django import http"])
@pytest.mark.parametrize("file", ["access/paths.py", "verification/rules.py", "keys/key_set.py", "guard.py"])
def test_a_planted_framework_in_the_core_is_banned(copy: Path, file: str, line: str) -> None:
    plant(copy, file, f"{line}  # noqa: E402, F401")
    done = ruff(copy)
    assert done.returncode != 0
    assert "TID251" in done.stdout, done.stdout
