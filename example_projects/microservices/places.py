"""Where the others are, and where secrets lie: from the environment of each process. README.md has the list."""

import os
from pathlib import Path

ISSUER = os.environ.get("ISSUER", "http://127.0.0.1:8001")  # accounts
ORDERS_URL = os.environ.get("ORDERS_URL", "http://127.0.0.1:8002")
INVENTORY_URL = os.environ.get("INVENTORY_URL", "http://127.0.0.1:8003")
PARTNER_ISSUER = os.environ.get("PARTNER_ISSUER", "http://127.0.0.1:8004")  # shipping, which another company runs
SHIPPING_URL = os.environ.get("SHIPPING_URL", PARTNER_ISSUER)


def setting(name: str) -> str:
    """What the variable says, or the file that `NAME_FILE` names: a URL may hold a password."""
    file = os.environ.get(f"{name}_FILE")
    return Path(file).read_text(encoding="utf-8").strip() if file else os.environ.get(name, "")


SECRETS = Path(os.environ.get("SECRETS", ".secrets"))  # a folder, such as /run/secrets


def secret(name: str) -> Path:
    """A secret is a file, never a variable: variables show up where processes are listed."""
    return SECRETS / name
