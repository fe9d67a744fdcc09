"""What a type checker tells users of the core's public names; checked by mypy and pyright, never run."""

from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Literal, assert_type

from jwt_middleware import (
    ANONYMOUS,
    AuthUnavailable,
    ClaimMapping,
    Claims,
    Forbidden,
    Freshness,
    Guard,
    KeyState,
    MissingToken,
    Principal,
    Requirement,
    TrustedIssuer,
    acting_for,
    authenticated,
    called_by,
    claim,
    current_principal,
    detail_and_code,
    group,
    path,
    permission,
    role,
    scope,
    token_in_cookie,
    until_expiry,
)
from jwt_middleware.key_sources.discovery import discovery
from jwt_middleware.key_sources.file import file
from jwt_middleware.key_sources.jwks_url import jwks_url
from jwt_middleware.key_sources.static import static

guard = Guard(
    TrustedIssuer("https://issuer.example", audience="orders"),
    TrustedIssuer(
        "https://a.example", audience=["orders", "stock"], keys=static(secret="s" * 32), algorithms=["HS256"]
    ),
    TrustedIssuer("https://b.example", audience="orders", keys=jwks_url("https://b.example/jwks")),
    TrustedIssuer("https://c.example", audience="orders", keys=file("/run/secrets/jwks.json")),
    TrustedIssuer("https://d.example", audience="orders", keys=discovery("https://d.example"), mapping=ClaimMapping()),
)
assert_type(guard, Guard)
assert_type(guard.trusted, tuple[TrustedIssuer, ...])
assert_type(guard.recall(b"Bearer x"), Principal | None)
assert_type(guard.ready(), tuple[KeyState, ...])
assert_type([each.age for each in guard.ready()], list[float | None])
assert_type(Freshness(max_stale=timedelta(hours=1), burst=3).max_stale, float)
assert_type(TrustedIssuer("https://e.example", audience="a", snapshot=Path("/run/keys")).snapshot, str | None)

Guard(
    TrustedIssuer("https://issuer.example", audience="orders"),
    error_uri="https://docs.example/{code}",
    refusal_body=detail_and_code,
)
Guard(
    TrustedIssuer("https://issuer.example", audience="orders"),
    refusal_body=lambda refusal, said: ("text/x-own", refusal.reason.encode()),
)


async def events() -> AsyncIterator[bytes]:
    yield b""


assert_type(until_expiry([b"x"]), Iterator[bytes])
assert_type(until_expiry(events()), AsyncIterator[bytes])

assert_type(authenticated, Requirement)
assert_type(scope("a"), Requirement)
assert_type(scope("a") & role("b") | ~group("c"), Requirement)
assert_type(
    called_by("orders", issuer="https://issuer.example") & acting_for(path("user_id")) | acting_for(), Requirement
)
assert_type(permission("d") & claim("tenant_id", path("tenant")), Requirement)
assert_type(claim(("realm", "level"), 3), Requirement)

principal = current_principal()
assert_type(principal, Principal)
assert_type(ANONYMOUS, Principal)
assert_type(principal.subject, str)
assert_type(principal.client_id, str | None)
assert_type(principal.kind, Literal["user", "machine"])
assert_type(principal.scopes, tuple[str, ...])
assert_type(principal.groups_complete, bool)
assert_type(principal.expires_at, float | None)
assert_type(principal.claims, Mapping[str, object])
assert_type(principal.is_authenticated, bool)
assert_type(principal.has_role("clerk"), bool)


def refused(refusal: Forbidden | MissingToken | AuthUnavailable) -> int:
    assert_type(refusal.reason, str)
    assert_type(refusal.sentence, str)
    return assert_type(refusal.status, int)


def verified(claims: Claims) -> str:
    return assert_type(claims.issuer, str)


scope("a", "b")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]  # one name: all-of and any-of are visible
TrustedIssuer("https://issuer.example")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]  # no audience
principal.subject = "eve"  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]  # read-only
principal.scope  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]  # noqa: B018  # misspelt
token_in_cookie()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]  # a cookie has a name
