"""The whole way of a request on one screen: request in, Principal or refusal out."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from ..decisions import Check, Decision
from ..drafts import draft_of
from ..errors import AuthError, InvalidToken, MalformedRequest, MissingToken
from ..verification.authenticator import Authenticator
from ..verification.token_cache import TokenCache
from .marks import Mark
from .principal import ANONYMOUS, Principal
from .principal_of import principal_of
from .request import RequestInfo
from .token_location import TokenInQuery, TokenLocation

_STEPS: Final = ("token present", "token genuine", "caller named", "caller enriched")
_PASSED: Final = tuple(Check(step, True) for step in _STEPS[:3])
_FAILED: Final = tuple(Check(step, False) for step in _STEPS)


@dataclass(frozen=True, slots=True)
class Admission:
    """What was found about one request: the principal, or why it is refused; and which location held the token.

    ``checks`` are in the order they were made. ``waived_by`` names what let in a request without a principal.
    ``caller`` sent a token that is genuine and was refused nevertheless.
    """

    request: RequestInfo
    principal: Principal
    refusal: AuthError | None
    location: TokenLocation | None
    checks: tuple[Check, ...]
    waived_by: str = ""
    caller: Principal = ANONYMOUS

    def refused_for(self, refusal: AuthError, check: str) -> "Admission":
        """The same request, refused after all by a ``check`` that only the door could make."""
        checks = (*self.checks, Check(check, False))
        return Admission(self.request, ANONYMOUS, refusal, self.location, checks, caller=self.principal)

    @property
    def by_url(self) -> bool:
        """Whether the token stood in the URL, by which caches know an answer."""
        return isinstance(self.location, TokenInQuery)

    @property
    def decision(self) -> Decision:
        """The record of it, made when somebody asks."""
        refusal = self.refusal
        caller = self.principal if refusal is None else self.caller
        return Decision(
            admitted=refusal is None,
            reason=(self.waived_by or "admitted") if refusal is None else refusal.reason,
            method=self.request.method,
            path=self.request.path,
            issuer=caller.issuer,
            subject=caller.subject,
            client_id=caller.client_id or "",
            token_id=caller.token_id or "",
            actors=tuple(each.name for each in caller.actors),
            checks=self.checks,
            cause="" if refusal is None or refusal.__cause__ is None else type(refusal.__cause__).__name__,
        )


_Draft: Final = draft_of(Admission)


async def admit(
    request: RequestInfo,
    locations: Sequence[TokenLocation],
    authenticator: Authenticator,
    known: TokenCache[Principal] | None,
    enriched: Callable[[Principal], Awaitable[Principal]] | None = None,
    recalled: bytes | None = None,
) -> Admission:
    """Find the token, authenticate it, name the caller. Never raises an AuthError: a refusal is part of the answer.

    ``enriched``: asked once for each token that is verified; what it answers is remembered along with the token.
    ``recalled``: the credentials that ``known`` was asked for a moment ago, and did not know.
    """
    passed = 0
    location = None
    try:
        token, location = find_token(request, locations)
        passed = 1
        if len(token) > authenticator.max_size:
            raise InvalidToken("token_too_large")  # before anything looks at all of it
        text = b"Bearer " + token.encode("utf-8", "surrogatepass")  # a location of the user's may hand in anything
        principal = None if known is None or text == recalled else known.get(text)
        if principal is None:
            genuine = await authenticator.authenticate(token)
            passed = 2
            principal = principal_of(genuine.claims, genuine.trust.issuer)
            if enriched is not None:
                passed = 3
                principal = await enriched(principal)
            if known is not None:
                known.put(text, genuine, principal)
    except AuthError as refusal:
        return Admission(request, ANONYMOUS, refusal, location, (*_PASSED[:passed], _FAILED[passed]))
    admission = _Draft()
    admission.request = request
    admission.principal = principal
    admission.refusal = None
    admission.location = location
    admission.checks = _PASSED
    admission.waived_by = ""
    admission.caller = ANONYMOUS
    admission.__class__ = Admission
    return admission  # type: ignore[no-any-return]  # it has become one


def find_token(request: RequestInfo, locations: Sequence[TokenLocation]) -> tuple[str, TokenLocation]:
    """The token of the first location where something stands. Raises MissingToken and MalformedRequest.

    Cookies are sent by themselves, so that one may stand beside; who writes a token into the query as well has sent it
    in two ways (RFC 6750 section 2).
    """
    for number, location in enumerate(locations, start=1):
        token = location(request)
        if token is not None:
            if number < len(locations) and any(
                isinstance(later, TokenInQuery) and later(request) is not None for later in locations[number:]
            ):
                raise MalformedRequest("several_tokens")
            return token, location
    raise MissingToken


def waived(admission: Admission, mark_of_route: Callable[[], Mark | None]) -> Admission:
    """Let a refused request pass where its route allows it. The route is asked only here, only for a refusal.

    A public route takes callers without a token, an unguarded one everyone; a CORS preflight carries no token and
    passes (Fetch standard, section 4.8). Whoever passes this way is ANONYMOUS.
    """
    reason = ""
    anonymous = isinstance(admission.refusal, MissingToken)
    if anonymous and admission.request.is_preflight:
        reason = "preflight"
    else:
        mark = mark_of_route()
        if mark is Mark.UNGUARDED or (mark is Mark.PUBLIC and anonymous):
            reason = mark.value
    if not reason:
        return admission
    return Admission(admission.request, ANONYMOUS, None, None, (), waived_by=reason)
