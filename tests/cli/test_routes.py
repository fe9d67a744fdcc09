"""``jwt-middleware routes`` as a program: the map, the holes, the changes."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ALLOWED = ("--allow", "/health", "--allow", "POST /login")


def run(*arguments: str, where: Path = HERE) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "jwt_middleware.cli", "routes", *arguments]
    return subprocess.run(command, cwd=where, capture_output=True, text=True, timeout=60)


def test_the_map_is_a_table() -> None:
    done = run("hole:app")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "methods  route    access     requirement           declared at",
        "-------  -------  ---------  --------------------  -----------",
        "GET      /health  public                           hole.py:21",
        "POST     /login   unguarded                        hole.py:25",
        "GET      /orders  declared   scope('orders:read')  hole.py:29",
        "GET      /me      declared   authenticated         hole.py:33",
    ]


def test_the_map_is_markdown_and_json() -> None:
    assert run("hole:app", "--format", "markdown").stdout.startswith("| methods | route |")
    document = json.loads(run("hole:app", "--format", "json").stdout)
    assert [row["path"] for row in document["routes"]] == ["/health", "/login", "/orders", "/me"]


def test_a_sound_application_passes_the_check() -> None:
    done = run("hole:app", "--check", "--declared-only", *ALLOWED)
    assert (done.returncode, done.stdout) == (0, "no hole in 4 routes\n")


def test_each_kind_of_hole_fails_the_build() -> None:
    done = run("hole:leaky", "--factory", "--check", "--declared-only", *ALLOWED)
    assert done.returncode == 1
    assert [line.split(":")[0] for line in done.stdout.splitlines()] == ["undeclared", "open", "unmapped", "nobody"]
    assert [line.split()[2] for line in done.stdout.splitlines()] == ["/orders", "/debug", "/admin", "/shut"]


def test_what_is_open_and_not_allowed_fails_the_build(tmp_path: Path) -> None:
    assert run("hole:app", "--check", "--allow", "/health").returncode == 1
    allowed = tmp_path / "open.txt"
    allowed.write_text("/health  # for whoever balances the load\nPOST /login\n")
    assert run("hole:app", "--check", "--allow-file", str(allowed)).returncode == 0


def test_who_gained_and_who_lost_access_is_shown_and_fails_only_a_check(tmp_path: Path) -> None:
    old = tmp_path / "routes.json"
    old.write_text(run("hole:app", "--format", "json").stdout)
    assert run("hole:app", "--diff", str(old)).stdout == "nobody gained or lost access\n"
    done = run("hole:leaky", "--factory", "--diff", str(old))
    assert done.returncode == 0
    assert (
        "GET /debug: (no route) -> public\n  gained: callers without a token\n  gained: any genuine caller"
        in done.stdout
    )
    assert run("hole:app", "--check", "--diff", str(old), *ALLOWED).returncode == 0
    assert run("hole:leaky", "--factory", "--check", "--diff", str(old), *ALLOWED).returncode == 1


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["hole"], 2, "write module:app"),
        (["nowhere:app"], 2, "there is no module 'nowhere'"),
        (["hole:nothing"], 2, "hole has no 'nothing'"),
        (["hole:broken", "--factory"], 2, "hole:broken() makes no application: RuntimeError: no settings here"),
        (["hole:HERE", "--factory"], 2, "leave out --factory"),
        (["broken_module:app"], 2, "broken_module:app cannot be imported: ZeroDivisionError"),
        (["hole:trusted"], 2, "no application whose routes can be read"),
        (["hole:app", "--check", "--allow", "health"], 2, "allows no route"),
        (["hole:app", "--diff", str(Path(__file__))], 2, "this is no route map"),
        (["hole:app", "--format", "xml"], 2, "'xml' is not one of"),
    ],
)
def test_a_mistake_is_one_sentence(arguments: list[str], code: int, says: str) -> None:
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert says in done.stderr
    assert "Traceback" not in done.stderr
