"""What a route demands of those who act for another: called_by, acting_for. Only who acts now counts."""

from dataclasses import dataclass

from ..errors import ConfigurationError
from .principal import Principal
from .requirements import Finding, Parameters, PathParameter, Requirement, same

_HOLDS = Finding(True)


@dataclass(frozen=True, slots=True)
class CalledBy(Requirement):
    """The machine that calls: who acts for a caller, or a machine in its own name."""

    name: str
    issuer: str | None

    def judge(self, principal: Principal, parameters: Parameters) -> Finding:
        missing = (f"called by {self.name}",)
        actors = principal.actors
        if actors:
            name, issuer = actors[0].name, actors[0].issuer
        elif principal.kind == "machine":
            name = principal.subject if principal.client_id is None else principal.client_id
            issuer = principal.issuer
        else:
            return Finding(None, missing, None)  # a user's token does not say who sends it on
        wanted = principal.issuer if self.issuer is None else self.issuer
        return _HOLDS if (name, issuer) == (self.name, wanted) else Finding(False, missing, None)

    def __str__(self) -> str:
        return (
            f"called_by({self.name!r})" if self.issuer is None else f"called_by({self.name!r}, issuer={self.issuer!r})"
        )


@dataclass(frozen=True, slots=True)
class ActingFor(Requirement):
    """Somebody acts for another: for anybody, or for this one."""

    subject: str | PathParameter | None

    def judge(self, principal: Principal, parameters: Parameters) -> Finding:
        wanted: object = self.subject
        if isinstance(wanted, PathParameter):
            if parameters is None:
                raise ConfigurationError(
                    f"{self} needs the parameters of a route, and there are none here: plain ASGI and WSGI applications"
                    " have no routes; compare with a fixed subject, or use the door of a framework"
                )
            wanted = parameters.get(wanted.name)
            if wanted is None:
                return Finding(None, self._missing, None)
        if not principal.actors:
            return Finding(False, self._missing, None)
        holds = wanted is None or same(principal.subject, wanted)
        return _HOLDS if holds else Finding(False, self._missing, None)

    @property
    def _missing(self) -> tuple[str, ...]:
        return ("acting for somebody" if self.subject is None else f"acting for {self.subject}",)

    def __str__(self) -> str:
        said = (
            ""
            if self.subject is None
            else str(self.subject)
            if isinstance(self.subject, PathParameter)
            else repr(self.subject)
        )
        return f"acting_for({said})"


def called_by(name: str, *, issuer: str | None = None) -> Requirement:
    """This machine calls: it acts for a caller, or calls in its own name. ``name`` is its client id.

    Actors before it count for nothing. A user's token that was sent on as it is does not say by whom, so it never
    satisfies this, not even under ``~``. ``issuer`` says whose machine it is; None: that of whoever signed the token.
    Say it where several issuers are trusted: each may call a machine of its own by this name.
    """
    if not all(isinstance(each, str) and each and each == each.strip() for each in (name, issuer or name)):
        raise ConfigurationError(f"called_by({name!r}): takes exactly one client id; combine several with |")
    return CalledBy(name, issuer)


def acting_for(subject: str | PathParameter | None = None) -> Requirement:
    """Somebody acts for another: for the caller with this subject, or ``path("user_id")``; None: for any.

    It says nothing of who acts: write ``acting_for(path("user_id")) & called_by("orders")``.
    """
    if subject is not None and (not isinstance(subject, str | PathParameter) or subject == ""):
        raise ConfigurationError(f"acting_for({subject!r}): takes one subject, path(...), or nothing")
    return ActingFor(subject)
