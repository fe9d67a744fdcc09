"""Callers with tokens, and a Starlette application that is guarded against them."""

import time
from typing import Any

import jwt
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute
from starlette.testclient import TestClient

from jwt_middleware import Guard, TrustedIssuer
from jwt_middleware.key_sources.static import static
from jwt_middleware.starlette import JWTMiddleware, current_principal, public

ISSUER = "https://issuer.example"
SECRET = "0123456789abcdef" * 4
BAD = {"Authorization": "Bearer x.y.z"}
READER = {"scope": "orders:read"}


def guard_for(audience: str = "orders", **arguments: Any) -> Guard:
    return Guard(TrustedIssuer(ISSUER, audience=audience, keys=static(secret=SECRET)), **arguments)


def bearer(subject: str = "alice", audience: str = "orders", **changes: Any) -> dict[str, str]:
    claims = {"iss": ISSUER, "aud": audience, "sub": subject, "exp": time.time() + 300, **changes}
    return {"Authorization": f"Bearer {jwt.encode(claims, SECRET, 'HS256')}"}


def application(*routes: BaseRoute, guard: Guard | None = None, **options: Any) -> Starlette:
    door = Middleware(JWTMiddleware, guard=guard or guard_for())
    return Starlette(routes=list(routes), middleware=[door], **options)


def guarded(*routes: BaseRoute, **options: Any) -> TestClient:
    return TestClient(application(*routes, **options), follow_redirects=False)


async def whoami(request: Request) -> Response:
    return PlainTextResponse(current_principal().subject or "anonymous")


@public
async def health(request: Request) -> Response:
    return await whoami(request)
