"""SessionEndpoints: log in, refresh, log out, list and end sessions, verify. Requests in, answers out.

These are endpoints of one application for its own users, and no OAuth token endpoint: there is no password grant
(RFC 9700 section 2.4).
"""

from collections.abc import Awaitable, Callable, Mapping
from math import ceil

from ..access.challenge import challenge_for
from ..errors import AuthError
from ..waiting import ask
from .asked import asked
from .cookies import SessionCookies
from .credentials import BodyRefused, LogIn, credentials_in, json_body, resources_in, scopes_in, text_in
from .exchange import Answer, IssuingRequest
from .own_session import OwnSession
from .refusals import NO_STORE, refusal_answer
from .session_answers import json_answer, shown, tokens_answer
from .sessions import Sessions
from .throttle import Throttle
from .tokens import Tokens


class SessionEndpoints:
    """What happens at each endpoint. ``answer`` is asked by doors, all of whose routes for it are unguarded.

    A browser that sends an expired token along still logs in, refreshes and logs out: the Authorization header is
    looked at only where somebody asks for their own sessions.
    """

    def __init__(
        self,
        sessions: Sessions,
        accounts: LogIn,
        *,
        throttle: Throttle,
        cookies: SessionCookies | None = None,
    ) -> None:
        self.sessions = sessions
        self._accounts = accounts
        self._throttle = throttle
        self._cookies = cookies
        self._own = OwnSession(sessions, cookies)
        self.endpoints: Mapping[str, Callable[[IssuingRequest], Awaitable[Answer]]] = {
            "login": self._log_in,
            "refresh": self._refresh,
            "logout": self._log_out,
            "logout_everywhere": self._log_out_everywhere,
            "sessions": self._list,
            "session": self._end,
            "verify": self._verify,
        }

    async def answer(self, endpoint: str, request: IssuingRequest) -> Answer:
        """The answer of one of the ``endpoints``. Never raises an AuthError."""
        try:
            return await self.endpoints[endpoint](request)
        except BodyRefused as refused:
            return refusal_answer(refused.code)
        except AuthError as refusal:
            challenge = challenge_for(refusal, "sessions")
            return Answer(challenge.status, challenge.headers, challenge.body)

    async def _log_in(self, request: IssuingRequest) -> Answer:
        self._refuse_other_sites(request)
        body = json_body(request)
        credentials = credentials_in(body, request.source)
        scopes, resources = scopes_in(body), resources_in(body)
        wait = await asked(self._throttle.attempt, self._throttle.aattempt, credentials.username, request.address)
        if wait > 0:
            return refusal_answer("too_many_attempts", ("retry-after", str(ceil(wait))))
        account = await asked(self._accounts.log_in, self._accounts.alog_in, credentials)
        if account is None or self._looks_like_a_client(account.subject):
            return refusal_answer("credentials_refused")
        await ask(self._throttle.succeeded, self._throttle.asucceeded, credentials.username, request.address)
        agent = next(iter(request.info.header("user-agent")), "")
        begun = await self.sessions.begin(
            account, scopes=scopes, resources=resources, address=request.address, agent=agent
        )
        return self._handed_out(begun, request)

    async def _refresh(self, request: IssuingRequest) -> Answer:
        self._refuse_other_sites(request)
        body = json_body(request)
        token = self._refresh_token(request, body)
        if not token:
            return refusal_answer("refresh_refused" if self._cookies else "body_malformed", *self._taken_back(request))
        continued = await self.sessions.refresh(token, scopes=scopes_in(body), resources=resources_in(body))
        return self._handed_out(continued, request)

    async def _log_out(self, request: IssuingRequest) -> Answer:
        """Whoever is logged out already gets the same answer, and so does a text that is no token of ours."""
        self._refuse_other_sites(request)
        token = self._refresh_token(request, json_body(request))
        if token:
            await self.sessions.end_by_token(token)
        else:
            session = await self._own.of_whoever(request)
            if session is not None:
                await self.sessions.end(session, "logout")
        return Answer(204, (NO_STORE, *self._taken_back(request)), b"")

    async def _log_out_everywhere(self, request: IssuingRequest) -> Answer:
        self._refuse_other_sites(request)
        token = self._refresh_token(request, json_body(request))
        session = await self.sessions.holder_of(token) if token else await self._own.of(request)
        if session is None:
            return refusal_answer("refresh_refused", *self._taken_back(request))
        ended = await self.sessions.end_all(session.subject)
        return json_answer({"ended": ended}, self._taken_back(request))

    async def _list(self, request: IssuingRequest) -> Answer:
        own = await self._own.of(request)
        found = await self.sessions.of_subject(own.subject)
        newest_first = sorted(found, key=lambda each: each.refreshed_at, reverse=True)
        return json_answer({"sessions": [shown(each, own) for each in newest_first]})

    async def _end(self, request: IssuingRequest) -> Answer:
        own = await self._own.of(request)
        named = request.parameters.get("session_id", "")
        for each in await self.sessions.of_subject(own.subject):
            if each.session_id == named:
                await self.sessions.end(each, "ended")
                return Answer(204, (NO_STORE,), b"")
        return refusal_answer("session_unknown")

    async def _verify(self, request: IssuingRequest) -> Answer:
        """Whether an access token of ours is good, its session included: for whoever cannot verify by themselves."""
        token = text_in(json_body(request), "token")
        if not token:
            return refusal_answer("body_malformed")
        claims = await self._own.verified(token)
        left = max(0, int(claims.expires_at - self.sessions.clock()))
        return json_answer({"valid": True, "subject": claims.subject, "expires_in": left})

    def _looks_like_a_client(self, subject: str) -> bool:
        """Whoever could choose such a name for themselves would be taken for a machine (RFC 9068 section 5)."""
        return subject == self.sessions.client_id or subject.startswith("client:")

    def _refuse_other_sites(self, request: IssuingRequest) -> None:
        if self._cookies is not None:
            self._cookies.refuse_other_sites(request.info)

    def _refresh_token(self, request: IssuingRequest, body: Mapping[str, object]) -> str | None:
        return text_in(body, "refresh_token") if self._cookies is None else self._cookies.refresh_token(request)

    def _taken_back(self, request: IssuingRequest) -> tuple[tuple[str, str], ...]:
        return () if self._cookies is None else tuple(self._cookies.clear(request.folder))

    def _handed_out(self, tokens: Tokens | str, request: IssuingRequest) -> Answer:
        if isinstance(tokens, str):
            gone = tokens == "refresh_refused"
            return refusal_answer(tokens, *(self._taken_back(request) if gone else ()))
        return tokens_answer(tokens, None if self._cookies is None else self._cookies.set(tokens, request.folder))
