"""Faults that a run must find, planted in a copy of the example: by file, what stands there and what stands instead."""

from collections.abc import Mapping
from typing import Final

PLANTED: Final[Mapping[str, Mapping[str, tuple[str, str]]]] = {
    "inventory forgets what was revoked": {
        "inventory.py": ('        "REVOCATIONS": stores.revocations(),\n', ""),
    },
    "inventory takes tokens that are meant for others": {
        "inventory.py": ('"AUDIENCE": "inventory"', '"AUDIENCE": ["inventory", "orders", "shipping"]'),
    },
    "orders shows the orders of every shop": {
        "orders.py": (
            "[each for each in placed.values() if each.tenant == caller.tenant]",
            "list(placed.values())",
        ),
    },
    "orders answers an outage as a bad token": {
        "calling.py": (
            'HTTPException(502, "a service that was asked does not answer")',
            'HTTPException(401, "a service that was asked does not answer", {"WWW-Authenticate": "Bearer"})',
        ),
    },
}
