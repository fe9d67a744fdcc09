"""Decision: what was asked, checked and found; Observer: who is told of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Check:
    """One step on the way to a decision: its name and whether it passed."""

    name: str
    passed: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a requirement, part by part: does it ``hold``, and what was ``seen`` of the caller.

    ``holds`` is None where the token does not say enough. ``seen`` names rights and claims, never what a claim
    says.
    """

    words: str
    holds: bool | None
    seen: str = ""
    parts: Sequence["Verdict"] = ()

    @property
    def decisive(self) -> Sequence["Verdict"]:
        """The parts, not combined of others, for which the whole is as it is."""
        if not self.parts:
            return (self,)
        alike = [part for part in self.parts if part.holds is self.holds] or self.parts
        return tuple(leaf for part in alike for leaf in part.decisive)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The record of one admission or refusal. Holds no token, no claim but who calls and for whom, and no query string.

    ``reason`` is stable: ``admitted``, ``public``, ``unguarded``, ``preflight``, or a key of ``errors.REASONS``.
    ``actors`` are the names of those who act for the caller, the present one first.
    ``checks`` are in the order they were made; the last one failed when the request was refused. ``missing`` says in
    words which parts of a requirement failed, ``explanation`` what became of each part, with the names of the caller's
    rights. ``cause`` is the class name of the exception below, never its text.
    """

    admitted: bool
    reason: str
    method: str = ""
    path: str = ""
    issuer: str = ""
    subject: str = ""
    client_id: str = ""
    token_id: str = ""
    actors: Sequence[str] = ()
    requirement: str = ""
    checks: Sequence[Check] = ()
    missing: Sequence[str] = ()
    cause: str = ""
    explanation: Verdict | None = None

    @property
    def failed(self) -> str:
        """The name of the check that refused the request, or an empty string."""
        return next((check.name for check in self.checks if not check.passed), "")


class Observer(Protocol):
    """Is told of every decision, in the thread or task of the request: it must not block and must not raise."""

    def decided(self, decision: Decision) -> None: ...
