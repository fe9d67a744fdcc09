"""What a fetch may take, and for how long what it brings may be kept."""

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

_MAX_AGE: Final = re.compile(r"(?:^|[\s,])max-age=\"?([0-9]{1,9})\"?(?=$|[\s,])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Bounds:
    """How long and how large a fetch may be, and for how long what it brings may be kept."""

    timeout: float  # seconds for everything: names, connections, TLS, headers and bodies
    max_body: int  # bytes of one answer
    max_keys: int  # in one key set
    min_fresh: float  # seconds that Cache-Control may ask for, at least
    max_fresh: float  # and at most

    def mistakes(self) -> list[str]:
        """What is out of range, and what to write instead."""
        found = []
        for name, (lowest, highest, unit) in _RANGES.items():
            value = getattr(self, name)
            kind = int if isinstance(lowest, int) else int | float
            if isinstance(value, bool) or not isinstance(value, kind) or not lowest <= value <= highest:
                found.append(f"{name} is {value!r}; write {lowest:.10g} to {highest:.10g} {unit}")
        if not found and self.min_fresh > self.max_fresh:
            found.append("min_fresh is larger than max_fresh; make one smaller")
        return found


_RANGES: Final = MappingProxyType(
    {
        "timeout": (0.001, 60.0, "seconds"),
        "max_body": (1024, 1_048_576, "bytes"),
        "max_keys": (1, 5000, "keys"),
        "min_fresh": (1.0, 604_800.0, "seconds"),
        "max_fresh": (1.0, 604_800.0, "seconds"),
    }
)


def fresh_for(cache_control: str, shortest: float = 60.0, longest: float = 3600.0) -> float | None:
    """Seconds a document may be kept (RFC 9111 section 5.2), held between ``shortest`` and ``longest``."""
    said = cache_control.lower()
    if "no-store" in said or "no-cache" in said:
        return shortest
    found = _MAX_AGE.search(said)
    return min(longest, max(shortest, float(found[1]))) if found else None
