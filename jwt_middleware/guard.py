"""Guard: the public object; declarations in, working parts held, decisions out."""

import re
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import partial
from typing import Final

from .access.admission import Admission, admit, waived
from .access.challenge import Challenge, challenge_for
from .access.marks import Mark
from .access.principal import Principal
from .access.refusal_body import RefusalBody, problem_json
from .access.request import RequestInfo
from .access.requirements import Requirement, demand_of
from .access.token_location import (
    TokenInCookie,
    TokenInHeader,
    TokenInQuery,
    TokenInWebSocketProtocol,
    TokenLocation,
    authorization_header,
)
from .decisions import Check, Decision, Observer
from .errors import AuthError, ConfigurationError, Forbidden
from .keys.key_state import KeyState
from .observers.log import LogObserver
from .verification.authenticator import Authenticator, RevocationCopy, RevocationStore
from .verification.token_cache import TokenCache
from .verification.trusted_issuer import TrustedIssuer
from .verification.trusts import Resolver, Trusts
from .wiring import keys_of, prepare

_LEGAL_REALM: Final = re.compile(r"[\x20\x21\x23-\x5b\x5d-\x7e]+")  # RFC 6750 section 3
_LEGAL_URI: Final = re.compile(r"https?://(?:[A-Za-z0-9._~:/?\[\]@!$&'()*+,;=%-]|\{code\})+")  # RFC 3986, no fragment


class Guard:
    """Decides over requests: it admits or refuses. Build one per application and hand it to the door.

    ``trusted``: whose tokens are taken. ``resolver``: for issuers that are known only at run time, a function from what
    ``iss`` says to a TrustedIssuer or None; plain or ``async``, but plain behind sync doors. Nothing is fetched before
    it has said yes, its yes holds for a minute, and at most ``max_resolved`` of its issuers are kept. ``token_from``:
    where in a request the token stands; the first place that holds something decides. ``realm``: the protected space in
    challenges, by default the audience. ``error_uri``: a page that explains refusals, for challenges and problem
    documents; ``{code}`` in it stands for the reason code. ``refusal_body``: what the body of a refusal looks like.
    ``revocations``: asked for every token, or looked up where this process holds a copy; when it cannot answer, the
    request is answered 503. ``observers``: told of every decision. ``clock``: seconds since the epoch. ``monotonic``:
    seconds on a clock that never goes back, for the age of keys. Raises ConfigurationError with every mistake.

    Safe to share between threads, event loops and applications. Fetches nothing before the first request.
    """

    def __init__(
        self,
        *trusted: TrustedIssuer,
        resolver: Resolver | None = None,
        max_resolved: int = 1_000,
        token_from: Sequence[TokenLocation] = (authorization_header,),
        realm: str | None = None,
        error_uri: str | None = None,
        refusal_body: RefusalBody = problem_json,
        revocations: RevocationStore | None = None,
        observers: Sequence[Observer] | None = None,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        _refuse_mistakes(trusted, resolver, max_resolved, token_from, realm, error_uri, refusal_body)
        self.trusted: tuple[TrustedIssuer, ...] = trusted
        self.realm: str = min(trusted[0].rules.audience) if realm is None else realm
        self._error_uri = error_uri
        self._refusal_body = refusal_body
        self._locations = tuple(token_from)
        self._observers: tuple[Observer, ...] = (LogObserver(),) if observers is None else tuple(observers)
        self._trusts = Trusts(
            trusted, resolver, keys_of=partial(keys_of, monotonic=monotonic), max_resolved=max_resolved, clock=monotonic
        )
        if resolver is not None:
            prepare()
        self._clock = clock
        self._authenticator = Authenticator(self._trusts, revocations, clock)
        # A store that must be asked on every request is asked before anything may answer; a copy is looked up.
        look_up = revocations.look_up if isinstance(revocations, RevocationCopy) else None
        asked = revocations is not None and look_up is None
        self._known: TokenCache[Principal] | None = None if asked else TokenCache(clock=clock, revoked=look_up)
        self._tells_admissions = any(getattr(observer, "admissions", True) for observer in self._observers)
        # a header decides by itself only where no query may hold a second token
        alone = authorization_header in token_from[:1] and not any(
            isinstance(each, TokenInQuery) for each in token_from
        )
        at_once = self._known is not None and alone and not self._tells_admissions
        self.recall = self._known.get if self._known is not None and at_once else _nobody

    recall: Callable[[bytes], Principal | None]
    """The warm way: who sends this value of the Authorization header, if its token was verified a moment ago.

    A plain function, for doors to try first with the one Authorization header of a request. None decides nothing.
    Always None where every admission must be seen: by a revocation store that is asked, or by an observer of
    admissions.
    """

    def admit(self, request: RequestInfo) -> Coroutine[None, None, Admission]:
        """Find out who is calling. Never raises an AuthError; nobody is told before ``conclude``."""
        return admit(request, self._locations, self._authenticator, self._known)

    def conclude(self, admission: Admission, mark_of_route: Callable[[], Mark | None] = lambda: None) -> Admission:
        """Give a refused request what its route allows, and tell the observers. Call it once per request."""
        if admission.refusal is None and not self._tells_admissions:
            return admission
        final = waived(admission, mark_of_route)
        self._tell(final.decision)
        return final

    def withdraw(self, admission: Admission) -> None:
        """Tell the observers that the refusal which ``conclude`` has waived holds after all."""
        self._tell(admission.decision)

    def demand(
        self, principal: Principal, requirement: Requirement, path_parameters: Mapping[str, object] | None
    ) -> None:
        """Raise MissingToken for ANONYMOUS, and Forbidden with what was missing for a caller who lacks something.

        ``path_parameters`` is None where the framework has no routes. A refusal is told to the observers.
        """
        try:
            demand_of(principal, requirement, path_parameters)
        except AuthError as refusal:
            self._tell(
                Decision(
                    admitted=False,
                    reason=refusal.reason,
                    issuer=principal.issuer,
                    subject=principal.subject,
                    requirement=str(requirement),
                    checks=(Check("requirement met", False),),
                    missing=refusal.missing if isinstance(refusal, Forbidden) else (),
                )
            )
            raise

    def seconds_left(self, principal: Principal) -> float | None:
        """How long the token behind ``principal`` is still taken, leeway included; None for ANONYMOUS."""
        if principal.expires_at is None:
            return None
        return principal.expires_at + self._trusts.leeway(principal.issuer) - self._clock()

    def challenge(self, refusal: AuthError) -> Challenge:
        """The HTTP answer to a refusal."""
        return challenge_for(refusal, self.realm, error_uri=self._error_uri, body=self._refusal_body)

    def ready(self) -> tuple[KeyState, ...]:
        """What is known of the keys of each issuer that was declared, for a health route.

        Never waits: keys that are missing or due are asked for beside it, within the usual bounds, so that a service
        which is probed before it gets requests starts warm.
        """
        for trust in self._trusts.declared:
            trust.keys.renew(apart=True)
        return tuple(trust.keys.state(self._clock()) for trust in self._trusts.declared)

    def _tell(self, decision: Decision) -> None:
        for observer in self._observers:
            observer.decided(decision)


def _nobody(authorization: bytes) -> None:
    """Nobody is recalled where every admission must be seen."""


def _header_after_others(token_from: Sequence[TokenLocation]) -> bool:
    others = (TokenInCookie, TokenInWebSocketProtocol, TokenInQuery)
    first = next((place for place, each in enumerate(token_from) if isinstance(each, others)), len(token_from))
    return any(isinstance(each, TokenInHeader) for each in token_from[first:])


def _refuse_mistakes(
    trusted: Sequence[TrustedIssuer],
    resolver: Resolver | None,
    max_resolved: int,
    token_from: Sequence[TokenLocation],
    realm: str | None,
    error_uri: str | None,
    refusal_body: RefusalBody,
) -> None:
    mistakes = []
    if not trusted and resolver is None:
        mistakes.append("Guard(): name at least one TrustedIssuer")
    strangers = [type(each).__name__ for each in trusted if not isinstance(each, TrustedIssuer)]
    if strangers:
        mistakes.append(f"Guard(): takes TrustedIssuer objects, not {', '.join(strangers)}")
    named = [said for each in trusted if isinstance(each, TrustedIssuer) for said in each.rules.issuers]
    for said in sorted({str(each) for each in named if named.count(each) > 1}):
        mistakes.append(f"Guard(): {said!r} is trusted twice; make it one TrustedIssuer with every audience")
    if resolver is not None and not callable(resolver):
        mistakes.append("Guard(resolver=...): takes a function from an issuer to a TrustedIssuer or None")
    if isinstance(max_resolved, bool) or not isinstance(max_resolved, int) or max_resolved < 1:
        mistakes.append(f"Guard(max_resolved={max_resolved!r}): write how many issuers are kept, 1 or more")
    if not trusted and resolver is not None and realm is None:
        mistakes.append("Guard(realm=...): say one, such as your audience, where every issuer comes from a resolver")
    snapshots = [each.snapshot for each in trusted if isinstance(each, TrustedIssuer) and each.snapshot]
    for path in sorted({each for each in snapshots if snapshots.count(each) > 1}):
        mistakes.append(f"Guard(): two issuers have the snapshot {path!r}; give each a file of its own")
    if not isinstance(token_from, Sequence) or not token_from or not all(callable(each) for each in token_from):
        mistakes.append(
            "Guard(token_from=...): takes a list of places, such as [authorization_header, token_in_cookie(...)]"
        )
    elif authorization_header in token_from[1:]:
        mistakes.append("Guard(token_from=...): authorization_header comes first: where it is present, only it counts")
    elif _header_after_others(token_from):
        mistakes.append(
            "Guard(token_from=...): headers come before cookies, protocols and queries: where one is present, only it"
            " counts"
        )
    shown = realm if realm is not None else min(trusted[0].rules.audience) if named and not strangers else "ok"
    if not _LEGAL_REALM.fullmatch(shown):
        mistakes.append(f"Guard(realm={shown!r}): a realm is plain ASCII without quotes or backslashes; choose one")
    if error_uri is not None and not (isinstance(error_uri, str) and _LEGAL_URI.fullmatch(error_uri)):
        mistakes.append(
            f"Guard(error_uri={error_uri!r}): write the URL of a page, such as 'https://docs.example.com/errors/{{code}}'"
        )
    if not callable(refusal_body):
        mistakes.append("Guard(refusal_body=...): takes a function such as problem_json, detail_and_code or plain_text")
    if mistakes:
        raise ConfigurationError(*mistakes)
