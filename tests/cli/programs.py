"""The command as a program: what goes in, what comes out of both streams, and with which exit code."""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def program(*arguments: str, text: str = "", where: Path = HERE) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "jwt_middleware.cli", *arguments]
    done = subprocess.run(command, cwd=where, input=text, capture_output=True, text=True, timeout=60)
    assert "Traceback" not in done.stderr
    return done
