"""LogoutReceiver: a provider says who has logged out, and their tokens are refused (OpenID Back-Channel Logout 1.0)."""

import math
import re
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import Final, Protocol
from urllib.parse import parse_qs

from .access.request import RequestInfo
from .errors import AuthError, AuthUnavailable, ConfigurationError, InvalidToken
from .issuing.exchange import MAX_BODY, Answer, IssuingRequest
from .verification.compact import read
from .verification.json_object import parse_object
from .verification.revocation import Revocation
from .verification.trusted_issuer import TrustedIssuer
from .verification.trusts import Trust, Trusts
from .verification.verify import verify_signature
from .waiting import ask
from .wiring import keys_of

_EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"
_KINDS: Final = frozenset({"logout+jwt", "jwt", ""})  # section 2.4; other explicit types are other tokens
_FORM: Final = re.compile(r"application/x-www-form-urlencoded\s*(;.*)?", re.IGNORECASE)
_NO_STORE: Final = ("cache-control", "no-store")


class Revoker(Protocol):
    """A revocation store that takes revocations."""

    def revoke(self, revocation: Revocation) -> None: ...

    async def arevoke(self, revocation: Revocation) -> None: ...


class LogoutReceiver:
    """Takes logout tokens of ``trusted`` issuers and withdraws what they name, in the store that your guards ask.

    ``client_id``: yours at the provider; a logout token is meant for it, whatever your audience is. A token that names
    a session (``sid``) ends that session; one that names a subject alone, and each one with ``whole_subject``, ends
    whatever was issued to the subject until now: for providers whose access tokens name no session.
    ``token_lifetime``: how long the provider's access tokens live at most, in seconds or a timedelta. ``clock``:
    seconds since the epoch. Raises ConfigurationError.
    """

    def __init__(
        self,
        *trusted: TrustedIssuer,
        client_id: str,
        revocations: Revoker,
        whole_subject: bool = False,
        token_lifetime: float | timedelta = 86_400.0,  # seconds
        clock: Callable[[], float] = time.time,
    ) -> None:
        lifetime = token_lifetime.total_seconds() if isinstance(token_lifetime, timedelta) else token_lifetime
        mistakes = []
        if not trusted or not client_id:
            mistakes.append("LogoutReceiver(): name a TrustedIssuer, and your client id there")
        if isinstance(lifetime, bool) or not isinstance(lifetime, int | float) or not 1 <= lifetime < math.inf:
            mistakes.append(f"LogoutReceiver(token_lifetime={token_lifetime!r}): write a number of seconds, 1 or more")
        if mistakes:
            raise ConfigurationError(*mistakes)
        self._trusts = Trusts(trusted, keys_of=partial(keys_of, monotonic=time.monotonic), clock=time.monotonic)
        self._client_id = client_id
        self._revocations = revocations
        self._whole_subject = whole_subject
        self._lifetime = float(lifetime)
        self._clock = clock

    async def answer(self, request: IssuingRequest) -> Answer:
        """What is answered to a POST with a form (section 2.5): 200 once the effect is there, or 400."""
        try:
            await self.receive(_logout_token(request.info, request.body))
        except AuthUnavailable as unavailable:
            return Answer(503, (_NO_STORE, ("retry-after", str(unavailable.retry_after))), b"")
        except AuthError:
            body = b'{"error": "invalid_request"}'
            return Answer(400, (("content-type", "application/json"), _NO_STORE), body)
        return Answer(200, (_NO_STORE,), b"")

    async def receive(self, token: str) -> None:
        """Verify one logout token (section 2.6), and withdraw what it names.

        A second delivery changes nothing. Raises InvalidToken, or AuthUnavailable when keys or the store are out of
        reach.
        """
        unverified = read(token, self._trusts.max_size)
        header = unverified.header
        trust = await self._trusts.named(parse_object(unverified.payload).get("iss"))
        if header.algorithm not in trust.issuer.rules.algorithms:
            raise InvalidToken("algorithm_refused")
        if header.kind not in _KINDS:
            raise InvalidToken("kind_refused")
        values = parse_object(unverified.payload)
        self._look_at(values, trust)  # nobody makes us fetch for a token that is refused anyway
        verify_signature(unverified, await trust.keys.find(header.kid, header.algorithm))
        try:
            for revocation in self._named(values, trust):
                await ask(self._revocations.revoke, self._revocations.arevoke, revocation)
        except Exception as error:
            raise AuthUnavailable("revocations_unavailable") from error

    def _look_at(self, values: Mapping[str, object], trust: Trust) -> None:
        now, leeway = self._clock(), trust.issuer.rules.leeway
        issued_at, expires_at = _time(values, "iat"), _time(values, "exp")
        if now >= expires_at + leeway:
            raise InvalidToken("token_expired")
        if now < issued_at - leeway:
            raise InvalidToken("token_not_yet_valid")
        audience = values.get("aud")
        if self._client_id not in (audience if isinstance(audience, tuple) else (audience,)):
            raise InvalidToken("audience_mismatch")
        events = values.get("events")
        if not isinstance(events, Mapping) or not isinstance(events.get(_EVENT), Mapping) or "nonce" in values:
            raise InvalidToken("kind_refused")
        if not isinstance(values.get("jti"), str):
            raise InvalidToken("claim_missing")
        named = [values[name] for name in ("sub", "sid") if name in values]
        if not named or not all(isinstance(each, str) and each for each in named):
            raise InvalidToken("claim_missing")

    def _named(self, values: Mapping[str, object], trust: Trust) -> list[Revocation]:
        rules = trust.issuer.rules
        said = values.get("iss")
        issuer = rules.issuers[said if isinstance(said, str) else None]
        now = self._clock()
        until = now + self._lifetime + rules.leeway
        found = []
        if "sid" in values:
            found.append(Revocation("session", issuer, str(values["sid"]), until))
        if "sub" in values and (self._whole_subject or "sid" not in values):
            found.append(Revocation("subject", issuer, str(values["sub"]), until, before=now))
        return found

    def __repr__(self) -> str:
        return f"<LogoutReceiver of {self._client_id!r}>"


def _logout_token(info: RequestInfo, body: bytes) -> str:
    types = info.header("content-type")
    if len(types) != 1 or not _FORM.fullmatch(types[0]) or len(body) > MAX_BODY:
        raise InvalidToken
    try:
        form = parse_qs(body.decode("ascii"), keep_blank_values=True, max_num_fields=20)
    except ValueError:
        raise InvalidToken from None
    tokens = form.get("logout_token", [])
    if len(tokens) != 1:
        raise InvalidToken
    return tokens[0]


def _time(values: Mapping[str, object], name: str) -> float:
    found = values.get(name)
    if isinstance(found, bool) or not isinstance(found, int | float):
        raise InvalidToken("claim_malformed")
    return float(found)
