"""Why a requirement holds, or does not: part by part, with what was seen of the caller."""

from collections.abc import Iterator
from types import MappingProxyType
from typing import Final

from ..decisions import Verdict
from ..verification.mapping import resolve
from .principal import Principal
from .requirements import AllOf, AnyOf, ClaimEquals, Has, Not, Parameters, Requirement

_SHOWN: Final = 20  # names of rights; a caller may have thousands
_LONGEST: Final = 300  # characters of the short form
_SAID: Final = MappingProxyType({True: "must not be met", False: "is not met", None: "cannot be told from the token"})
_SIGNS: Final = MappingProxyType({True: "yes", False: "no", None: "unknown"})


def explained(requirement: Requirement, principal: Principal, parameters: Parameters) -> Verdict:
    """Judge again, and keep what was found on the way. Rights are named; of a claim only whether it was there."""
    holds = requirement.judge(principal, parameters).holds
    parts = tuple(explained(part, principal, parameters) for part in _below(requirement))
    return Verdict(str(requirement), holds, "" if parts else _seen(requirement, principal), parts)


def in_short(requirement: Requirement, verdict: Verdict) -> str:
    """Which parts decided, in one line that the caller may read: the names in them, and no value of any claim."""
    said = (f"{_public(leaf)} {_SAID[holds]}" for leaf, holds in _decisive(requirement, verdict))
    line = "; ".join(dict.fromkeys(said))
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 3]}..."


def in_full(verdict: Verdict) -> str:
    """The whole tree in one line, with what was seen of the caller: for the log."""
    seen = f" ({verdict.seen})" if verdict.seen else ""
    below = f" [{'; '.join(map(in_full, verdict.parts))}]" if verdict.parts else ""
    return f"{_SIGNS[verdict.holds]}: {verdict.words}{seen}{below}"


def _decisive(requirement: Requirement, verdict: Verdict) -> Iterator[tuple[Requirement, bool | None]]:
    below = list(zip(_below(requirement), verdict.parts, strict=True))
    if not below:
        yield requirement, verdict.holds
    alike = [each for each in below if each[1].holds is verdict.holds]
    for part, found in alike or below:
        yield from _decisive(part, found)


def _below(requirement: Requirement) -> tuple[Requirement, ...]:
    if isinstance(requirement, AllOf | AnyOf):
        return requirement.parts
    return (requirement.part,) if isinstance(requirement, Not) else ()


def _public(leaf: Requirement) -> str:
    return f"claim({leaf.name!r})" if isinstance(leaf, ClaimEquals) else str(leaf)


def _seen(requirement: Requirement, principal: Principal) -> str:
    if isinstance(requirement, Has):
        field = f"{requirement.kind}s"
        names: tuple[str, ...] = getattr(principal, field)
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        has = f"the caller has {field} {list(names[:_SHOWN])}{more}" if names else f"the caller has no {field}"
        return f"{has}, and the token does not say all of them" if field in principal.incomplete else has
    if isinstance(requirement, ClaimEquals):
        absent = resolve(principal.claims, requirement.reference) is None
        return f"the token has {'no claim' if absent else 'a claim'} {requirement.name}"
    return ""
