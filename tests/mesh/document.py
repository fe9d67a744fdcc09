"""The figures of a run, in docs/service-to-service.md between two marks: written by the run itself."""

import os
import platform
import re
import subprocess
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Final

from .report import Report

PAGE: Final = Path(__file__).parents[2] / "docs" / "service-to-service.md"
BEGINNING: Final = "<!-- written by: python -m tests.mesh --write -->\n"
END: Final = "<!-- end of what was written -->\n"
_PACKAGES: Final = ("uvicorn", "starlette", "fastapi", "django", "httpx2", "redis", "PyJWT", "cryptography", "locust")


def write(found: Report, measured_on: str, page: Path = PAGE) -> None:
    """Replaces what stands between the marks, each of which stands there once."""
    text = page.read_text(encoding="utf-8")
    before, rest = text.split(BEGINNING)
    _, after = rest.split(END)
    page.write_text(before + BEGINNING + written(found, measured_on) + END + after, encoding="utf-8")


def written(found: Report, measured_on: str) -> str:
    outcomes = {name: f"{count:,}" for name, count in found.outcomes.items()}
    return "\n".join(
        [
            _table(("what happened", ""), found.figures),
            _table(("requests that were", ""), outcomes),
            f"Measured on {measured_on}.\n",
        ]
    )


def _table(head: tuple[str, str], rows: Mapping[str, str]) -> str:
    lines = [f"| {name} | {value} |" for name, value in (head, ("---", "---"), *rows.items())]
    return "\n".join(lines) + "\n"


def machine() -> str:
    """The processor, and the versions of all that is in the figures."""
    info = Path("/proc/cpuinfo")
    found = re.search(r"model name\s*: (.*)", info.read_text(encoding="utf-8")) if info.exists() else None
    said = subprocess.run(["redis-server", "--version"], capture_output=True, text=True, check=False).stdout
    redis = re.search(r"v=([\d.]+)", said)
    packages = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    processor = found[1] if found else platform.processor()
    return (
        f"{os.cpu_count()} cores of {processor}, which also ran the load (load average"
        f" at the end {os.getloadavg()[1]:.0f}, other work included), with {platform.system()},"
        f" {platform.python_implementation()} {platform.python_version()}, {packages}"
        f" and Redis {redis[1] if redis else 'of an unknown version'}"
    )
