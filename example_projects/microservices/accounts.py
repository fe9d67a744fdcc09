"""accounts (Starlette): people log in here and get a signed token; other services find the keys here.

ISSUER=http://127.0.0.1:8001 uvicorn accounts:app --port 8001
"""

import json
import os
from dataclasses import asdict

from decision_log import DecisionLog
from people import People, Person
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from jwt_middleware import Guard, TrustedIssuer, role
from jwt_middleware.issuing import SigningKeys, TokenIssuer, jwks_document, metadata_document
from jwt_middleware.starlette import JWTMiddleware, require, unguarded

ISSUER = os.environ.get("ISSUER", "http://127.0.0.1:8001")
AUDIENCE = ["accounts", "orders", "inventory"]  # the services that take these tokens
MAX_LOGIN = 4096  # bytes

DATABASE = os.environ.get("PEOPLE_DATABASE", ":memory:")

people = People(DATABASE)
if DATABASE == ":memory:":  # three people to play with; nobody with a password that is known may be in a real one
    everything = ["stock:read", "stock:reserve", "stock:write", "prices:read"]
    people.add(Person("clerk", ["clerk"], ["stock:read", "stock:reserve"]), "paper-clip")
    people.add(Person("manager", ["manager"], everything), "corner-office")
    people.add(Person("operator", ["operator"], []), "night-shift")

keys = SigningKeys(algorithm="ES256")
issuer = TokenIssuer(ISSUER, keys, lifetime=300.0)
guard = Guard(TrustedIssuer(ISSUER, audience="accounts", keys=keys, profile="rfc9068"), observers=[DecisionLog()])


@unguarded
async def login(request: Request) -> Response:
    """POST {"name": ..., "password": ...}: an access token. Limit how often one caller may try, in front of this."""
    name, password = credentials(await beginning(request))
    person = await run_in_threadpool(people.log_in, name, password)
    if person is None:
        return JSONResponse({"error": "invalid_grant"}, 400)
    return token_response(issuer, person)


def token_response(issuer: TokenIssuer, person: Person) -> Response:
    token = issuer.access_token(
        person.name, audience=AUDIENCE, client_id="shop", roles=person.roles, permissions=person.permissions
    )
    answer = {"access_token": token, "token_type": "Bearer", "expires_in": int(issuer.lifetime)}
    return JSONResponse(answer, headers={"cache-control": "no-store"})


@unguarded
async def metadata(request: Request) -> Response:
    return JSONResponse(metadata_document(ISSUER, jwks_uri=f"{ISSUER}/jwks"))


@unguarded
async def jwks(request: Request) -> Response:
    return JSONResponse(
        jwks_document(keys), headers={"cache-control": "max-age=300"}, media_type="application/jwk-set+json"
    )


@unguarded
async def ready(request: Request) -> Response:
    """For whoever balances the load: 200 while tokens can be verified, and what is known of the keys."""
    states = guard.ready()
    return JSONResponse([asdict(each) for each in states], 200 if all(each.usable for each in states) else 503)


@require(role("operator"))
async def rotate(request: Request) -> Response:
    """A new key signs from now on. The old one stays published until its last token has expired: nobody is refused."""
    keys.rotate(at_once=True)  # our verifiers look again for an unknown key; others need it published ahead
    return JSONResponse({"active": keys.active.kid})


async def beginning(request: Request) -> bytes:
    """As much of the body as a login may have: nobody makes us keep more."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_LOGIN:
            return b""
    return body


def credentials(body: bytes) -> tuple[str, str]:
    try:
        given = json.loads(body)
    except (ValueError, RecursionError):
        return "", ""
    name, password = (given.get("name"), given.get("password")) if isinstance(given, dict) else ("", "")
    return (name, password) if isinstance(name, str) and isinstance(password, str) else ("", "")


app = Starlette(
    routes=[
        Route("/login", login, methods=["POST"]),
        Route("/rotate", rotate, methods=["POST"]),
        Route("/jwks", jwks),
        Route("/ready", ready),
        Route("/.well-known/oauth-authorization-server", metadata),  # RFC 8414
        Route("/.well-known/openid-configuration", metadata),  # where many verifiers look first
    ],
    middleware=[Middleware(JWTMiddleware, guard=guard)],
)
