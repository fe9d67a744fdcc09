"""Views of every framework call a target with the token of whoever called them: in threads, tasks and work that goes on."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import pytest
import requests

from jwt_middleware import Guard, carry_principal, token_in_cookie
from jwt_middleware.asgi import JWTMiddleware as ASGIMiddleware
from jwt_middleware.client import Carrier, forward_token
from jwt_middleware.client.requests import Carrier as RequestsCarrier
from jwt_middleware.errors import TokenUnavailable
from jwt_middleware.wsgi import JWTMiddleware as WSGIMiddleware

from .calling import GUARD, LOCAL
from .servers import Listener

pytest.importorskip("fastapi", reason="needs the package fastapi")
pytest.importorskip("flask", reason="needs the package flask")
pytest.importorskip("django", reason="needs the package django")

Ask = Callable[..., int]


def url(target: Listener) -> str:
    return f"{target.origin}/items"


def table(target: Listener) -> Any:
    return {target.origin: forward_token("orders")}


def call(target: Listener) -> int:
    with httpx2.Client(auth=Carrier(table(target)), trust_env=False) as client:
        return client.get(url(target)).status_code


async def acall(target: Listener) -> int:
    async with httpx2.AsyncClient(auth=Carrier(table(target)), trust_env=False) as client:
        return (await client.get(url(target))).status_code


def call_by_requests(target: Listener) -> int:
    with requests.Session() as session:
        session.trust_env = False
        return session.get(url(target), auth=RequestsCarrier(table(target)), timeout=20).status_code


def in_a_pool(target: Listener) -> int:
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(carry_principal(call), target).result(20)


async def in_a_task(target: Listener) -> int:
    return await asyncio.create_task(acall(target))


async def in_a_thread(target: Listener) -> int:
    return await asyncio.to_thread(call, target)


def fastapi(target: Listener, token: str) -> list[int]:
    from fastapi import BackgroundTasks, FastAPI
    from starlette.testclient import TestClient

    from jwt_middleware.fastapi import JWTMiddleware

    app = FastAPI()
    done: list[int] = []

    @app.get("/all")
    async def all_of_them(tasks: BackgroundTasks) -> list[int]:
        tasks.add_task(lambda: done.append(call(target)))
        return [await acall(target), await in_a_task(target), await in_a_thread(target)]

    @app.get("/sync")
    def sync() -> list[int]:
        return [call(target), call_by_requests(target), in_a_pool(target)]

    app.add_middleware(JWTMiddleware, guard=GUARD)
    client = TestClient(app, headers={"authorization": f"Bearer {token}"})
    return [*client.get("/all").json(), *client.get("/sync").json(), *done]


def asgi(target: Listener, token: str) -> list[int]:
    found: list[int] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        found.extend([await acall(target), await in_a_task(target), await in_a_thread(target)])

    async def receive() -> Any: ...

    async def send(message: Any) -> None: ...

    scope = {"type": "http", "method": "GET", "path": "/", "headers": [(b"authorization", f"Bearer {token}".encode())]}
    asyncio.run(ASGIMiddleware(app, guard=GUARD)(scope, receive, send))
    return found


def wsgi(target: Listener, token: str) -> list[int]:
    found: list[int] = []

    def app(environ: Any, start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", [])
        found.extend([call(target), call_by_requests(target), in_a_pool(target)])
        yield b""
        found.append(call(target))  # while its body is iterated

    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/", "HTTP_AUTHORIZATION": f"Bearer {token}"}
    body = WSGIMiddleware(app, guard=GUARD)(environ, lambda *_: lambda _: None)
    list(body)
    getattr(body, "close", lambda: None)()
    return found


def flask(target: Listener, token: str) -> list[int]:
    from flask import Flask

    from jwt_middleware.flask import JWTMiddleware

    app = Flask(__name__)
    JWTMiddleware(app, guard=GUARD)

    @app.get("/sync")
    def sync() -> list[int]:
        return [call(target), call_by_requests(target), in_a_pool(target)]

    @app.get("/async")
    async def view() -> list[int]:
        return [await acall(target), await in_a_task(target)]

    client, headers = app.test_client(), {"authorization": f"Bearer {token}"}
    return [*client.get("/sync", headers=headers).json, *client.get("/async", headers=headers).json]  # type: ignore[misc]  # lists


STACKS = [fastapi, asgi, wsgi, flask]


@pytest.mark.parametrize("stack", STACKS)
def test_the_callers_token_is_forwarded_from_wherever_a_view_calls(
    target: Listener, stack: Callable[[Listener, str], list[int]]
) -> None:
    token = LOCAL.token("ann")
    for _ in range(2):  # verified, then recalled
        found = stack(target, token)
        assert found == [200] * len(found) != []
    assert target.tokens == [token] * (2 * len(found))


def test_two_callers_at_once_are_never_mixed_up(target: Listener) -> None:
    from starlette.applications import Starlette
    from starlette.responses import PlainTextResponse
    from starlette.routing import Route

    from jwt_middleware.starlette import JWTMiddleware

    async def view(request: Any) -> PlainTextResponse:
        async with httpx2.AsyncClient(auth=carrier, trust_env=False, timeout=20) as client:
            await client.get(f"{url(target)}?caller={request.user.subject}")
        return PlainTextResponse("")

    carrier = Carrier(table(target))
    app = Starlette(routes=[Route("/", view)])
    app.add_middleware(JWTMiddleware, guard=GUARD)
    tokens = {f"caller{number}": LOCAL.token(f"caller{number}") for number in range(20)}

    async def all_at_once() -> None:
        transport = httpx2.ASGITransport(app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://orders") as client:
            await asyncio.gather(
                *(client.get("/", headers={"authorization": f"Bearer {token}"}) for token in tokens.values())
            )

    asyncio.run(all_at_once())
    assert len(target.requests) == 20
    for received in target.requests:
        assert received.token == tokens[received.path.partition("caller=")[2]]


def test_where_a_thread_carries_nobody_nothing_is_sent(target: Listener) -> None:
    failed: list[BaseException] = []

    def app(environ: Any, start_response: Any) -> list[bytes]:
        def work() -> None:
            try:
                call(target)
            except TokenUnavailable as error:
                failed.append(error)

        thread = threading.Thread(target=work)
        thread.start()
        thread.join(20)
        start_response("200 OK", [])
        return []

    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/", "HTTP_AUTHORIZATION": f"Bearer {LOCAL.token()}"}
    WSGIMiddleware(app, guard=GUARD)(environ, lambda *_: lambda _: None)
    assert len(failed) == 1
    assert target.octets == b""


def test_a_token_that_came_by_a_cookie_is_forwarded_as_well(target: Listener) -> None:
    guard = Guard(LOCAL.trusted, observers=[], token_from=[token_in_cookie("session", secret="0123456789abcdef" * 2)])
    token = LOCAL.token("ann")

    def app(environ: Any, start_response: Any) -> list[bytes]:
        call(target)
        start_response("200 OK", [])
        return []

    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/", "HTTP_COOKIE": f"session={token}"}
    WSGIMiddleware(app, guard=guard)(environ, lambda *_: lambda _: None)
    assert target.tokens == [token]


def test_on_a_public_route_without_a_token_nothing_is_sent(target: Listener) -> None:
    def app(environ: Any, start_response: Any) -> list[bytes]:
        with pytest.raises(TokenUnavailable, match="no caller"):
            call(target)
        start_response("200 OK", [])
        return [b"done"]

    guarded = WSGIMiddleware(app, guard=GUARD, public_paths=["/"])
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/"}
    assert list(guarded(environ, lambda *_: lambda _: None)) == [b"done"]
    assert target.octets == b""
