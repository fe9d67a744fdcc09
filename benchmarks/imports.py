"""What importing the face costs, over importing PyJWT with ``cryptography``."""

import statistics
import subprocess
import sys
from typing import Final

from .figures import Figure
from .rounds import ratio_of

RUNS: Final = 15
OURS: Final = "jwt_middleware"
BESIDE: Final = "jwt"  # imports cryptography where it is installed


def figures(*, peers: bool) -> list[Figure]:
    runs = [(seconds(OURS), seconds(BESIDE)) for _ in range(RUNS)]
    ours, beside = zip(*runs, strict=True)
    return [
        Figure("imports", BESIDE, OURS, ratio_of([own / other for own, other in runs]), statistics.median(ours) * 1e6),
        Figure("imports", BESIDE, BESIDE, ratio_of([1.0] * RUNS), statistics.median(beside) * 1e6),
    ]


def seconds(module: str) -> float:
    """Processor time of one import in a fresh interpreter."""
    code = f"import time; start = time.process_time(); import {module}; print(time.process_time() - start)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    return float(done.stdout)
