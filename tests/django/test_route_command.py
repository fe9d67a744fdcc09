"""``manage.py jwt_routes`` prints the map, finds the holes, and shows what changed."""

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

pytestmark = pytest.mark.usefixtures("nasty")
OPEN = (
    "/items/*",
    "/health",
    "/things",
    "/login",
    "/colours/*",
    "/api/*",
    "/again/*",
    "/(?i:any-case)/",
    "/[<language>/]about",
    "/safe",
    "/slash/",
    "/two/*",
    "/same/y",
    "/optional(?:/(?P<page>[0-9]+))?/?",
    "/beginning/*",
    r"/look/(?!secret)(?P<x>\w+)",
)


@pytest.fixture
def nasty() -> object:
    with override_settings(
        ROOT_URLCONF="tests.django.nasty_urls", JWT_MIDDLEWARE={"GUARD": "tests.django_guard.guard"}
    ):
        yield


def run(*arguments: str) -> tuple[int, str]:
    written = io.StringIO()
    try:
        call_command("jwt_routes", *arguments, stdout=written)
    except SystemExit as ended:
        return int(str(ended.code)), written.getvalue()
    return 0, written.getvalue()


def test_the_map_is_printed_in_each_form() -> None:
    assert "/items/<slug:name>" in run()[1]
    assert run("--format", "markdown")[1].startswith("| methods |")
    assert json.loads(run("--format", "json")[1])["version"] == 1


def test_holes_fail_the_build() -> None:
    code, text = run("--check")
    assert code == 1
    assert {line.partition(":")[0] for line in text.splitlines()} == {"open", "unseen"}
    allow = [word for each in OPEN for word in ("--allow", each)]
    assert run("--check", *allow)[0] == 0
    code, text = run("--check", "--declared-only", *allow)
    assert code == 1
    assert "undeclared: * / (" in text


def test_an_allow_list_may_be_a_file(tmp_path: Path) -> None:
    allowed = tmp_path / "open.txt"
    allowed.write_text("\n".join(OPEN))
    assert run("--check", "--allow-file", str(allowed))[0] == 0


def test_changes_are_shown_and_fail_a_check(tmp_path: Path) -> None:
    old = tmp_path / "routes.json"
    old.write_text(run("--format", "json")[1])
    assert run("--diff", str(old)) == (0, "nobody gained or lost access\n")
    code, text = run("--diff", str(old), "--urlconf", "tests.django.bare_urls")
    assert code == 0
    assert "lost: callers without a token" in text
    assert run("--check", "--diff", str(old), "--urlconf", "tests.django.bare_urls")[0] == 1


@pytest.mark.parametrize("arguments", [["--allow", "health", "--check"], ["--diff", "/nowhere.json"]])
def test_a_mistake_is_one_sentence(arguments: list[str]) -> None:
    with pytest.raises(CommandError) as mistake:
        run(*arguments)
    assert mistake.value.returncode == 2  # 1 is for what was found
