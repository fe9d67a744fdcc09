"""A small application behind each door, called through that framework's own test client.

Each answers ``/`` with the caller's subject and ``/admin`` to the role admin only.
"""

import asyncio
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from jwt_middleware import Guard, role

Call = Callable[..., "Answer"]


@dataclass(frozen=True)
class Answer:
    status: int
    challenge: str
    body: Any


def asgi_call(app: Any) -> Call:
    from starlette.testclient import TestClient

    client = TestClient(app)

    def call(token: str | None, path: str = "/") -> Answer:
        got = client.get(path, headers=headers(token))
        return Answer(got.status_code, got.headers.get("www-authenticate", ""), got.json())

    return call


def wsgi_call(app: Any) -> Call:
    from werkzeug.test import Client

    client = Client(app)

    def call(token: str | None, path: str = "/") -> Answer:
        with client.get(path, headers=headers(token)) as got:
            return Answer(got.status_code, got.headers.get("www-authenticate", ""), json.loads(got.data))

    return call


def headers(token: str | None) -> dict[str, str]:
    return {} if token is None else {"authorization": f"Bearer {token}"}


def asgi(guard: Guard) -> Call:
    from jwt_middleware.asgi import JWTMiddleware, current_principal, demand

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] == "/admin":
            demand(role("admin"))
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": json.dumps(current_principal().subject).encode()})

    return asgi_call(JWTMiddleware(app, guard=guard))


def starlette(guard: Guard) -> Call:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import JSONResponse
    from starlette.routing import Route

    from jwt_middleware.starlette import JWTMiddleware, require

    async def index(request: Request) -> JSONResponse:
        return JSONResponse(request.user.subject)

    @require(role("admin"))
    def admin(request: Request) -> JSONResponse:
        return JSONResponse(request.user.subject)

    app = Starlette(routes=[Route("/", index), Route("/admin", admin)])
    app.add_middleware(JWTMiddleware, guard=guard)
    return asgi_call(app)


def fastapi(guard: Guard) -> Call:
    from fastapi import FastAPI

    from jwt_middleware.fastapi import JWTMiddleware, current_principal, require

    app = FastAPI()
    app.add_middleware(JWTMiddleware, guard=guard)

    @app.get("/")
    async def index() -> str:
        return current_principal().subject

    @app.get("/admin")
    @require(role("admin"))
    def admin() -> str:
        return current_principal().subject

    return asgi_call(app)


def wsgi(guard: Guard) -> Call:
    from jwt_middleware.wsgi import JWTMiddleware, current_principal, demand

    def app(environ: Mapping[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/admin":
            demand(role("admin"))
        start_response("200 OK", [("Content-Type", "application/json")])
        return [json.dumps(current_principal().subject).encode()]

    return wsgi_call(JWTMiddleware(app, guard=guard))


def flask(guard: Guard) -> Call:
    from flask import Flask, jsonify

    from jwt_middleware.flask import JWTMiddleware, current_principal, require

    app = Flask(__name__)
    JWTMiddleware(app, guard=guard)

    @app.get("/")
    def index() -> Any:
        return jsonify(current_principal().subject)

    @app.get("/admin")
    @require(role("admin"))
    async def admin() -> Any:
        return jsonify(current_principal().subject)

    return wsgi_call(app)


def django(guard: Guard) -> Call:
    return django_call(guard, "")


def django_async(guard: Guard) -> Call:
    return django_call(guard, "/async")


def drf(guard: Guard) -> Call:
    return django_call(guard, "/drf")


def drf_without_middleware(guard: Guard) -> Call:
    return django_call(guard, "/drf", middleware=False)


def django_call(guard: Guard, prefix: str, *, middleware: bool = True) -> Call:
    import django as framework
    from django.conf import settings

    if not settings.configured:
        settings.configure()
        framework.setup()
    from django.test import AsyncClient, Client, override_settings

    said = override_settings(
        ROOT_URLCONF="tests.interop.django_urls",
        ALLOWED_HOSTS=["testserver"],
        MIDDLEWARE=["jwt_middleware.django.JWTMiddleware"] if middleware else [],
        JWT_MIDDLEWARE={"GUARD": guard},
        REST_FRAMEWORK={
            "DEFAULT_AUTHENTICATION_CLASSES": ["jwt_middleware.drf.JWTAuthentication"],
            "UNAUTHENTICATED_USER": None,
            "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
        },
    )

    def call(token: str | None, path: str = "/") -> Answer:
        with said:
            got: Any
            if prefix == "/async":
                got = asyncio.run(AsyncClient().get(prefix + path, headers=headers(token)))
            else:
                got = Client().get(prefix + path, headers=headers(token))
        return Answer(got.status_code, got.headers.get("WWW-Authenticate", ""), json.loads(got.content))

    return call


DOORS: Mapping[str, Callable[[Guard], Call]] = {
    "asgi": asgi,
    "starlette": starlette,
    "fastapi": fastapi,
    "wsgi": wsgi,
    "flask": flask,
    "django": django,
    "django_async": django_async,
    "drf": drf,
    "drf_without_middleware": drf_without_middleware,
}
