"""A FastAPI application that knows more of its callers than their tokens say, and has the last word."""

from dataclasses import replace

from fastapi import FastAPI

from jwt_middleware import Guard, Principal, RequestInfo, TrustedIssuer, role
from jwt_middleware.fastapi import JWTMiddleware, require
from jwt_middleware.key_sources.static import static


async def enrich(principal: Principal) -> Principal:
    return replace(principal, roles=("clerk",), incomplete=principal.incomplete - {"roles"})


def on_admitted(principal: Principal, request: RequestInfo) -> None:
    raise AssertionError("nothing is called that may do something")


def resolver(issuer: str) -> TrustedIssuer:
    return TrustedIssuer(issuer, audience="orders", keys=static(secret="0123456789abcdef" * 4))


app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
app.add_middleware(
    JWTMiddleware, guard=Guard(resolver=resolver, realm="orders", enrich=enrich, on_admitted=on_admitted)
)


@app.get("/orders")
@require(role("clerk"))
async def orders() -> None: ...
