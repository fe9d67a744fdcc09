"""Every HTTP client that a Carrier serves, behind one call."""

import asyncio
import ssl
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import httpx2
import requests

from jwt_middleware.client import Carrier, TokenRule
from jwt_middleware.client.requests import Carrier as RequestsCarrier

Table = Mapping[str, TokenRule | None]


class Answered:
    def __init__(self, status: int, history: int) -> None:
        self.status = status
        self.history = history


class Sender:
    """Sends one request with the tokens of a table. ``ca_file`` is trusted besides the system's certificates."""

    def __init__(self, name: str, send: Callable[..., list[Answered]]) -> None:
        self.name = name
        self._send = send

    def __call__(
        self,
        table: Table,
        url: str,
        *,
        method: str = "GET",
        content: bytes | Iterable[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
        redirects: bool = False,
        ca_file: Path | None = None,
        times: int = 1,
        **given: Any,
    ) -> list[Answered]:
        return self._send(table, url, method, content, dict(headers or {}), redirects, ca_file, times, given)


def _httpx(
    table: Table,
    url: str,
    method: str,
    content: Any,
    headers: Any,
    redirects: bool,
    ca_file: Any,
    times: int,
    given: Any,
) -> list[Answered]:
    verify: Any = True if ca_file is None else _context(ca_file)
    with httpx2.Client(
        auth=Carrier(table, **given), follow_redirects=redirects, verify=verify, trust_env=False
    ) as client:
        found = [client.request(method, url, content=content, headers=headers) for _ in range(times)]
    return [Answered(each.status_code, len(each.history)) for each in found]


def _httpx_async(
    table: Table,
    url: str,
    method: str,
    content: Any,
    headers: Any,
    redirects: bool,
    ca_file: Any,
    times: int,
    given: Any,
) -> list[Answered]:
    verify: Any = True if ca_file is None else _context(ca_file)

    async def stream(parts: Iterable[bytes]) -> Any:
        for part in parts:
            yield part

    async def send() -> list[Answered]:
        sent = content if content is None or isinstance(content, bytes) else stream(content)
        carrier = Carrier(table, **given)
        async with httpx2.AsyncClient(
            auth=carrier, follow_redirects=redirects, verify=verify, trust_env=False
        ) as client:
            found = [await client.request(method, url, content=sent, headers=headers) for _ in range(times)]
        return [Answered(each.status_code, len(each.history)) for each in found]

    return asyncio.run(send())


def _requests(
    table: Table,
    url: str,
    method: str,
    content: Any,
    headers: Any,
    redirects: bool,
    ca_file: Any,
    times: int,
    given: Any,
) -> list[Answered]:
    with requests.Session() as session:
        session.auth = RequestsCarrier(table, **given)
        session.trust_env = False
        session.verify = True if ca_file is None else str(ca_file)
        found = [
            session.request(method, url, data=content, headers=headers, allow_redirects=redirects, timeout=20)
            for _ in range(times)
        ]
    return [Answered(each.status_code, len(each.history)) for each in found]


def _context(ca_file: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(ca_file))


SENDERS = [Sender("httpx2", _httpx), Sender("httpx2, async", _httpx_async), Sender("requests", _requests)]
