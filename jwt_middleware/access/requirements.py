"""What a route demands of its caller: scope, role, group, permission, claim; combined with & | ~.

A requirement knows three answers: it holds, it does not, or the token does not say enough to know (``None``). What is
not known never lets anyone pass, not even under ``~``.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal
from uuid import UUID

from ..errors import ConfigurationError, Forbidden, MissingToken
from ..verification.mapping import Reference, resolve
from .principal import Principal

Parameters = Mapping[str, object] | None  # of the route; None where a framework has none

_SCOPE_TOKEN: Final = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")  # RFC 6749 section 3.3


@dataclass(frozen=True, slots=True)
class Finding:
    """What a requirement found: does it ``hold``, what is ``missing``, which ``scopes`` alone would make it hold.

    ``scopes`` is None where no scope would help, and empty where none is needed.
    """

    holds: bool | None
    missing: tuple[str, ...] = ()
    scopes: tuple[str, ...] | None = ()


_HOLDS: Final = Finding(True)


class Requirement(ABC):
    """Something demanded of a principal. Combine with ``&``, ``|`` and ``~``; subclass it for a kind of your own."""

    __slots__ = ()

    @abstractmethod
    def judge(self, principal: Principal, parameters: Parameters) -> Finding:
        """Judge an authenticated principal; ``parameters`` are those of the route. Must not wait and must not raise."""

    @abstractmethod
    def __str__(self) -> str:
        """The requirement in the words it was declared with."""

    def __and__(self, other: "Requirement") -> "Requirement":
        return AllOf((self, other)) if isinstance(other, Requirement) else NotImplemented

    def __or__(self, other: "Requirement") -> "Requirement":
        return AnyOf((self, other)) if isinstance(other, Requirement) else NotImplemented

    def __invert__(self) -> "Requirement":
        return Not(self)

    def __bool__(self) -> bool:
        raise ConfigurationError(f"{self} has no truth value; combine requirements with & | ~, not with and, or, not")


@dataclass(frozen=True, slots=True)
class Authenticated(Requirement):
    """Any genuine caller."""

    def judge(self, principal: Principal, parameters: Parameters) -> Finding:
        return _HOLDS

    def __str__(self) -> str:
        return "authenticated"


@dataclass(frozen=True, slots=True)
class Has(Requirement):
    """One scope, role, group or permission."""

    kind: Literal["scope", "role", "group", "permission"]
    name: str
    _field: str = field(init=False, repr=False, compare=False)  # of the principal
    _held: Finding = field(init=False, repr=False, compare=False)  # what is found wherever it holds

    def __post_init__(self) -> None:
        object.__setattr__(self, "_field", f"{self.kind}s")
        object.__setattr__(self, "_held", Finding(True, (), (self.name,) if self.kind == "scope" else ()))

    def judge(self, principal: Principal, parameters: Parameters) -> Finding:
        if self.name in getattr(principal, self._field):
            return self._held
        cure = (self.name,) if self.kind == "scope" else None
        return Finding(None if self._field in principal.incomplete else False, (f"{self.kind} {self.name}",), cure)

    def __str__(self) -> str:
        return f"{self.kind}({self.name!r})"


@dataclass(frozen=True, slots=True)
class PathParameter:
    """A parameter of the route, to compare a claim with."""

    name: str

    def __str__(self) -> str:
        return f"path({self.name!r})"


@dataclass(frozen=True, slots=True)
class ClaimEquals(Requirement):
    """A claim that equals a value, or a list-valued claim that contains it."""

    reference: Reference
    value: str | int | bool | PathParameter

    def judge(self, principal: Principal, parameters: Parameters) -> Finding:
        wanted: object = self.value
        if isinstance(self.value, PathParameter):
            if parameters is None:
                raise ConfigurationError(
                    f"{self} needs the parameters of a route, and there are none here: plain ASGI and WSGI applications"
                    " have no routes; compare with a fixed value, or use the door of a framework"
                )
            wanted = parameters.get(self.value.name)
        missing = (f"claim {self.name} equal to {self.value}",)
        found = resolve(principal.claims, self.reference)
        if found is None or wanted is None:  # two absent values are never equal
            return Finding(None, missing, None)
        candidates = found if isinstance(found, tuple) else (found,)
        holds = any(same(candidate, wanted) for candidate in candidates)
        return _HOLDS if holds else Finding(False, missing, None)

    @property
    def name(self) -> str:
        return self.reference if isinstance(self.reference, str) else ".".join(self.reference)

    def __str__(self) -> str:
        value = str(self.value) if isinstance(self.value, PathParameter) else repr(self.value)
        return f"claim({self.reference!r}, {value})"


@dataclass(frozen=True, slots=True)
class AllOf(Requirement):
    """Every part holds."""

    parts: tuple[Requirement, ...]

    def judge(self, principal: Principal, parameters: Parameters) -> Finding:
        findings = [part.judge(principal, parameters) for part in self.parts]
        answers = [finding.holds for finding in findings]
        holds = False if False in answers else None if None in answers else True
        scopes = None if any(finding.scopes is None for finding in findings) else _union(findings)
        return Finding(holds, tuple(text for finding in findings for text in finding.missing), scopes)

    def __str__(self) -> str:
        return " & ".join(f"({part})" if isinstance(part, AnyOf) else str(part) for part in self.parts)


@dataclass(frozen=True, slots=True)
class AnyOf(Requirement):
    """At least one part holds."""

    parts: tuple[Requirement, ...]

    def judge(self, principal: Principal, parameters: Parameters) -> Finding:
        findings = [part.judge(principal, parameters) for part in self.parts]
        met = next((finding for finding in findings if finding.holds), None)
        if met is not None:
            return Finding(True, (), met.scopes)
        holds = None if any(finding.holds is None for finding in findings) else False
        missing = " or ".join(" and ".join(finding.missing) for finding in findings)
        cure = next((finding.scopes for finding in findings if finding.scopes is not None), None)
        return Finding(holds, (missing,), cure)

    def __str__(self) -> str:
        return " | ".join(f"({part})" if isinstance(part, AllOf) else str(part) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Not(Requirement):
    """The part is known not to hold."""

    part: Requirement

    def judge(self, principal: Principal, parameters: Parameters) -> Finding:
        found = self.part.judge(principal, parameters).holds
        if found is False:
            return _HOLDS
        return Finding(False if found else None, (f"not {self.part}",), None)

    def __str__(self) -> str:
        return f"~({self.part})" if isinstance(self.part, AllOf | AnyOf) else f"~{self.part}"


authenticated: Final[Requirement] = Authenticated()


def scope(name: str) -> Requirement:
    """The token was given this one scope (RFC 6749 section 3.3): what the client may do on the caller's behalf."""
    if not isinstance(name, str) or not _SCOPE_TOKEN.fullmatch(name):
        raise ConfigurationError(
            f"scope({name!r}): takes exactly one scope name; for several write scope('a') & scope('b')"
        )
    return Has("scope", name)


def role(name: str) -> Requirement:
    """The caller has this one role: what one is."""
    return Has("role", _one_name("role", name))


def group(name: str) -> Requirement:
    """The caller belongs to this one group: where one belongs."""
    return Has("group", _one_name("group", name))


def permission(name: str) -> Requirement:
    """The caller has this one permission: what one may do."""
    return Has("permission", _one_name("permission", name))


def claim(reference: Reference, value: str | int | bool | PathParameter) -> Requirement:
    """A claim equals ``value``, or contains it if the claim is a list; ``path("name")`` compares with the route.

    ``reference`` is one literal claim name, or a tuple of path segments into nested claims. Text is compared exactly; a
    parameter of the route is compared by its text; a boolean equals only a boolean.
    """
    parts = (reference,) if isinstance(reference, str) else reference
    if not isinstance(parts, tuple) or not parts or not all(isinstance(part, str) and part for part in parts):
        raise ConfigurationError(f"claim({reference!r}, ...): name one claim, or a tuple of path segments")
    if not isinstance(value, str | int | PathParameter) or value == "":
        raise ConfigurationError(
            f"claim({reference!r}, {value!r}): the value is a text, a whole number, a bool or path(...)"
        )
    return ClaimEquals(reference, value)


def path(name: str) -> PathParameter:
    """A parameter of the route, for ``claim("tenant_id", path("tenant_id"))``."""
    return PathParameter(_one_name("path", name))


def all_of(requirements: Sequence[Requirement]) -> Requirement:
    """The one requirement that several arguments of ``require`` or ``demand`` make; none at all is an error."""
    if not requirements:
        raise ConfigurationError(
            "require() demands nothing; write require(authenticated) if any genuine caller may pass"
        )
    for requirement in requirements:
        if not isinstance(requirement, Requirement):
            raise ConfigurationError(
                f"require() takes requirements such as scope('orders:read') or authenticated, not {requirement!r}"
            )
    return requirements[0] if len(requirements) == 1 else AllOf(tuple(requirements))


def demand_of(principal: Principal, requirement: Requirement, parameters: Parameters) -> None:
    """Raise MissingToken for ANONYMOUS and Forbidden, with what was missing, for a caller who lacks something."""
    if not principal.is_authenticated:
        raise MissingToken
    finding = requirement.judge(principal, parameters)
    if finding.holds is not True:
        raise Forbidden(missing=finding.missing, scopes=finding.scopes or ())


def _one_name(kind: str, name: str) -> str:
    if not isinstance(name, str) or not name or name != name.strip():
        raise ConfigurationError(f"{kind}({name!r}): takes exactly one name; combine several with & or |")
    return name


def _union(findings: Sequence[Finding]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for finding in findings for name in finding.scopes or ()))


def same(found: object, wanted: object) -> bool:
    """Whether a claim says this value: texts exactly, a parameter of the route by its text, a boolean as a boolean."""
    if isinstance(found, bool) or isinstance(wanted, bool):
        return found is wanted
    return isinstance(found, str | int) and isinstance(wanted, str | int | UUID) and str(found) == str(wanted)
