"""Which client asks: its secret in header or form (RFC 6749 section 2.3), or an assertion of its own (RFC 7523)."""

import re
from base64 import b64decode
from collections.abc import Callable, Mapping
from math import ceil
from typing import Final
from urllib.parse import unquote_to_bytes

from ..errors import InvalidToken
from ..verification.compact import read
from ..verification.json_object import parse_object
from ..verification.verify import verify_signature
from ..waiting import ask
from .client_form import Form, Refused, one
from .exchange import IssuingRequest
from .registered_client import ClientRegistry, RegisteredClient
from .throttle import Throttle
from .used_assertions import UsedAssertions

_BASIC: Final = re.compile(r"basic +([A-Za-z0-9+/]+={0,2})", re.IGNORECASE | re.ASCII)
_ASSERTION: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_KINDS: Final = ("client-authentication+jwt", "jwt", "")  # RFC 7523bis section 4; other explicit kinds are refused
ASSERTION_ALGORITHMS: Final = ("ES256", "ES384", "ES512", "EdDSA", "Ed25519", "PS256", "PS384", "PS512", "RS256")
_LONGEST: Final = 3600.0  # seconds that an assertion may have to live; some clients cannot make them shorter
_LEEWAY: Final = 30.0  # seconds that clocks may differ


class ClientProof:
    """Finds out which client sends a request, by one method and no second one. Holds no state of its own."""

    def __init__(
        self,
        issuer: str,
        registry: ClientRegistry,
        throttle: Throttle,
        used: UsedAssertions,
        clock: Callable[[], float],
    ) -> None:
        self._issuer = issuer
        self._registry = registry
        self._throttle = throttle
        self._used = used
        self._clock = clock

    async def client(self, request: IssuingRequest, form: Form) -> RegisteredClient:
        """The client of this request. Raises Refused."""
        headers = request.info.header("authorization")
        asserted = "client_assertion" in form or "client_assertion_type" in form
        if len(headers) > 1 or (len(headers) + ("client_secret" in form) + asserted) > 1:
            raise Refused("invalid_request")  # one method per request
        if headers:
            name, secret = _basic(headers[0])
            if one(form, "client_id") not in (None, name):
                raise Refused("invalid_request")
            return await self._by_secret(name, secret, request)
        if asserted:
            return await self._by_assertion(form)
        name, secret = one(form, "client_id") or "", one(form, "client_secret") or ""
        return await self._by_secret(name, secret, request)

    async def _by_secret(self, name: str, secret: str, request: IssuingRequest) -> RegisteredClient:
        client = await self._found(name)
        if client is not None and secret and client.knows(secret):
            return client
        if name and secret:  # who shows the right one is never held up, whatever others try
            wait = await ask(self._throttle.attempt, self._throttle.aattempt, name, request.address)
            if wait > 0:
                raise Refused("invalid_client", status=429, retry_after=ceil(wait))
        raise Refused("invalid_client", status=401)

    async def _by_assertion(self, form: Form) -> RegisteredClient:
        refused = Refused("invalid_client", status=401)
        if one(form, "client_assertion_type") != _ASSERTION:
            raise refused
        try:
            unverified = read(one(form, "client_assertion") or "", 8192)
            claims = parse_object(unverified.payload)
            name = claims.get("sub")
            client = await self._found(name) if isinstance(name, str) else None
            key = None
            if (
                client is not None
                and unverified.header.algorithm in ASSERTION_ALGORITHMS
                and unverified.header.kind in _KINDS
            ):
                key = await client.key(unverified.header.kid, unverified.header.algorithm)
            if client is None or key is None or one(form, "client_id") not in (None, client.client_id):
                raise refused
            verify_signature(unverified, key)
        except InvalidToken as error:
            raise refused from error
        expires_at = self._good_until(claims, client)
        if expires_at is None:
            raise refused
        place = f"{client.client_id} {claims['jti']}"
        if not await ask(self._used.use, self._used.ause, place, expires_at + _LEEWAY):
            raise refused
        return client

    def _good_until(self, claims: Mapping[str, object], client: RegisteredClient) -> float | None:
        """When the assertion expires; None if anything in it is wrong (RFC 7523 section 3, RFC 7523bis section 4)."""
        audience = claims.get("aud")
        named = audience[0] if isinstance(audience, tuple) and len(audience) == 1 else audience
        if claims.get("iss") != client.client_id or named not in (self._issuer, *client.assertion_audiences):
            return None
        now, expires_at, token_id = self._clock(), _time(claims.get("exp")), claims.get("jti")
        if expires_at is None or not now - _LEEWAY < expires_at <= now + _LONGEST + _LEEWAY:
            return None
        for name in ("nbf", "iat"):
            starts = _time(claims.get(name, 0))
            if starts is None or starts > now + _LEEWAY:
                return None
        return expires_at if isinstance(token_id, str) and 0 < len(token_id) <= 256 else None

    async def _found(self, name: str) -> RegisteredClient | None:
        return await ask(self._registry.find, self._registry.afind, name) if name else None


def _basic(value: str) -> tuple[str, str]:
    """Client id and secret, decoded as they were encoded (RFC 6749 section 2.3.1). Raises Refused."""
    found = _BASIC.fullmatch(value)
    if not found:
        raise Refused("invalid_client", status=401)
    try:
        name, colon, secret = b64decode(found[1], validate=True).decode().partition(":")
        if not colon:
            raise ValueError
        decoded = [unquote_to_bytes(each.replace("+", " ")).decode() for each in (name, secret)]
    except ValueError:  # of which a UnicodeError is one
        raise Refused("invalid_client", status=401) from None
    return decoded[0], decoded[1]


def _time(value: object) -> float | None:
    return (
        float(value) if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 2**53 else None
    )
