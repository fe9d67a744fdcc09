"""accounts, with one more route that only the demo has: it asks for a token that expired an hour ago.

`jwt-middleware demo` runs this instead of accounts.py, so that nobody has to wait for a token to expire.
"""

import time

from accounts import AUDIENCE, ISSUER, account_of, app, keys, require, role
from people import Person
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from jwt_middleware.issuing import TokenIssuer

an_hour_ago = TokenIssuer(ISSUER, keys, clock=lambda: time.time() - 3600)


@require(role("operator"))
async def expired_token(request: Request) -> Response:
    clerk = account_of(Person("clerk", ["clerk"], ["stock:read", "stock:reserve"]))
    return JSONResponse({"access_token": an_hour_ago.token_for(clerk, audience=AUDIENCE, client_id="shop")})


app.router.routes.append(Route("/demo/expired-token", expired_token, methods=["POST"]))
