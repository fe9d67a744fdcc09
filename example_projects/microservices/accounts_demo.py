"""accounts, with one more route that only the demo has: it asks for a person's token that expired an hour ago.

`jwt-middleware demo` runs this instead of accounts.py, so that nobody has to wait for a token to expire.
"""

import time

from accounts import AUDIENCE, ISSUER, account_of, app, keys, require, role
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from jwt_middleware.issuing import TokenIssuer

an_hour_ago = TokenIssuer(ISSUER, keys, clock=lambda: time.time() - 3600)


@require(role("operator"))
async def expired_token(request: Request) -> Response:
    account = account_of(request.path_params["name"])
    if account is None:
        raise HTTPException(404)
    return JSONResponse({"access_token": an_hour_ago.token_for(account, audience=AUDIENCE, client_id="shop")})


app.router.routes.append(Route("/demo/expired-token/{name}", expired_token, methods=["POST"]))
