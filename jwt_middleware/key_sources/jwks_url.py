"""Keys at a URL that serves a JWKS (RFC 7517 section 5)."""

import asyncio
import os
import re
import ssl
import threading
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import SplitResult, urlsplit

import httpx2

from ..errors import ConfigurationError
from ..keys.key_set import KeySet, joined, key_set_from_jwks
from ..waiting import run

T = TypeVar("T")
Get = Callable[[str], Awaitable["Document"]]

_MAX_BODY: Final = 524_288  # bytes
_SHORTEST, _LONGEST = 60.0, 3600.0  # seconds that Cache-Control may ask for
_MAX_AGE: Final = re.compile(r"(?:^|[\s,])max-age=\"?([0-9]{1,9})\"?(?=$|[\s,])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Document:
    """What a URL answered, and for how many seconds it may be kept (None: it does not say)."""

    content: bytes
    fresh_for: float | None


@dataclass(slots=True, eq=False)
class Web:
    """Bounded GET requests: one deadline for a whole fetch, no redirects, small bodies, no proxy of the environment.

    A client lives for one fetch, so none is ever bound to an event loop that has ended; the TLS context is built once.
    """

    timeout: float  # seconds for everything: names, connections, TLS, headers and bodies
    ca_file: str | None
    bearer_token_file: str | None
    _tls: ssl.SSLContext | None = field(default=None, repr=False)

    def fetch(self, find: Callable[[Get], Awaitable[T]]) -> T:
        """Run ``find`` in a thread of its own: only so a server that drips bytes cannot stretch the deadline."""
        found: Future[T] = Future()
        client = httpx2.Client(**self._options(self._context()))

        async def get(url: str) -> Document:
            with client.stream("GET", url, headers=self._headers()) as response:
                document = _Reading(response)
                for chunk in response.iter_raw():
                    document.add(chunk)
            return document.finished()

        async def all_of_it() -> T:
            return await find(get)

        def work() -> None:
            try:
                found.set_result(run(all_of_it()))
            except BaseException as error:  # noqa: BLE001  # handed to the thread that waits
                found.set_exception(error)

        try:
            threading.Thread(target=work, name="jwt_middleware", daemon=True).start()
            return found.result(self.timeout)
        finally:
            client.close()

    async def afetch(self, find: Callable[[Get], Awaitable[T]]) -> T:
        """Run ``find`` on this loop."""
        async with asyncio.timeout(self.timeout):
            context = await asyncio.to_thread(self._context)  # building one takes many milliseconds
            async with httpx2.AsyncClient(**self._options(context)) as client:

                async def get(url: str) -> Document:
                    async with client.stream("GET", url, headers=self._headers()) as response:
                        document = _Reading(response)
                        async for chunk in response.aiter_raw():
                            document.add(chunk)
                    return document.finished()

                return await find(get)

    def _context(self) -> ssl.SSLContext:
        tls = self._tls
        if tls is None:
            self._tls = tls = ssl.create_default_context(cafile=self.ca_file)
        return tls

    def _options(self, context: ssl.SSLContext) -> dict[str, Any]:
        return {"verify": context, "trust_env": False, "follow_redirects": False, "timeout": self.timeout}

    def _headers(self) -> dict[str, str]:
        headers = {"accept": "application/jwk-set+json, application/json", "accept-encoding": "identity"}
        if self.bearer_token_file is not None:  # read each time: the file rotates
            headers["authorization"] = f"Bearer {Path(self.bearer_token_file).read_text().strip()}"
        return headers


class _Reading:
    """The body of one answer, as far as it has come."""

    def __init__(self, response: httpx2.Response) -> None:
        if response.status_code != 200:
            raise ValueError(f"the answer has status {response.status_code}")
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            raise ValueError("the answer is compressed although it must not be")
        self._cache_control: str = response.headers.get("cache-control", "")
        self._body = bytearray()

    def add(self, chunk: bytes) -> None:
        self._body += chunk
        if len(self._body) > _MAX_BODY:
            raise ValueError("the answer is too large")

    def finished(self) -> Document:
        return Document(bytes(self._body), fresh_for(self._cache_control))


def fresh_for(cache_control: str) -> float | None:
    """Seconds a document may be kept (RFC 9111 section 5.2), held between a minute and an hour."""
    said = cache_control.lower()
    if "no-store" in said or "no-cache" in said:
        return _SHORTEST
    found = _MAX_AGE.search(said)
    return min(_LONGEST, max(_SHORTEST, float(found[1]))) if found else None


@dataclass(frozen=True, slots=True)
class JWKSURL:
    """A key source that reads a JWKS from a URL, or one from each of several. See ``jwks_url``."""

    urls: tuple[str, ...]
    web: Web = field(repr=False)
    symmetric: bool = False

    @property
    def url(self) -> str:
        return self.urls[0]

    def fetch(self) -> KeySet:
        return self.web.fetch(self._find)

    async def afetch(self) -> KeySet:
        return await self.web.afetch(self._find)

    async def _find(self, get: Get) -> KeySet:
        documents = [await get(url) for url in self.urls]
        return joined([key_set_from_jwks(each.content, fresh_for=each.fresh_for) for each in documents])


def jwks_url(
    url: str | Iterable[str],
    *,
    ca_file: str | os.PathLike[str] | None = None,
    bearer_token_file: str | os.PathLike[str] | None = None,
    timeout: float = 5.0,
    insecure_plain_http_lets_anyone_on_the_way_forge_tokens: bool = False,
) -> JWKSURL:
    """The keys at ``url``; of several URLs all keys, and none if one of them does not answer.

    https is demanded, except on the loopback interface or by the loudly named switch. ``ca_file``: certificates to
    trust instead of the system's. ``bearer_token_file``: holds a token to send along, read at each fetch. ``timeout``:
    seconds for the whole fetch. Redirects are not followed, and proxies of the environment are not used: whoever
    answers here decides whose tokens are good. Raises ConfigurationError.
    """
    mistakes = mistakes_of_web(f"jwks_url({url!r})", timeout, ca_file)
    urls = (url,) if isinstance(url, str) or not isinstance(url, Iterable) else tuple(url)
    for each in urls or ("",):
        wrong = wrong_with_url(each, insecure_plain_http_lets_anyone_on_the_way_forge_tokens)
        if wrong:
            mistakes.insert(0, f"jwks_url({each!r}): {wrong}")
    if mistakes:
        raise ConfigurationError(*mistakes)
    return JWKSURL(tuple(str(each) for each in urls), web(timeout, ca_file, bearer_token_file))


def web(
    timeout: float, ca_file: str | os.PathLike[str] | None, bearer_token_file: str | os.PathLike[str] | None
) -> Web:
    return Web(timeout, _path(ca_file), _path(bearer_token_file))


def mistakes_of_web(where: str, timeout: float, ca_file: str | os.PathLike[str] | None) -> list[str]:
    mistakes = []
    if isinstance(timeout, bool) or not isinstance(timeout, int | float) or not 0 < timeout <= 60:
        mistakes.append(f"{where}: timeout is {timeout!r}; write a number of seconds above 0 and at most 60")
    if ca_file is not None and not os.path.isfile(ca_file):
        mistakes.append(f"{where}: ca_file is {os.fspath(ca_file)!r}, and there is no such file")
    return mistakes


def wrong_with_url(url: object, insecure: bool) -> str:
    """What is wrong with a URL to fetch keys from, and how to mend it; empty if nothing."""
    parts = _split(url)
    if parts is None or parts.scheme not in ("https", "http") or not parts.hostname:
        return "this is no URL; write https://..."
    if parts.username is not None or parts.password is not None:
        return "the URL holds credentials; use bearer_token_file"
    if parts.fragment:
        return "the URL holds a fragment; leave it out"
    if parts.scheme == "http" and not insecure and not _is_loopback(parts.hostname):
        return "the URL is not https; anyone on the way could forge tokens"
    return ""


def origin(url: str) -> tuple[str, str, int | None]:
    """Scheme, host and port (RFC 6454 section 4)."""
    parts = urlsplit(url)
    return parts.scheme, (parts.hostname or "").lower(), parts.port or {"https": 443, "http": 80}.get(parts.scheme)


def _split(url: object) -> SplitResult | None:
    if not isinstance(url, str) or re.search(r"[\s\x00-\x1f\\]", url):
        return None
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  # raises where the port is none
    except ValueError:
        return None
    return parts


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _path(path: str | os.PathLike[str] | None) -> str | None:
    return None if path is None else os.fspath(path)
