"""Tokens of every kind, good and bad, and the guards that judge them; the clock stands still."""

import base64
import functools
import json
from collections.abc import Sequence
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from jwt_middleware import ClaimMapping, Guard, TrustedIssuer, token_in_cookie, token_in_query_that_leaks_into_logs
from jwt_middleware.access.token_location import TokenLocation, authorization_header
from jwt_middleware.decisions import Decision, Observer
from jwt_middleware.key_sources.static import static
from jwt_middleware.keys.key_cache import KeySource
from jwt_middleware.keys.key_set import KeySet, key_set_from_jwks
from jwt_middleware.revocation_stores.memory import memory
from tests.leaks import made

NOW: Final = 1_800_000_000.0
ISSUER: Final = "https://issuer.example"
AUDIENCE: Final = "orders"
COOKIE: Final = "session"
COOKIE_SECRET: Final = b"s" * 32
CARRIERS: Final = ('"', "\r\nx-injected: 1", "<script>", "\x00", "%0d%0a", "{{7*7}}")


class Clock:
    """A clock that moves only when told to."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


class Told:
    """An observer that remembers what it is told."""

    def __init__(self) -> None:
        self.decisions: list[Decision] = []

    @property
    def reasons(self) -> list[str]:
        return [decision.reason for decision in self.decisions]

    def decided(self, decision: Decision) -> None:
        self.decisions.append(decision)


class OutOfReach:
    """A key source whose issuer cannot be reached."""

    symmetric = False

    def fetch(self) -> KeySet:
        raise ConnectionError("the issuer is down")

    async def afetch(self) -> KeySet:
        return self.fetch()


class Rotating:
    """A key source that withdraws the key "one" when told to; "two" is the stranger's, trusted from then on."""

    symmetric = False

    def __init__(self) -> None:
        self._jwk = _jwk()

    def rotate(self) -> None:
        self._jwk = _jwk(_stranger(), "two")

    def fetch(self) -> KeySet:
        return key_set_from_jwks({"keys": [self._jwk]})

    async def afetch(self) -> KeySet:
        return self.fetch()


@functools.cache
def _signer() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.generate()


@functools.cache
def _stranger() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.generate()


def _jwk(key: Ed25519PrivateKey | None = None, kid: str = "one") -> dict[str, object]:
    public = base64.urlsafe_b64encode((key or _signer()).public_key().public_bytes_raw()).rstrip(b"=").decode()
    return {"kty": "OKP", "crv": "Ed25519", "x": public, "kid": kid, "alg": "EdDSA", "use": "sig"}


@functools.cache
def _signed(claims: str, header: str, *, by_stranger: bool) -> str:
    fields = json.loads(header)
    return made(jwt.encode(json.loads(claims), _stranger() if by_stranger else _signer(), "EdDSA", fields))


def mint(
    subject: str | None = "alice", *, by_stranger: bool = False, header: dict[str, Any] | None = None, **changes: Any
) -> str:
    """A token that is good at NOW, but for ``changes``; a change to None leaves the claim out."""
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": subject, "iat": NOW - 10, "exp": NOW + 300, **changes}
    present = {name: value for name, value in claims.items() if value is not None}
    return _signed(json.dumps(present), json.dumps({"kid": "one", **(header or {})}), by_stranger=by_stranger)


def forged(header: dict[str, Any], claims: dict[str, Any], signature: bytes = b"x" * 64) -> str:
    """A token that was never signed, with whatever one wishes in it."""
    parts = (json.dumps(header).encode(), json.dumps(claims).encode(), signature)
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


def guard_for(
    *,
    clock: Clock | None = None,
    audience: str = AUDIENCE,
    out_of_reach: bool = False,
    keys: KeySource | None = None,
    cookie: bool = False,
    query: bool = False,
    revoked: Sequence[str] = (),
    observers: Sequence[Observer] | None = None,
    **hooks: Any,
) -> Guard:
    """A guard of its own for every application: nothing is shared but the key."""
    clock = clock or Clock()
    trusted = TrustedIssuer(
        ISSUER,
        audience=audience,
        keys=keys or (OutOfReach() if out_of_reach else static(jwk=_jwk())),
        mapping=ClaimMapping(tenant="tenant"),
    )
    locations: list[TokenLocation] = [authorization_header]
    if cookie:
        locations.append(token_in_cookie(COOKIE, secret=COOKIE_SECRET))
    if query:
        locations.append(token_in_query_that_leaks_into_logs())
    store = memory(clock=clock) if revoked else None
    for token_id in revoked:
        assert store is not None
        store.revoke_token(ISSUER, token_id, until=NOW + 1000)
    return Guard(trusted, token_from=locations, revocations=store, observers=observers, clock=clock, **hooks)
