"""The routes of sessions mounted in a FastAPI application, behind its door."""

from typing import Annotated

from fastapi import Depends, FastAPI
from starlette.routing import Router
from starlette.testclient import TestClient

from jwt_middleware import Guard, Principal, TrustedIssuer, authenticated
from jwt_middleware.fastapi import JWTMiddleware, require
from jwt_middleware.starlette_issuing import key_routes, session_routes
from tests.issuing.cast import Stage
from tests.issuing.test_signing_keys import ISSUER

Caller = Annotated[Principal, Depends(require(authenticated))]


def test_people_log_in_refresh_and_log_out() -> None:
    stage = Stage()
    trusted = TrustedIssuer(ISSUER, audience="orders", keys=stage.issuer.keys, profile="rfc9068")
    app = FastAPI()
    app.add_middleware(JWTMiddleware, guard=Guard(trusted, revocations=stage.revocations, clock=stage.clock))
    app.mount("/auth", Router(routes=session_routes(stage.sessions, stage.people)))
    app.router.routes.extend(key_routes(stage.issuer))

    @app.get("/me")
    async def me(caller: Caller) -> dict[str, str]:
        return {"subject": caller.subject}

    client = TestClient(app)
    assert client.get("/me").status_code == 401
    tokens = client.post("/auth/login", json={"username": "ann", "password": "ann's password"}).json()
    tokens = client.post("/auth/refresh", json={"refresh_token": tokens["refresh_token"]}).json()
    headers = {"authorization": f"Bearer {tokens['access_token']}"}
    assert client.get("/me", headers=headers).json() == {"subject": "ann"}
    assert client.get("/jwks").status_code == 200
    assert client.post("/auth/logout", headers={**headers, "authorization": "Bearer x.y.z"}).status_code == 204
    assert client.post("/auth/logout", json={"refresh_token": tokens["refresh_token"]}).status_code == 204
    assert client.get("/me", headers=headers).status_code == 401
