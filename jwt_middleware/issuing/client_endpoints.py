"""ClientEndpoints: tokens for clients, revocation (RFC 7009), introspection (RFC 7662). Requests in, answers out."""

import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final, TypeGuard

from ..errors import AuthUnavailable, ConfigurationError, InvalidToken
from ..events import event
from ..verification.authenticator import RevocationStore
from ..verification.revocation import Revocation
from ..waiting import ask
from .client_form import Form, Refused, form_of, nothing_said, refusal, required, said, scopes_in
from .client_grants import ClientGrants
from .client_proof import ASSERTION_ALGORITHMS, ClientProof
from .documents import metadata_document
from .endings import Revoker
from .exchange import Answer, IssuingRequest
from .introspection import Introspection
from .own_tokens import OwnTokens
from .registered_client import ClientRegistry, RegisteredClient
from .sessions import Sessions
from .succession import LARGEST_LEEWAY
from .throttle import MemoryThrottle, Throttle
from .token_issuer import TokenIssuer
from .used_assertions import UsedAssertions, UsedInMemory

EXCHANGE: Final = "urn:ietf:params:oauth:grant-type:token-exchange"
GRANT_TYPES: Final = ("client_credentials", "refresh_token", EXCHANGE)
METHODS: Final = ("client_secret_basic", "client_secret_post", "private_key_jwt")

_log: Final = logging.getLogger("jwt_middleware")


class ClientEndpoints:
    """The token endpoint for registered clients, and beside it revocation and introspection.

    ``registry``: which clients there are. ``sessions``: those of clients that are confidential (``rotation=False``),
    whose refresh tokens are taken here; each for the client that its ``client_id`` names. ``revocations``: a store that
    takes revocations and answers for them; without one, access tokens cannot be revoked. ``throttle`` counts wrong
    secrets, ``used`` remembers assertions. ``clock``: seconds since the epoch. Raises ConfigurationError.
    """

    def __init__(
        self,
        issuer: TokenIssuer,
        registry: ClientRegistry,
        *,
        sessions: Sequence[Sessions] = (),
        revocations: RevocationStore | None = None,
        throttle: Throttle | None = None,
        used: UsedAssertions | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        if len({each.client_id for each in sessions}) != len(sessions):
            raise ConfigurationError("ClientEndpoints(sessions=...): two of them are of one client")
        self.issuer = issuer
        self._sessions = {each.client_id: each for each in sessions}
        self._revoker: Revoker | None = revocations if _takes_revocations(revocations) else None
        self._clock = clock
        self._proof = ClientProof(
            issuer.issuer, registry, throttle or MemoryThrottle(), used or UsedInMemory(clock), clock
        )
        self._own = OwnTokens(issuer, revocations, clock)
        self._grants = ClientGrants(issuer, self._own, clock)
        self._granted: Mapping[str, Callable[[RegisteredClient, Form], Awaitable[dict[str, object]]]] = {
            "client_credentials": self._grants.client_credentials,
            "refresh_token": self._refresh,
            EXCHANGE: self._grants.exchange,
        }
        self._introspection = Introspection(issuer, self._own, self._sessions, clock)
        self.endpoints: Mapping[str, Callable[[IssuingRequest, RegisteredClient, Form], Awaitable[Answer]]] = {
            "token": self._token,
            "revoke": self._revoke,
            "introspect": self._introspect,
        }

    @property
    def refreshes(self) -> bool:
        """Whether there are clients that refresh here."""
        return bool(self._sessions)

    async def answer(self, endpoint: str, request: IssuingRequest) -> Answer:
        """The answer of one of the ``endpoints``; the client is found out first. Never raises an AuthError."""
        try:
            form = form_of(request)
            client = await self._proof.client(request, form)
            return await self.endpoints[endpoint](request, client, form)
        except Refused as refused:
            return refusal(refused)
        except ConfigurationError:
            raise
        except Exception as error:  # noqa: BLE001  # whatever a registry or a store raises: it is out of reach
            cause = error.__cause__ or error
            _log.error(
                "the request of a client could not be decided: %s",
                type(cause).__name__,
                extra=event("service_not_decided", error=type(cause).__name__),
            )
            retry_after = error.retry_after if isinstance(error, AuthUnavailable) else 5
            return refusal(Refused("temporarily_unavailable", status=503, retry_after=retry_after))

    async def _token(self, request: IssuingRequest, client: RegisteredClient, form: Form) -> Answer:
        grant = self._granted.get(required(form, "grant_type"))
        if grant is None:
            raise Refused("unsupported_grant_type")
        return said(await grant(client, form))

    async def _refresh(self, client: RegisteredClient, form: Form) -> dict[str, object]:
        """A confidential client's refresh token stays: whoever takes it cannot use it without the client's proof."""
        sessions = self._sessions.get(client.client_id)
        if sessions is None:
            raise Refused("unauthorized_client")
        found = await sessions.refresh(
            required(form, "refresh_token"), scopes=scopes_in(form), resources=[*form.get("resource", ())] or None
        )
        if isinstance(found, str):
            errors = {"scope_refused": "invalid_scope", "resource_refused": "invalid_target"}
            raise Refused(errors.get(found, "invalid_grant"))
        answer = {"access_token": found.access_token, "token_type": "Bearer", "expires_in": found.expires_in}
        return {**answer, "refresh_token": found.refresh_token, "scope": await self._scope(found.access_token)}

    async def _revoke(self, request: IssuingRequest, client: RegisteredClient, form: Form) -> Answer:
        """Whatever is no token of ours is revoked already (RFC 7009 section 2.2); a hint changes nothing."""
        token = required(form, "token")
        for name, sessions in self._sessions.items():
            if await sessions.holder_of(token) is not None:
                if name != client.client_id:
                    raise Refused("invalid_request")  # and it is told so: RFC 7009 section 2.1
                await sessions.end_by_token(token)
                return nothing_said()
        try:
            claims = await self._own.verified(token, None)
        except InvalidToken:
            return nothing_said()
        if claims.values.get("client_id") != client.client_id:
            raise Refused("invalid_request")
        if self._revoker is None or claims.token_id is None:
            raise Refused("unsupported_token_type")
        until = claims.expires_at + LARGEST_LEEWAY
        revocation = Revocation("token", claims.issuer, claims.token_id, until)
        await ask(self._revoker.revoke, self._revoker.arevoke, revocation)
        return nothing_said()

    async def _introspect(self, request: IssuingRequest, client: RegisteredClient, form: Form) -> Answer:
        return await self._introspection.answer(client, required(form, "token"), request.info.header("accept"))

    async def _scope(self, token: str) -> object:
        return (await self._own.verified(token, None)).values.get("scope", "")


def token_endpoint_metadata(endpoints: ClientEndpoints, url: str) -> dict[str, object]:
    """The metadata of an issuer whose endpoints for clients stand below ``url`` (RFC 8414)."""
    issuer, base = endpoints.issuer, url.rstrip("/")
    return metadata_document(
        issuer.issuer,
        jwks_uri=None if issuer.keys.symmetric else f"{issuer.issuer.rstrip('/')}/jwks",
        token_endpoint=f"{base}/token",
        revocation_endpoint=f"{base}/revoke",
        introspection_endpoint=f"{base}/introspect",
        grant_types=[each for each in GRANT_TYPES if each != "refresh_token" or endpoints.refreshes],
        client_authentication=METHODS,
        client_assertion_algorithms=ASSERTION_ALGORITHMS,
    )


def _takes_revocations(store: object) -> TypeGuard[Revoker]:
    return callable(getattr(store, "revoke", None)) and callable(getattr(store, "arevoke", None))
