"""docs/routes.md shows what the command really prints."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

PAGE = (Path(__file__).parents[2] / "docs" / "routes.md").read_text(encoding="utf-8")


def test_every_command_of_the_page_prints_what_stands_below_it(tmp_path: Path) -> None:
    checked = 0
    for language, block in re.findall(r"^```(\w+)\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE):
        named = re.match(r"# (\w+\.py)\n", block)
        if language == "python" and named:
            (tmp_path / named[1]).write_text(block, encoding="utf-8")
        if language != "console":
            continue
        for command, shown in re.findall(r"^\$ jwt-middleware (.*)\n((?:[^$].*\n)*)", block, re.MULTILINE):
            words, _, file = command.partition(" > ")
            asked = [sys.executable, "-m", "jwt_middleware.cli", *shlex.split(words)]
            done = subprocess.run(asked, cwd=tmp_path, capture_output=True, text=True, timeout=60)
            assert done.stderr == ""
            if file:
                (tmp_path / file).write_text(done.stdout, encoding="utf-8")
            else:
                assert done.stdout == shown, command
            checked += 1
    assert checked == 5
