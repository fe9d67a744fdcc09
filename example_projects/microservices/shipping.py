"""shipping (Starlette): run by another company, which has an issuer of its own and trusts ours for one thing.

PARTNER_ISSUER=http://127.0.0.1:8004 ISSUER=http://127.0.0.1:8001 ORDERS_URL=http://127.0.0.1:8002 \
    uvicorn shipping:app --port 8004
"""

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict

import stores
from calling import Refused, ask, client
from decision_log import DecisionLog
from places import ISSUER, ORDERS_URL, PARTNER_ISSUER, secret
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from tracing import Traced

from jwt_middleware import ClaimMapping, Guard, TrustedIssuer, called_by, claim, scope
from jwt_middleware.client import Carrier, TokenEndpoint, client_credentials, private_key_jwt
from jwt_middleware.issuing import (
    ClientEndpoints,
    ListedClients,
    RegisteredClient,
    SigningKey,
    TokenIssuer,
    secret_digest,
    token_endpoint_metadata,
)
from jwt_middleware.starlette import JWTMiddleware, public, require, unguarded
from jwt_middleware.starlette_issuing import client_routes, key_routes

# The issuer of this company, for its couriers' devices and for shipping itself.
keys = stores.signing_keys("partner-keys-seal")
issuer = TokenIssuer(PARTNER_ISSUER, keys, lifetime=300.0)
own_key = SigningKey.from_pem(secret("shipping-key.pem").read_bytes())
courier = RegisteredClient(
    client_id="courier",
    secret_digests=[secret_digest(each) for each in secret("courier-secret").read_text().split()],
    targets={"shipping": ["parcels:read", "parcels:deliver"]},
)
shipping = RegisteredClient(
    client_id="shipping", jwks={"keys": [dict(own_key.public_jwk)]}, targets={"orders": ["orders:deliver"]}
)
revocations = stores.revocations()
clients = ClientEndpoints(issuer, ListedClients([courier, shipping]), revocations=revocations)

# Whose tokens are taken. What the other company writes into roles and permissions means nothing here.
guard = Guard(
    TrustedIssuer(PARTNER_ISSUER, audience="shipping", keys=keys, profile="rfc9068"),
    TrustedIssuer(
        ISSUER,
        audience="shipping",
        profile="rfc9068",
        mapping=ClaimMapping(roles=None, groups=None, permissions=None),
    ),
    revocations=revocations,
    observers=[DecisionLog()],
)
by_ourselves = Carrier(
    {
        ORDERS_URL: client_credentials(
            TokenEndpoint(PARTNER_ISSUER, client_id="shipping", authentication=private_key_jwt(own_key)),
            resource=None,
            audience="orders",
            scopes=["orders:deliver"],
        )
    }
)
parcels: dict[int, dict[str, object]] = {}
numbers = itertools.count(1)


@public
async def health(request: Request) -> Response:
    return JSONResponse({"status": "ok"})


@unguarded
async def ready(request: Request) -> Response:
    """For whoever balances the load: 200 while tokens can be verified, and what is known of the keys."""
    states = guard.ready()
    return JSONResponse([asdict(each) for each in states], 200 if all(each.usable for each in states) else 503)


@require(claim("iss", ISSUER), scope("parcels:send"), called_by("orders", issuer=ISSUER))
async def send(request: Request) -> Response:
    """orders, for somebody of the shop; a client of the partner's that was called orders would be somebody else."""
    try:
        order = int((await request.json())["order"])
    except (ValueError, KeyError, TypeError):
        raise HTTPException(400, "order is the number of an order") from None
    number = next(numbers)
    parcels[number] = {"number": number, "order": order, "sent_by": request.user.subject, "state": "on its way"}
    return JSONResponse(parcels[number], 201)


@require(claim("iss", PARTNER_ISSUER), scope("parcels:read"))
async def list_parcels(request: Request) -> Response:
    return JSONResponse(list(parcels.values()))


@require(claim("iss", PARTNER_ISSUER), scope("parcels:deliver"))
async def deliver(request: Request) -> Response:
    """Told to orders by shipping in its own name, with a token of this company's issuer: `client_credentials`."""
    parcel = parcels.get(request.path_params["number"])
    if parcel is None:
        raise HTTPException(404, "no such parcel")
    await ask(request.app.state.by_ourselves, "POST", f"{ORDERS_URL}/orders/{parcel['order']}/delivered")
    parcel["state"] = "delivered"
    return JSONResponse(parcel)


async def refused(request: Request, refusal: Refused) -> Response:
    return JSONResponse(refusal.answer, refusal.status)


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    async with client(by_ourselves) as app.state.by_ourselves:
        yield


app = Starlette(
    routes=[
        Route("/health", health),
        Route("/ready", ready),
        Route("/parcels", send, methods=["POST"]),
        Route("/parcels", list_parcels),
        Route("/parcels/{number:int}/delivered", deliver, methods=["POST"]),
        Mount("/oauth", routes=client_routes(clients)),  # /oauth/token, /oauth/revoke, /oauth/introspect
        *key_routes(issuer, metadata=token_endpoint_metadata(clients, f"{PARTNER_ISSUER}/oauth")),
    ],
    middleware=[Middleware(Traced), Middleware(JWTMiddleware, guard=guard)],
    exception_handlers={Refused: refused},
    lifespan=lifespan,
)
