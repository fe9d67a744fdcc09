"""docs/commands.md shows what the commands really print, and completion is there."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from .commands_page import PATH, played, steady


def test_every_command_of_the_page_prints_what_stands_below_it(tmp_path: Path) -> None:
    """Where this fails, ``python -m tests.docs.commands_page`` writes the page anew: look at what changed."""
    page = PATH.read_text("utf-8")
    assert page.count("\n$ jwt-middleware ") == 9
    assert steady(played(page, tmp_path)) == steady(page)


@pytest.mark.parametrize(
    ("words", "completed"), [("jwt-middleware ro", "routes"), ("jwt-middleware issue --au", "--audience")]
)
def test_the_shell_completes_commands_and_options(words: str, completed: str) -> None:
    script = Path(sys.executable).with_name("jwt-middleware")
    asked = {
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split()) - 1),
        "_JWT_MIDDLEWARE_COMPLETE": "bash_complete",
    }
    done = subprocess.run([script], env={**os.environ, **asked}, capture_output=True, text=True, timeout=60)
    assert (done.stderr, done.stdout) == ("", f"plain,{completed}\n")
