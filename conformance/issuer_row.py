"""One requirement of an issuer or of a client of it, and the tests that show that it is met."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class IssuerRow:
    """One requirement, in our own words, with its section, and the tests that show that it is met.

    ``decided``: why we do otherwise; the tests then show what we do instead. ``planned``: which later work will meet
    it.
    """

    id: str
    section: str
    requirement: str
    tests: Sequence[str] = ()
    decided: str = ""
    planned: str = ""

    @property
    def status(self) -> str:
        return "planned" if self.planned else "decided otherwise" if self.decided else "met"


def row(
    id: str, section: str, requirement: str, *tests: tuple[str, str], decided: str = "", planned: str = ""
) -> IssuerRow:
    return IssuerRow(id, section, requirement, [f"{file}::{name}" for file, name in tests], decided, planned)
