"""Django views call another service with the token of whoever called them."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import ModuleType
from typing import Any

import httpx2
import pytest
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from django.urls import path

from jwt_middleware.client import Carrier, forward_token
from tests import tokens
from tests.django import callers

SEEN: list[str | None] = []
CARRIER: list[Carrier] = []
TARGET: list[str] = []


def view(request: HttpRequest) -> HttpResponse:
    with httpx2.Client(auth=CARRIER[0], trust_env=False) as client:
        return HttpResponse(status=client.get(TARGET[0]).status_code)


async def aview(request: HttpRequest) -> HttpResponse:
    async with httpx2.AsyncClient(auth=CARRIER[0], trust_env=False) as client:
        return HttpResponse(status=(await client.get(TARGET[0])).status_code)


class Target(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        SEEN.append(self.headers.get("authorization"))
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None: ...


@pytest.fixture(autouse=True)
def target() -> Iterator[None]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Target)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    TARGET[:] = [f"http://127.0.0.1:{server.server_address[1]}"]
    CARRIER[:] = [Carrier({TARGET[0]: forward_token(tokens.AUDIENCE)})]
    SEEN.clear()
    urls = ModuleType("urls")
    urls.urlpatterns = [path("sync", view), path("async", aview)]  # type: ignore[attr-defined]  # a module made here
    with override_settings(ROOT_URLCONF=urls):
        yield
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("where", ["/sync", "/async"])
def test_the_callers_token_is_forwarded(call: Any, where: str) -> None:
    headers = callers.bearer(sub="ann")
    for _ in range(2):  # verified, then recalled
        assert call(where, headers).status_code == 200
    assert [headers["Authorization"]] * 2 == SEEN
