"""docs/architecture.md draws the house as it is built: every file and floor, and none that is not there."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "jwt_middleware"
PICTURE, FLOORS = re.findall(
    r"^```\n(.*?)^```", (ROOT / "docs" / "architecture.md").read_text("utf-8"), re.DOTALL | re.MULTILINE
)[:2]
ROOMS = ("access", "verification", "keys")
SHELVES = ("key_sources", "revocation_stores", "observers")  # presets/ holds a file for each provider


def drawn_in(folder: str) -> set[str]:
    """The files that stand below ``folder`` in the picture."""
    below = re.search(rf"^├── {folder}/.*\n((?:│   [├└]── .*\n)*)", PICTURE, re.MULTILINE)
    assert below, f"{folder}/ is not in the picture"
    return set(re.findall(r"^│   [├└]── (\S+)", below[1], re.MULTILINE))


def files_in(folder: Path) -> set[str]:
    return {file.name for file in folder.glob("*.py") if file.name != "__init__.py"}


@pytest.mark.parametrize("room", ROOMS)
def test_every_file_of_a_room_is_drawn(room: str) -> None:
    assert drawn_in(room) == files_in(PACKAGE / room)


@pytest.mark.parametrize("shelf", [each for each in SHELVES if (PACKAGE / each).is_dir()])
def test_every_file_of_a_shelf_is_named(shelf: str) -> None:
    named = re.search(rf"^├── {shelf}/ +(.*)$", PICTURE, re.MULTILINE)
    assert named, f"{shelf}/ is not in the picture"
    assert {f"{each}.py" for each in re.findall(r"\w+", named[1].partition("(")[0])} == files_in(PACKAGE / shelf)


def test_every_file_and_folder_of_the_package_is_drawn_and_nothing_else() -> None:
    top = "\n".join(line for line in PICTURE.splitlines() if not line.startswith("│   "))
    parts = "\n".join(line for line in PICTURE.splitlines() if line.startswith("│       "))
    drawn = set(re.findall(r"\b(\w+\.py)\b", f"{top}\n{parts}")) - {"__init__.py"}
    assert drawn == files_in(PACKAGE)
    folders = {each.parent.name for each in PACKAGE.glob("*/__init__.py")}
    assert set(re.findall(r"(?:^[├└]── |  )(\w+)/", top, re.MULTILINE)) == folders
    for outside in re.findall(r"^(\w+)/", PICTURE, re.MULTILINE):
        assert (ROOT / outside).is_dir(), outside


def test_the_floors_are_those_that_the_linter_keeps() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    kept = [set(re.findall(r"\w+", layer)) for layer in contracts[0]["layers"]]
    drawn = [set(re.findall(r"\w+", line[4:].replace(".py", ""))) for line in FLOORS.splitlines() if line.strip()]
    assert len(kept) == len(drawn)
    for floor, layer in zip(drawn, kept, strict=True):
        if "doors" in floor:  # their parts are on it, too
            named = floor - {"doors", "and", "their", "parts"}
            assert named <= layer
            assert {name for name in layer - named if not any(name.startswith(f"{door}_") for door in named)} == set()
        else:
            assert floor == layer
