"""Plays the commands of docs/commands.md and puts under each what it prints: ``python -m tests.docs.commands_page``."""

import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests import tokens
from tests.cli.certificates import Authority, serving

PATH = Path(__file__).parents[2] / "docs" / "commands.md"
WELL_KNOWN = "/.well-known/openid-configuration"
NAMED = "idp.example.com"  # as the page calls the issuer that is served meanwhile
# what is another one with every key, token or day
_VARIES = (
    (r"\b[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8}", "DAY"),
    (r"\b1[0-9]{9}\b", "MOMENT"),
    (r"\b[0-9]+ seconds (ago|from now)", "SECONDS"),
    (r'(?<=")[A-Za-z0-9_-]{22}(?=")', "ID"),
    (r"(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])", "KEY"),
    (r"(?m)^[A-Za-z0-9+/]{40,}={0,2}$", "PEM"),
)


def played(page: str, folder: Path) -> str:
    """The page, with what the commands print now; its Python files are written into ``folder`` first."""
    for name, code in re.findall(r"^```python\n# (\w+\.py)\n(.*?)^```", page, re.DOTALL | re.MULTILINE):
        (folder / name).write_text(f"# {name}\n{code}", encoding="utf-8")
    with _issuer(folder) as address:
        return re.sub(
            r"^```console\n(.*?)^```",
            lambda block: f"```console\n{_block(block[1], folder, address)}```",
            page,
            flags=re.DOTALL | re.MULTILINE,
        )


def steady(page: str) -> str:
    for pattern, instead in _VARIES:
        page = re.sub(pattern, instead, page)
    return page


def _block(block: str, folder: Path, address: str) -> str:
    shown = []
    for line in re.findall(r"^\$ jwt-middleware (.*)$", block, re.MULTILINE):
        command = f"{sys.executable} -m jwt_middleware.cli {line.replace(NAMED, address)}"
        done = subprocess.run(
            command, shell=True, cwd=folder, env=_ENVIRONMENT, capture_output=True, text=True, timeout=60
        )
        assert done.returncode in (0, 1), done.stderr
        # where standard output goes into a file, a terminal shows the rest; else warnings of app.py are left out
        printed = done.stderr if ">" in line else done.stdout
        shown.append(f"$ jwt-middleware {line}\n{printed.replace(address, NAMED)}")
    return "\n".join(shown)


_ENVIRONMENT = {name: value for name, value in os.environ.items() if name not in ("FORCE_COLOR", "COLUMNS")}


@contextlib.contextmanager
def _issuer(folder: Path) -> Iterator[str]:
    """An issuer with a certificate that ends soon, and its address."""
    company = Authority("the company")
    company.write(folder / "company.pem")
    answers: dict[str, bytes] = {}
    with serving(answers, company.server(folder, days=5)) as url:
        metadata = {"issuer": url, "jwks_uri": f"{url}/jwks"}
        answers[WELL_KNOWN] = json.dumps(metadata).encode()
        answers["/jwks"] = json.dumps(tokens.jwks("ec")).encode()
        yield url.removeprefix("https://")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        PATH.write_text(played(PATH.read_text("utf-8"), Path(made)), encoding="utf-8")
