"""What is installed from a wheel works by itself, outside of a checkout."""

import configparser
import json
import os
import subprocess
import sys
import tomllib
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from tests.tokens import ALGORITHMS, AUDIENCE, ISSUER, jwks, mint

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(place)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True, timeout=60)
    (built,) = place.glob("*.whl")
    return built


def test_the_wheel_holds_the_package_the_types_and_the_demos_services(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {"jwt_middleware/__init__.py", "jwt_middleware/py.typed"} <= names
    services = {file.name for file in (ROOT / "example_projects" / "microservices").glob("*.py")}
    assert services
    assert {f"jwt_middleware/cli/microservices/{name}" for name in services} <= names
    page = {file.name for file in (ROOT / "jwt_middleware" / "cli" / "page" / "static").iterdir()}
    assert {"index.html", "page.css", "page.js"} <= page
    assert {f"jwt_middleware/cli/page/static/{name}" for name in page} <= names


def test_the_wheel_holds_nothing_that_is_not_for_users(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0].split("-")[0] for name in names} == {"jwt_middleware"}
    unwanted = [
        name for name in names if "/tests/" in name or "__pycache__" in name or name.endswith((".sqlite3", ".log"))
    ]
    assert unwanted == []


def test_every_door_has_an_extra_and_only_pythons_that_ran_are_named(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    (place,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
    metadata = Parser().parsestr(archive.read(place).decode())
    extras = set(metadata.get_all("Provides-Extra", []))
    assert {"asgi", "starlette", "fastapi", "wsgi", "flask", "django", "drf", "demo", "cli", "redis", "dev"} <= extras
    assert metadata["License-Expression"] == "MIT"
    prefix = "Programming Language :: Python :: 3."
    named = {name.removeprefix(prefix) for name in metadata.get_all("Classifier", []) if name.startswith(prefix)}
    assert named == {"11", "12", "13"}


@pytest.mark.parametrize("kid", ALGORITHMS)
def test_an_installed_wheel_verifies_a_token_of_every_kind_of_key(wheel: Path, tmp_path: Path, kid: str) -> None:
    code = f"""
import asyncio, json, sys
sys.path.insert(0, {str(wheel)!r})
import jwt_middleware
from jwt_middleware import Guard, RequestInfo, TrustedIssuer
from jwt_middleware.key_sources.static import static
assert {wheel.name!r} in jwt_middleware.__file__
issuer = TrustedIssuer({ISSUER!r}, audience={AUDIENCE!r}, keys=static(jwks=json.loads(sys.argv[1])), algorithms=[sys.argv[2]])
given = {{"authorization": ["Bearer " + sys.argv[3]]}}
request = RequestInfo(kind="http", method="GET", scheme="https", path="/", query="", header=lambda name: given.get(name, []))
print(asyncio.run(Guard(issuer).admit(request)).principal.subject)
"""
    arguments = [json.dumps(jwks(kid)), ALGORITHMS[kid], mint(kid)]
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert (done.stdout, done.returncode) == ("alice\n", 0), done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="hands sockets down to processes, which Windows cannot")
def test_the_demo_plays_from_an_installed_wheel_with_an_empty_home(wheel: Path, tmp_path: Path) -> None:
    site, home = tmp_path / "site", tmp_path / "home"
    zipfile.ZipFile(wheel).extractall(site)
    home.mkdir()
    done = subprocess.run(
        [sys.executable, "-P", "-m", "jwt_middleware.cli", "demo"],
        cwd=home,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(site), "HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=90,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert str(site / "jwt_middleware" / "cli" / "microservices") in done.stdout
    assert list(home.iterdir()) == []


def test_the_lowest_versions_that_are_declared_are_those_that_tox_runs() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    optional = {name: each for name, each in project["optional-dependencies"].items() if name not in ("dev", "mesh")}
    listed = map(Requirement, [*project["dependencies"], *(text for each in optional.values() for text in each)])
    declared = [each for each in listed if each.name != project["name"]]
    tox = configparser.ConfigParser(interpolation=None)
    tox.read(ROOT / "tox.ini", encoding="utf-8")
    pinned = {each.name.lower(): each for each in map(Requirement, tox["testenv:lowest"]["deps"].split())}
    for each in declared:
        [floor] = each.specifier
        [pin] = pinned[each.name.lower()].specifier
        assert (floor.operator, pin.operator) == (">=", "=="), each
        assert Version(pin.version) == Version(floor.version), each


def test_the_version_is_one_number() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert f"## {project['version']}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
