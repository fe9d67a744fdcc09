"""FastAPI and Litestar: their own ways, a package for one provider, and ours."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import jwt
from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from jwt_middleware import Principal, scope
from jwt_middleware.asgi import JWTMiddleware as PlainDoor
from jwt_middleware.fastapi import JWTMiddleware, require

from .. import ours
from ..samples import AUDIENCE, ISSUER, verifying_jwk, verifying_pem
from .by_hand import ALGORITHM, decoded

App = Callable[..., Awaitable[object]]


async def nobody() -> None:
    """An empty dependency: what FastAPI asks for any at all."""


def fastapi(*dependencies: Any) -> FastAPI:
    app = FastAPI(openapi_url=None)

    @app.get("/orders", dependencies=[Depends(each) for each in dependencies])
    async def orders() -> dict[str, str]:
        return {"status": "ok"}

    return app


def fastapi_ours() -> App:
    app = fastapi()
    app.add_middleware(JWTMiddleware, guard=ours.guard(ours.trusted(ALGORITHM)))
    return app


def fastapi_ours_required() -> App:
    app = FastAPI(openapi_url=None)
    app.add_middleware(JWTMiddleware, guard=ours.guard(ours.trusted(ALGORITHM)))

    @app.get("/orders")
    async def orders(caller: Annotated[Principal, Depends(require(scope("orders:read")))]) -> dict[str, str]:
        return {"status": "ok"}

    return app


async def claims_of(given: Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())]) -> dict[str, Any]:
    try:
        return decoded(given.credentials)
    except jwt.PyJWTError as error:
        raise HTTPException(401) from error


def fastapi_by_hand() -> App:
    return fastapi(claims_of)


def fastapi_auth0() -> App:
    from fastapi_plugin import Auth0FastAPI

    async def fetched(url: str) -> Any:
        if url.endswith("jwks.json"):
            return {"keys": [verifying_jwk(ALGORITHM)]}
        return {"issuer": ISSUER, "jwks_uri": f"{ISSUER}.well-known/jwks.json"}

    domain = ISSUER.removeprefix("https://").rstrip("/")
    plugin = Auth0FastAPI(domain, AUDIENCE, custom_fetch=fetched, dpop_enabled=False)
    return fastapi(plugin.require_auth())


def litestar(**options: Any) -> Any:
    from litestar import Litestar, get

    async def orders() -> dict[str, str]:
        return {"status": "ok"}

    return Litestar([get("/orders")(orders)], openapi_config=None, logging_config=None, **options)


def litestar_ours() -> App:
    return PlainDoor(litestar(), guard=ours.guard(ours.trusted(ALGORITHM)))


def litestar_own() -> Any:
    from litestar.connection import ASGIConnection
    from litestar.security.jwt import JWTAuth, Token

    async def user(token: Token, connection: ASGIConnection[Any, Any, Any, Any]) -> Token:
        return token

    auth: JWTAuth[Any] = JWTAuth(
        token_secret=verifying_pem(ALGORITHM),
        retrieve_user_handler=user,
        algorithm=ALGORITHM,
        accepted_audiences=[AUDIENCE],
        accepted_issuers=[ISSUER],
    )
    return litestar(on_app_init=[auth.on_app_init])
