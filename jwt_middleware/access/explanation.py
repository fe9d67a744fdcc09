"""Why a requirement holds, or does not: part by part, with what was seen of the caller."""

from typing import Final

from ..decisions import Verdict
from ..verification.mapping import resolve
from .principal import Principal
from .requirements import AllOf, AnyOf, ClaimEquals, Has, Not, Parameters, Requirement

_SHOWN: Final = 20  # names of rights; a caller may have thousands


def explained(requirement: Requirement, principal: Principal, parameters: Parameters) -> Verdict:
    """Judge again, and keep what was found on the way. Rights are named; of a claim only whether it was there."""
    holds = requirement.judge(principal, parameters).holds
    below: tuple[Requirement, ...] = ()
    if isinstance(requirement, AllOf | AnyOf):
        below = requirement.parts
    elif isinstance(requirement, Not):
        below = (requirement.part,)
    parts = tuple(explained(part, principal, parameters) for part in below)
    return Verdict(str(requirement), holds, "" if parts else _seen(requirement, principal), parts)


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
