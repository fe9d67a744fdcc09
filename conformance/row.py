"""Row: one requirement of a standard, the requests that show whether it is met, and what must be seen."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from .issuer import Publish
from .must import Must
from .request import Request

Planned = Literal["", "DPoP", "step-up", "JWE"]
PLANNED: Final = ("DPoP", "step-up", "JWE")  # nothing else may wait


@dataclass(frozen=True)
class Try:
    """One request and what must be seen.

    ``setting`` names what the application is configured with. ``issuer`` is what the issuer publishes from now on.
    ``times``: send it so often; every answer must be right. ``server_first``: servers that answer this request
    themselves, so that it never arrives.
    """

    request: Request
    must: Must
    setting: str = "default"
    issuer: Publish | None = None
    times: int = 1
    server_first: tuple[str, ...] = ()


@dataclass(frozen=True)
class Row:
    """One requirement, in our own words, with its section.

    ``decided``: why we do otherwise; the tries then show what we do instead. ``planned``: which later work will meet
    it. ``note``: under which condition it is met.
    """

    id: str
    section: str
    requirement: str
    tries: Sequence[Try] = ()
    decided: str = ""
    planned: Planned = ""
    note: str = ""

    @property
    def status(self) -> str:
        return "planned" if self.planned else "decided otherwise" if self.decided else "met"
