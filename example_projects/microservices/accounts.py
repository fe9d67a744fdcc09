"""accounts (Starlette): people log in here and get a signed token; other services find the keys here.

ISSUER=http://127.0.0.1:8001 uvicorn accounts:app --port 8001
"""

import os
import secrets
from dataclasses import asdict

from decision_log import DecisionLog
from people import People, Person
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from jwt_middleware import Guard, TrustedIssuer, role
from jwt_middleware.issuing import Account, Credentials, Sessions, SigningKeys, TokenIssuer
from jwt_middleware.issuing.session_stores.memory import MemorySessions
from jwt_middleware.revocation_stores.memory import memory
from jwt_middleware.starlette import JWTMiddleware, require, unguarded
from jwt_middleware.starlette_issuing import accounts, key_routes, session_routes

ISSUER = os.environ.get("ISSUER", "http://127.0.0.1:8001")
AUDIENCE = ["accounts", "orders", "inventory"]  # the services that take these tokens
DATABASE = os.environ.get("PEOPLE_DATABASE", ":memory:")

people = People(DATABASE)
if DATABASE == ":memory:":  # three people to play with; nobody with a password that is known may be in a real one
    everything = ["stock:read", "stock:reserve", "stock:write", "prices:read"]
    people.add(Person("clerk", ["clerk"], ["stock:read", "stock:reserve"]), "paper-clip")
    people.add(Person("manager", ["manager"], everything), "corner-office")
    people.add(Person("operator", ["operator"], []), "night-shift")


def log_in(credentials: Credentials) -> Account | None:
    person = people.log_in(credentials.username, credentials.password)
    return None if person is None else account_of(person)


def find(subject: str) -> Account | None:
    """Asked at every refresh: whoever is no longer there has no session any more."""
    person = people.find(subject)
    return None if person is None else account_of(person)


def account_of(person: Person) -> Account:
    return Account(
        subject=person.name, roles=person.roles, permissions=person.permissions, stamp=people.stamp(person.name)
    )


keys = SigningKeys(algorithm="ES256")
issuer = TokenIssuer(ISSUER, keys, lifetime=300.0)
revocations = memory()  # of this process; services elsewhere hear of a logout where all of them share a Redis
guard = Guard(
    TrustedIssuer(ISSUER, audience="accounts", keys=keys, profile="rfc9068"),
    revocations=revocations,
    observers=[DecisionLog()],
)
everybody = accounts(log_in=log_in, find=find)
sessions = Sessions(
    issuer,
    MemorySessions(),
    everybody,
    audience=AUDIENCE,
    client_id="shop",
    secret=os.environ.get("SESSION_SECRET") or secrets.token_urlsafe(48),
    revocations=revocations,
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


app = Starlette(
    routes=[
        Route("/rotate", rotate, methods=["POST"]),
        Route("/ready", ready),
        *session_routes(sessions, everybody),  # /login, /refresh, /logout, /logout-everywhere, /sessions, /verify
        *key_routes(issuer),  # /jwks, and the metadata at its well-known paths
    ],
    middleware=[Middleware(JWTMiddleware, guard=guard)],
)
