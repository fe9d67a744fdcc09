"""The whole way of a request on one screen: request in, Principal or refusal out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..decisions import Check, Decision
from ..errors import AuthError, MissingToken
from ..verification.authenticator import Authenticator
from ..verification.token_cache import TokenCache
from .marks import Mark
from .principal import ANONYMOUS, Principal
from .principal_of import principal_of
from .request import RequestInfo
from .token_location import TokenLocation


@dataclass(frozen=True, slots=True)
class Admission:
    """What was found about one request: the principal, or why it is refused; and which location held the token."""

    request: RequestInfo
    principal: Principal
    refusal: AuthError | None
    location: TokenLocation | None
    decision: Decision

    def refused_for(self, refusal: AuthError, check: str) -> "Admission":
        """The same request, refused after all by a ``check`` that only the door could make."""
        checks = [*self.decision.checks, Check(check, False)]
        decision = _decision(self.request, self.principal, refusal, checks)
        return Admission(self.request, ANONYMOUS, refusal, self.location, decision)


async def admit(
    request: RequestInfo,
    locations: Sequence[TokenLocation],
    authenticator: Authenticator,
    known: TokenCache[Principal] | None,
) -> Admission:
    """Find the token, authenticate it, name the caller. Never raises an AuthError: a refusal is part of the answer."""
    checks: list[Check] = []
    step = "token present"
    location = None
    try:
        token, location = find_token(request, locations)
        checks.append(Check(step, True))
        step = "token genuine"
        text = token.encode("utf-8", "surrogatepass")  # a location of the user's may hand in anything
        principal = None if known is None else known.get(text)
        if principal is None:
            genuine = await authenticator.authenticate(token)
            checks.append(Check(step, True))
            step = "caller named"
            principal = principal_of(genuine.claims, genuine.trust.issuer.mapping)
            if known is not None:
                known.put(text, genuine, principal)
        checks.append(Check(step, True))
    except AuthError as refusal:
        checks.append(Check(step, False))
        return Admission(request, ANONYMOUS, refusal, location, _decision(request, ANONYMOUS, refusal, checks))
    return Admission(request, principal, None, location, _decision(request, principal, None, checks))


def find_token(request: RequestInfo, locations: Sequence[TokenLocation]) -> tuple[str, TokenLocation]:
    """The token of the first location where something stands. Raises MissingToken and MalformedRequest."""
    for location in locations:
        token = location(request)
        if token is not None:
            return token, location
    raise MissingToken


def waived(admission: Admission, mark_of_route: Callable[[], Mark | None]) -> Admission:
    """Let a refused request pass where its route allows it. The route is asked only here, only for a refusal.

    A public route takes callers without a token, an unguarded one everyone; a CORS preflight carries no token and
    passes (Fetch standard, section 4.8). Whoever passes this way is ANONYMOUS.
    """
    refusal = admission.refusal
    if refusal is None:
        return admission
    reason = ""
    anonymous = isinstance(refusal, MissingToken)
    if anonymous and admission.request.is_preflight:
        reason = "preflight"
    else:
        mark = mark_of_route()
        if mark is Mark.UNGUARDED or (mark is Mark.PUBLIC and anonymous):
            reason = mark.value
    if not reason:
        return admission
    request = admission.request
    decision = Decision(admitted=True, reason=reason, method=request.method, path=request.path)
    return Admission(request, ANONYMOUS, None, None, decision)


def _decision(request: RequestInfo, principal: Principal, refusal: AuthError | None, checks: list[Check]) -> Decision:
    return Decision(
        admitted=refusal is None,
        reason="admitted" if refusal is None else refusal.reason,
        method=request.method,
        path=request.path,
        issuer=principal.issuer,
        subject=principal.subject,
        checks=tuple(checks),
        cause="" if refusal is None or refusal.__cause__ is None else type(refusal.__cause__).__name__,
    )
