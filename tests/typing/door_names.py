"""What a type checker tells users behind each door: the same names, and what they decorate keeps its type."""

from typing import Annotated, assert_type
from wsgiref.types import WSGIApplication

from django.http import HttpRequest, HttpResponse
from fastapi import Depends, FastAPI
from flask import Flask
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response

import jwt_middleware.asgi
import jwt_middleware.django
import jwt_middleware.fastapi
import jwt_middleware.flask
import jwt_middleware.starlette
import jwt_middleware.wsgi
from jwt_middleware import Guard, Principal, TrustedIssuer, role, scope
from jwt_middleware.fastapi import CurrentPrincipal

guard = Guard(TrustedIssuer("https://issuer.example", audience="orders"))


@jwt_middleware.starlette.require(scope("orders:read"), role("clerk"))
async def starlette_view(request: Request) -> Response:
    jwt_middleware.starlette.demand(role("clerk"))
    return Response()


@jwt_middleware.starlette.public
def starlette_health(request: Request) -> Response:
    return Response()


async def kept(request: Request) -> None:
    assert_type(await starlette_view(request), Response)
    assert_type(starlette_health(request), Response)
    assert_type(jwt_middleware.starlette.current_principal(), Principal)


stack = Starlette(
    middleware=[Middleware(jwt_middleware.starlette.JWTMiddleware, guard=guard, public_paths=["/health"])]
)
stack.add_middleware(jwt_middleware.starlette.JWTMiddleware, guard=guard)
plain = jwt_middleware.asgi.JWTMiddleware(stack, guard=guard, unguarded_paths=[("GET", "/health")])
assert_type(plain, jwt_middleware.asgi.JWTMiddleware)

orders = FastAPI()
orders.add_middleware(jwt_middleware.fastapi.JWTMiddleware, guard=guard)


@orders.get("/orders/{number}")
@jwt_middleware.fastapi.require(scope("orders:read"))
async def fastapi_view(number: int, caller: CurrentPrincipal) -> str:
    return assert_type(caller, Principal).subject


@orders.post("/orders")
async def fastapi_injected(caller: Annotated[Principal, Depends(jwt_middleware.fastapi.require(role("clerk")))]) -> str:
    return await fastapi_view(1, caller)


flask_app = Flask("orders")
jwt_middleware.flask.JWTMiddleware(flask_app, guard=guard, guarded_paths=["/api/*"])


@flask_app.get("/orders")
@jwt_middleware.flask.require(scope("orders:read"))
def flask_view() -> str:
    return jwt_middleware.flask.current_principal().subject


assert_type(flask_view(), str)


@jwt_middleware.django.require(scope("orders:read"))
def django_view(request: HttpRequest, number: int) -> HttpResponse:
    return HttpResponse()


@jwt_middleware.django.unguarded
async def django_login(request: HttpRequest) -> HttpResponse:
    return assert_type(django_view(request, 1), HttpResponse)


def wsgi(app: WSGIApplication) -> WSGIApplication:
    return jwt_middleware.wsgi.JWTMiddleware(app, guard=guard, public_paths=["/health"])


stack.add_middleware(jwt_middleware.starlette.JWTMiddleware, gaurd=guard)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]  # a misspelt option is seen
