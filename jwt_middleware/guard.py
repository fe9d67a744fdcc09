"""Guard: the public object; declarations in, working parts held, decisions out."""

import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import partial

from .access.admission import Admission, admit, find_token, waived
from .access.challenge import Challenge, challenge_for
from .access.current import current_passage
from .access.explanation import explained, in_short
from .access.hooks import Enrich, OnAdmitted, OnRefused, concluded, enriched, tell_refused
from .access.marks import Mark
from .access.principal import ANONYMOUS, Principal
from .access.refusal_body import RefusalBody, problem_json
from .access.request import RequestInfo
from .access.requirements import Requirement, demand_of
from .access.token_location import TokenInQuery, TokenLocation, authorization_header
from .decisions import Check, Decision, Observer, Verdict
from .errors import AuthError, Forbidden
from .guard_mistakes import refuse_mistakes, refuse_wrong_hooks
from .keys.key_state import KeyState
from .observers.log import LogObserver
from .verification.authenticator import Authenticator, RevocationCopy, RevocationStore
from .verification.token_cache import TokenCache
from .verification.trusted_issuer import TrustedIssuer
from .verification.trusts import Resolver, Trusts
from .watching import WatchedAuthenticator, WatchedCache, Watcher, lag_of, watched, watched_recall
from .wiring import keys_of, prepare


class Guard:
    """Decides over requests: it admits or refuses. Build one per application and hand it to the door.

    ``trusted``: whose tokens are taken. ``resolver``: for issuers that are known only at run time, a function from what
    ``iss`` says to a TrustedIssuer or None; plain or ``async``, but plain behind sync doors. Nothing is fetched before
    it has said yes, its yes holds for a minute, at most ``max_resolved`` of its issuers are kept, and about as many new
    ones taken in each minute. ``token_from``: where in a request the token stands; the first place that holds something
    decides. ``realm``: the protected space in challenges, by default the audience. ``error_uri``: a page that explains
    refusals, for challenges and problem documents; ``{code}`` in it stands for the reason code. ``refusal_body``: what
    the body of a refusal looks like. ``explain_refusals``: a caller who lacks something is told in ``because`` what
    decided, and the log gets the whole of it. ``revocations``: asked for every token, or looked up where this process
    holds a copy; when it cannot answer, the request is answered 503. ``observers``: told of every decision.
    ``enrich``: adds what the application knows of a caller, once per token that is verified. ``on_admitted``: called
    with every caller that is let in; raises an AuthError to refuse. ``on_refused``: called with every refusal.
    ``clock``: seconds since the epoch. ``monotonic``: seconds on a clock that never goes back, for the age of keys.
    Raises ConfigurationError with every mistake.

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
        explain_refusals: bool = False,
        revocations: RevocationStore | None = None,
        observers: Sequence[Observer] | None = None,
        enrich: Enrich | None = None,
        on_admitted: OnAdmitted | None = None,
        on_refused: OnRefused | None = None,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        refuse_mistakes(trusted, resolver, max_resolved, token_from, realm, error_uri, refusal_body, explain_refusals)
        refuse_wrong_hooks(observers or (), enrich, on_admitted, on_refused)
        self.trusted: tuple[TrustedIssuer, ...] = trusted
        self.resolves: bool = resolver is not None  # issuers that were not declared
        self.realm: str = min(trusted[0].rules.audience) if realm is None else realm
        said = {"revocations": revocations, "on_admitted": on_admitted}
        self.not_rehearsed: tuple[str, ...] = tuple(name for name, given in said.items() if given is not None)
        self._rebuilt = partial(Guard, resolver=resolver, max_resolved=max_resolved, realm=self.realm, enrich=enrich)
        self._error_uri = error_uri
        self._refusal_body = refusal_body
        self._explains = explain_refusals
        self._locations = tuple(token_from)
        self._observers: tuple[Observer, ...] = (
            (LogObserver(explanations=explain_refusals),) if observers is None else tuple(observers)
        )
        self._watcher = next((each for each in self._observers if isinstance(each, Watcher)), None)
        keys = partial(keys_of, monotonic=monotonic)
        if self._watcher is not None:
            keys = partial(keys, watching=partial(self._watcher.step, "keys"))
        self._trusts = Trusts(trusted, resolver, keys_of=keys, max_resolved=max_resolved, clock=monotonic)
        if resolver is not None:
            prepare()
        self._clock = clock
        self._enriched = None if enrich is None else partial(enriched, enrich=enrich)
        self._on_admitted = on_admitted
        self._on_refused = on_refused
        self._authenticator = Authenticator(self._trusts, revocations, clock)
        # A store that must be asked on every request is asked before anything may answer; a copy is looked up.
        look_up = revocations.look_up if isinstance(revocations, RevocationCopy) else None
        asked = revocations is not None and look_up is None
        self._known: TokenCache[Principal] | None = (
            None if asked else TokenCache(max_size=self._trusts.max_size, clock=clock, revoked=look_up)
        )
        wanted = [each for each in self._observers if getattr(each, "admissions", True) and each is not self._watcher]
        self._told_of_callers = (*wanted, *(() if self._watcher is None else (self._watcher,)))
        # a header decides by itself only where no query may hold a second token
        alone = authorization_header in token_from[:1] and not any(
            isinstance(each, TokenInQuery) for each in token_from
        )
        self._at_once = self._known is not None and alone and not wanted and on_admitted is None
        if self._watcher is not None:
            self._watch(self._watcher, revocations)
        self.recall = self._known.get if self._known is not None and self._at_once else _nobody
        if self._watcher is not None and self._at_once:
            self.recall = watched_recall(self.recall, self._watcher)

    recall: Callable[[bytes], Principal | None]
    """The warm way: who sends this value of the Authorization header, if its token was verified a moment ago.

    A plain function, for doors to try first with the one Authorization header of a request. None decides nothing.
    Always None where every admission must be seen: by a revocation store that is asked, by an observer of
    admissions, or by ``on_admitted``.
    """

    def admit(self, request: RequestInfo, recalled: bytes | None = None) -> Coroutine[None, None, Admission]:
        """Find out who is calling. Never raises an AuthError; nobody is told before ``conclude``.

        ``recalled``: what ``recall`` has just been asked in vain, so that nobody looks for it again.
        """
        again = recalled if self._at_once else None
        admitting = admit(request, self._locations, self._authenticator, self._known, self._enriched, again)
        return admitting if self._watcher is None else watched(admitting, self._watcher)

    def conclude(self, admission: Admission, mark_of_route: Callable[[], Mark | None] = lambda: None) -> Admission:
        """Give a refused request what its route allows, and tell the observers. Call it once per request."""
        final = admission
        if admission.refusal is not None:
            if admission.refusal.told:
                return admission  # it was concluded before, when a hook refused it
            final = waived(admission, mark_of_route)
        elif self._on_admitted is not None:
            final = concluded(admission, self._on_admitted)
        if final.refusal is not None or admission.refusal is not None:
            self._tell(final.decision, final.refusal, final.request)
        elif self._told_of_callers:
            decision = final.decision
            for observer in self._told_of_callers:
                observer.decided(decision)
        return final

    def withdraw(self, admission: Admission) -> None:
        """Tell the observers that the refusal which ``conclude`` has waived holds after all."""
        self._tell(admission.decision, admission.refusal, admission.request)

    def demand(
        self, principal: Principal, requirement: Requirement, path_parameters: Mapping[str, object] | None
    ) -> None:
        """Raise MissingToken for ANONYMOUS, and Forbidden with what was missing for a caller who lacks something.

        ``path_parameters`` is None where the framework has no routes. A refusal is told to the observers.
        """
        try:
            demand_of(principal, requirement, path_parameters)
        except AuthError as refusal:
            lacking = isinstance(refusal, Forbidden)
            why = explained(requirement, principal, path_parameters) if lacking else None
            if self._explains and why is not None and isinstance(refusal, Forbidden):
                refusal.because = in_short(requirement, why)
            request = _request_here()
            decision = _refused_inside(refusal, request, principal, "requirement met", str(requirement), why)
            self._tell(decision, refusal, request)
            raise

    def token(self, request: RequestInfo) -> str | None:
        """The token of a request, unverified, where this guard looks for it; None where nothing stands."""
        try:
            return find_token(request, self._locations)[0]
        except AuthError:
            return None

    def seconds_left(self, principal: Principal) -> float | None:
        """How long the token behind ``principal`` is still taken, leeway included; None for ANONYMOUS."""
        if principal.expires_at is None:
            return None
        return principal.expires_at + self._trusts.leeway(principal.issuer) - self._clock()

    def challenge(self, refusal: AuthError) -> Challenge:
        """The HTTP answer to a refusal. What the application has raised by itself is told to the observers first."""
        if not refusal.told:
            passage = current_passage()
            caller = ANONYMOUS if passage is None else passage.principal
            request = _request_here()
            self._tell(_refused_inside(refusal, request, caller, "allowed by the application"), refusal, request)
        return challenge_for(refusal, self.realm, error_uri=self._error_uri, body=self._refusal_body)

    def rehearsal(self, trusted: Sequence[TrustedIssuer], clock: Callable[[], float]) -> "Guard":
        """A guard that finds out who is calling as this one does, at another moment or with other keys, for tools.

        It asks no revocations, calls no ``on_admitted`` and tells nobody: ``not_rehearsed`` says what is left out.
        """
        return self._rebuilt(*trusted, observers=[], clock=clock)

    def ready(self) -> tuple[KeyState, ...]:
        """What is known of the keys of each issuer that was declared, for a health route.

        Never waits: keys that are missing or due are asked for beside it, within the usual bounds, so that a service
        which is probed before it gets requests starts warm.
        """
        for trust in self._trusts.declared:
            trust.keys.renew(apart=True)
        return tuple(trust.keys.state(self._clock()) for trust in self._trusts.declared)

    def _tell(self, decision: Decision, refusal: AuthError | None, request: RequestInfo | None) -> None:
        if refusal is not None:
            refusal.told = True
        for observer in self._observers:
            observer.decided(decision)
        if refusal is not None and self._on_refused is not None:
            tell_refused(self._on_refused, decision, request)

    def _watch(self, watcher: Watcher, revocations: RevocationStore | None) -> None:
        """Put in the place of what works what works and is watched."""
        self._authenticator = WatchedAuthenticator(self._trusts, revocations, self._clock, watcher)
        if self._known is not None:
            look_up = revocations.look_up if isinstance(revocations, RevocationCopy) else None
            self._known = known = WatchedCache(max_size=self._trusts.max_size, clock=self._clock, revoked=look_up)
            known.watcher = watcher
        watcher.attached(
            lambda: tuple(trust.keys.state(self._clock()) for trust in self._trusts.declared), lag_of(revocations)
        )


def _request_here() -> RequestInfo | None:
    """What is known of the request that is being served."""
    passage = current_passage()
    return None if passage is None or passage.info is None else passage.info(passage.request)


def _refused_inside(
    refusal: AuthError,
    info: RequestInfo | None,
    caller: Principal,
    check: str,
    requirement: str = "",
    explanation: Verdict | None = None,
) -> Decision:
    """The record of a refusal after the request was let in."""
    return Decision(
        admitted=False,
        reason=refusal.reason,
        method="" if info is None else info.method,
        path="" if info is None else info.path,
        issuer=caller.issuer,
        subject=caller.subject,
        client_id=caller.client_id or "",
        token_id=caller.token_id or "",
        actors=tuple(each.name for each in caller.actors),
        requirement=requirement,
        checks=(Check(check, False),),
        missing=refusal.missing if isinstance(refusal, Forbidden) else (),
        cause="" if refusal.__cause__ is None else type(refusal.__cause__).__name__,
        explanation=explanation,
    )


def _nobody(authorization: bytes) -> None:
    """Nobody is recalled where every admission must be seen."""
