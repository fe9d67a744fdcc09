"""What importing the face costs, over importing PyJWT with ``cryptography``."""

import os
import re
import statistics
import subprocess
import sys
import tempfile
from collections import Counter
from typing import Final

from .figures import Figure
from .rounds import Ratio, ratio_of

RUNS: Final = 15
OURS: Final = "jwt_middleware"
BESIDE: Final = "jwt"  # imports cryptography where it is installed
FILES: Final = "the files that stand by themselves"
ELSE: Final = "what is not ours"
PROFILE: Final = "the face, imported after jwt"
_LINE: Final = re.compile(r"import time: +(\d+) \| +\d+ \| +([\w.]+)")


def figures(*, peers: bool) -> list[Figure]:
    with tempfile.TemporaryDirectory() as compiled:  # as after an installation, which compiles what it installs
        seconds(OURS, compiled), seconds(BESIDE, compiled)
        runs = [(seconds(OURS, compiled), seconds(BESIDE, compiled)) for _ in range(RUNS)]
        rooms = [by_room(_import_times(compiled)) for _ in range(RUNS)] if peers else []
    ours, beside = zip(*runs, strict=True)
    return [
        *_profile(rooms),
        Figure("imports", BESIDE, OURS, ratio_of([own / other for own, other in runs]), statistics.median(ours) * 1e6),
        Figure("imports", BESIDE, BESIDE, ratio_of([1.0] * RUNS), statistics.median(beside) * 1e6),
    ]


def seconds(module: str, compiled: str) -> float:
    """Processor time of one import in a fresh interpreter. ``compiled``: a folder for bytecode."""
    code = f"import time; start = time.process_time(); import {module}; print(time.process_time() - start)"
    return float(_run("-c", code, compiled=compiled).stdout)


def by_room(times: str) -> Counter[str]:
    """Microseconds by room of the package, out of what ``-X importtime`` says after ``jwt`` has been imported."""
    lines = [(int(found[1]), found[2]) for found in _LINE.finditer(times)]
    begins = next(place for place, (_, module) in enumerate(lines) if module == BESIDE) + 1
    found: Counter[str] = Counter()
    for microseconds, module in lines[begins:]:
        package, _, inside = module.partition(".")
        room, within, _ = inside.partition(".")
        found[ELSE if package != OURS else f"{OURS}.{room}" if within else FILES] += microseconds
    return found


def _profile(runs: list[Counter[str]]) -> list[Figure]:
    """What importing each room takes, the largest first."""
    rooms = sorted({room for run in runs for room in run}, key=lambda room: -sum(run[room] for run in runs))
    return [
        Figure(
            "imports",
            PROFILE,
            room,
            Ratio(*(statistics.median([run[room] / run.total() for run in runs]),) * 3),
            statistics.median([run[room] for run in runs]),
        )
        for room in rooms
    ]


def _import_times(compiled: str) -> str:
    return _run("-X", "importtime", "-c", f"import {BESIDE}; import {OURS}", compiled=compiled).stderr


def _run(*arguments: str, compiled: str) -> "subprocess.CompletedProcess[str]":
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = compiled
    command = [sys.executable, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60, env=environment)
