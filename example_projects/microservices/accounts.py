"""accounts (Starlette): people log in and services identify themselves here; both get signed tokens.

ISSUER=http://127.0.0.1:8001 uvicorn accounts:app --port 8001
"""

import os
from dataclasses import asdict

import stores
from decision_log import DecisionLog
from people import People, add_some_to_play_with
from places import ISSUER, secret
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from tracing import Traced

from jwt_middleware import Guard, TrustedIssuer, role
from jwt_middleware.issuing import (
    Account,
    ClientEndpoints,
    Credentials,
    ListedClients,
    RegisteredClient,
    Sessions,
    TokenIssuer,
    secret_digest,
    token_endpoint_metadata,
)
from jwt_middleware.starlette import JWTMiddleware, public, require, unguarded
from jwt_middleware.starlette_issuing import accounts, client_routes, key_routes, session_routes

AUDIENCE = ["accounts", "orders", "inventory"]  # the services that take the tokens of people; shipping is not one
DATABASE = os.environ.get("PEOPLE_DATABASE", ":memory:")

people = People(DATABASE)
if DATABASE == ":memory:":
    add_some_to_play_with(people)


def log_in(credentials: Credentials) -> Account | None:
    person = people.log_in(credentials.username, credentials.password)
    return None if person is None else account_of(person.name)


def account_of(subject: str) -> Account | None:
    """Asked at every refresh: whoever is no longer there has no session any more."""
    person = people.find(subject)
    if person is None:
        return None
    return Account(
        subject=person.name,
        tenant=person.tenant,
        roles=person.roles,
        permissions=person.permissions,
        scopes=person.scopes,
        stamp=people.stamp(person.name),
    )


keys = stores.signing_keys("keys-seal")
issuer = TokenIssuer(ISSUER, keys, lifetime=300.0)
revocations = stores.revocations()
guard = Guard(
    TrustedIssuer(ISSUER, audience="accounts", keys=keys, profile="rfc9068"),
    revocations=revocations,
    observers=[DecisionLog()],
)
everybody = accounts(log_in=log_in, find=account_of)
sessions = Sessions(
    issuer,
    stores.sessions(),
    everybody,
    audience=AUDIENCE,
    client_id="shop",
    secret=secret("session-secret").read_bytes(),
    revocations=revocations,
)
orders = RegisteredClient(
    client_id="orders",
    secret_digests=[
        secret_digest(each) for each in secret("orders-secret").read_text().split()
    ],  # two: one is replaced
    audience="orders",  # it may exchange the tokens of its callers, which name it
    targets={"inventory": ["stock:read"]},  # tokens of its own
    exchange_targets={"shipping": ["parcels:send"]},  # tokens of its callers, with orders as the one who acts
)
clients = ClientEndpoints(issuer, ListedClients([orders]), revocations=revocations)


@public
async def health(request: Request) -> Response:
    return JSONResponse({"status": "ok"})


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


app = Starlette(
    routes=[
        Route("/rotate", rotate, methods=["POST"]),
        Route("/health", health),
        Route("/ready", ready),
        *session_routes(sessions, everybody),  # /login, /refresh, /logout, /logout-everywhere, /sessions, /verify
        Mount("/oauth", routes=client_routes(clients)),  # /oauth/token, /oauth/revoke, /oauth/introspect
        *key_routes(issuer, metadata=token_endpoint_metadata(clients, f"{ISSUER}/oauth")),  # /jwks, and the metadata
    ],
    middleware=[Middleware(Traced), Middleware(JWTMiddleware, guard=guard)],
)
