"""The README's section for a developer's own machine: token and application go together."""

import os
import re
import subprocess
import sys
from pathlib import Path

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
CALLS = """
from starlette.testclient import TestClient
from development import app
client = TestClient(app)
token = open("token.txt").read().strip()
print(client.get("/orders").status_code, client.get("/orders", headers={"Authorization": f"Bearer {token}"}).json())
"""


def test_the_application_takes_the_token_that_the_command_has_issued(tmp_path: Path) -> None:
    (code,) = re.findall(r"<!-- development -->\n```python\n(.*?)```", README, re.DOTALL)
    (tmp_path / "development.py").write_text(code, "utf-8")
    issued, explained = re.findall(r"^\$ jwt-middleware (issue .*|explain .*)$", README, re.MULTILINE)
    here = {"cwd": tmp_path, "text": True, "timeout": 60, "env": {**os.environ, "PYTHONWARNINGS": "default"}}
    for words in (issued, explained):
        line = f"{sys.executable} -m jwt_middleware.cli {words}"
        done = subprocess.run(line, shell=True, capture_output=True, check=False, **here)  # type: ignore[call-overload]  # same options
        assert done.returncode == 0, done.stderr
    assert "admitted" in done.stdout
    called = subprocess.run([sys.executable, "-c", CALLS], capture_output=True, check=True, **here)  # type: ignore[call-overload]  # same options
    assert called.stdout == "401 ['first']\n"
    assert "DevelopmentIssuerWarning: DEVELOPMENT TOKENS ARE TAKEN" in called.stderr
