"""Requests through WSGI's handler and ASGI's, and what a refusal must be."""

from collections.abc import Callable
from typing import Any

from asgiref.sync import async_to_sync
from django.test import AsyncClient, Client

from tests import tokens
from tests.django import urls

Call = Callable[..., Any]


def bearer(**claims: Any) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens.mint(**claims)}"}


def send(
    path: str, headers: dict[str, str] | None = None, method: str = "GET", *, world: str = "sync", **options: Any
) -> Any:
    """One request of a client that was not there before."""
    strict = {"raise_request_exception": False, "enforce_csrf_checks": options.pop("csrf", True)}
    cookies = options.pop("cookies", {})
    if world == "sync":
        client = Client(**strict)
        client.cookies.load(cookies)
        return client.generic(method, path, headers=headers, **options)
    aclient = AsyncClient(**strict)
    aclient.cookies.load(cookies)

    async def asend() -> Any:
        return await aclient.generic(method, path, headers=headers, **options)

    return async_to_sync(asend)()


def refused(answer: Any, status: int, code: str) -> None:
    assert (answer.status_code, urls.ran) == (status, [])
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == code
    assert answer["WWW-Authenticate"].startswith("Bearer realm=")
