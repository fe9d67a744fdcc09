"""shipping, with one more route that only the demo has: a courier asks for a token that expired an hour ago."""

import time

from places import PARTNER_ISSUER
from shipping import app, claim, keys, require, scope
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from jwt_middleware.issuing import TokenIssuer

an_hour_ago = TokenIssuer(PARTNER_ISSUER, keys, clock=lambda: time.time() - 3600)


@require(claim("iss", PARTNER_ISSUER), scope("parcels:deliver"))
async def expired_token(request: Request) -> Response:
    scopes = ["parcels:read", "parcels:deliver"]
    return JSONResponse({"access_token": an_hour_ago.machine_token("courier", audience="shipping", scopes=scopes)})


app.router.routes.append(Route("/demo/expired-token", expired_token, methods=["POST"]))
