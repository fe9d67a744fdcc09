"""Finding: one thing that the doctor has seen, how bad it is, and how to mend it."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal

Severity = Literal["ok", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Finding:
    """``code`` is stable. ``mend`` is empty where nothing is wrong."""

    severity: Severity
    code: str
    says: str
    mend: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


Note = Callable[..., None]


def worst(findings: Iterable[Finding]) -> Severity:
    seen = {each.severity for each in findings}
    return "error" if "error" in seen else "warning" if "warning" in seen else "ok"
