"""What importing the face costs, over importing PyJWT with ``cryptography``."""

import os
import statistics
import subprocess
import sys
import tempfile
from typing import Final

from .figures import Figure
from .rounds import ratio_of

RUNS: Final = 15
OURS: Final = "jwt_middleware"
BESIDE: Final = "jwt"  # imports cryptography where it is installed


def figures(*, peers: bool) -> list[Figure]:
    with tempfile.TemporaryDirectory() as compiled:  # as after an installation, which compiles what it installs
        seconds(OURS, compiled), seconds(BESIDE, compiled)
        runs = [(seconds(OURS, compiled), seconds(BESIDE, compiled)) for _ in range(RUNS)]
    ours, beside = zip(*runs, strict=True)
    return [
        Figure("imports", BESIDE, OURS, ratio_of([own / other for own, other in runs]), statistics.median(ours) * 1e6),
        Figure("imports", BESIDE, BESIDE, ratio_of([1.0] * RUNS), statistics.median(beside) * 1e6),
    ]


def seconds(module: str, compiled: str) -> float:
    """Processor time of one import in a fresh interpreter. ``compiled``: a folder for bytecode."""
    code = f"import time; start = time.process_time(); import {module}; print(time.process_time() - start)"
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = compiled
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60, env=environment
    )
    return float(done.stdout)
