"""What a type checker tells users of the issuing side and of revocation; checked by mypy and pyright, never run."""

from datetime import timedelta
from typing import Literal, assert_type

from starlette.applications import Starlette
from starlette.routing import Mount, Route

from jwt_middleware import Guard, TrustedIssuer
from jwt_middleware.access.token_location import authorization_header
from jwt_middleware.issuing import (
    Account,
    Credentials,
    SessionEvent,
    Sessions,
    SessionStore,
    SigningKeys,
    TokenIssuer,
    Tokens,
    session_cookies,
)
from jwt_middleware.issuing.session_stores.memory import MemorySessions
from jwt_middleware.issuing.session_stores.redis import RedisSessions
from jwt_middleware.revocation_stores.memory import memory
from jwt_middleware.revocation_stores.redis import RedisRevocations, redis, redis_per_request
from jwt_middleware.starlette_issuing import accounts, key_routes, session_routes

ISSUER = "https://accounts.example"


def log_in(credentials: Credentials) -> Account | None:
    return Account(subject=credentials.username, roles=["clerk"], claims={"team": {"id": 1, "names": ["a"]}})


async def find(subject: str) -> Account | None:
    return Account(subject=subject)


def told(event: SessionEvent) -> None:
    assert_type(event.session.session_id, str)


Account(subject="ann", role=["clerk"])  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]  # a misspelt name

keys = SigningKeys(algorithm="ES256")
issuer = TokenIssuer(ISSUER, keys, lifetime=timedelta(minutes=5))
store: SessionStore = MemorySessions()
revocations = assert_type(redis("redis://localhost", when_unreachable="admit"), RedisRevocations)
everybody = accounts(log_in=log_in, find=find)
sessions = Sessions(
    issuer,
    store,
    everybody,
    audience=["orders"],
    client_id="shop",
    secret=["s" * 32, "t" * 32],
    revocations=revocations,
    idle_lifetime=3600,
    observers=[told],
)
cookies = session_cookies(secret="s" * 32, allowed_origins=["https://shop.example"])
routes = assert_type(session_routes(sessions, everybody, cookies=cookies), list[Route])
Starlette(routes=[Mount("/auth", routes=routes), *key_routes(issuer)])

# the keys that sign are a key source, every store of revocations fits a guard
own = TrustedIssuer(ISSUER, audience="orders", keys=keys, profile="rfc9068")
Guard(own, revocations=revocations, token_from=[authorization_header, cookies.location])
Guard(own, revocations=memory())
Guard(own, revocations=redis_per_request("redis://localhost"))
redis("redis://localhost", when_unreachable="shrug")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # another word


async def by_hand(account: Account, sessions_in_redis: RedisSessions) -> str:
    begun = await Sessions(
        issuer, sessions_in_redis, everybody, audience="orders", client_id="shop", secret=b"s" * 32
    ).begin(account)
    if isinstance(begun, Tokens):
        return begun.access_token
    return assert_type(begun, Literal["refresh_refused", "scope_refused", "resource_refused"])
