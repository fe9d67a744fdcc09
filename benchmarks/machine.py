"""What was measured on: the processor, and the versions of everything that is in the figures."""

import os
import platform
import re
import shutil
import subprocess
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

PACKAGES: Final = (
    "auth0-fastapi-api",
    "Authlib",
    "cryptography",
    "Django",
    "djangorestframework",
    "djangorestframework-simplejwt",
    "fastapi",
    "Flask",
    "Flask-JWT-Extended",
    "granian",
    "httptools",
    "joserfc",
    "jwcrypto",
    "litestar",
    "oxyjwt",
    "PyJWT",
    "python-jose",
    "ryjwt",
    "starlette",
    "uvicorn",
    "uvloop",
)


def about() -> dict[str, str]:
    from cryptography.hazmat.backends.openssl.backend import backend

    return {
        "processor": _processor(),
        "cores": str(os.cpu_count()),
        "system": f"{platform.system()} {platform.machine()}",
        "Python": f"{platform.python_implementation()} {platform.python_version()}",
        "OpenSSL inside cryptography": backend.openssl_version_text(),
        "wrk": _wrk(),
        "measured": date.today().isoformat(),
        "code": _code(),
        **{name: found for name in PACKAGES if (found := _version(name))},
    }


def _code() -> str:
    """What git calls the contents of the package, the same in every commit that holds them."""
    said = _git("rev-parse", "--short=12", "HEAD:jwt_middleware")
    changed = _git("status", "--porcelain", "--", "jwt_middleware")
    return f"tree {said} of jwt_middleware/{', with changes' if changed else ''}" if said else "not under git"


def _git(*arguments: str) -> str:
    if shutil.which("git") is None:
        return ""
    place = Path(__file__).parent
    return subprocess.run(["git", *arguments], cwd=place, capture_output=True, text=True, check=False).stdout.strip()


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    found = re.search(r"model name\s*: (.*)", info.read_text(encoding="utf-8")) if info.exists() else None
    return found[1] if found else platform.processor() or "unknown"


def _wrk() -> str:
    if shutil.which("wrk") is None:
        return "missing: sockets were not measured"
    said = subprocess.run(["wrk", "-v"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"wrk (?:debian/)?([\w.]+)", said)
    return found[1] if found else "of an unknown version"


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
