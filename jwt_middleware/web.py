"""Asking on the web within bounds: of time, of size, and of whom is asked. Documents are read, forms are sent."""

import encodings.idna  # noqa: F401  # else loaded by a thread of ours: a fork meanwhile leaves the child half of it
import functools
import ssl
import threading
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final, Generic, TypeVar

import httpcore2  # noqa: F401  # the same
import httpx2

from .waiting import run, wait_for
from .web_bounds import Bounds, fresh_for

T = TypeVar("T")
Get = Callable[[str], Awaitable["Document"]]

_MOST_THREADS: Final = 20  # one would do, were no source shared


@dataclass(frozen=True, slots=True)
class Document:
    """What a URL answered, and for how many seconds it may be kept (None: it does not say)."""

    url: str
    content: bytes
    fresh_for: float | None


@dataclass(frozen=True, slots=True)
class Reply:
    """What a form was answered with, whatever its status. ``retry_after`` is what it says in seconds, or None."""

    status: int
    content: bytes = field(repr=False)
    retry_after: float | None


@dataclass(frozen=True, slots=True)
class Web:
    """Bounded requests: one deadline for a whole fetch, no redirects, small bodies, no proxy of the environment.

    A fetch runs in a thread of its own with a client of its own: only so a server that drips bytes, or a name that is
    never resolved, cannot stretch the deadline, and no connection is ever bound to an event loop that has ended.
    ``threads`` are those that have not ended: where names are never resolved they stay, and there are few of them.
    ``tls`` was built beforehand: a process that forks while a thread reads certificates has children that hang.
    """

    bounds: Bounds
    bearer_token_file: str | None
    ca_file: str | None  # what ``tls`` trusts; None: what the system does
    tls: ssl.SSLContext = field(compare=False)
    threads: set[threading.Thread] = field(default_factory=set, repr=False, compare=False)

    @property
    def timeout(self) -> float:
        return self.bounds.timeout

    def fetch(self, find: Callable[[Get], Awaitable[T]]) -> T:
        work = _Work(self, partial(self._found, find))
        try:
            return work.begin().result(self.timeout)
        finally:
            work.end()

    async def afetch(self, find: Callable[[Get], Awaitable[T]]) -> T:
        work = _Work(self, partial(self._found, find))
        try:
            return await wait_for(work.begin(), self.timeout)
        finally:
            work.end()

    def post(self, url: str, form: bytes, headers: Mapping[str, str]) -> Reply:
        """Send an encoded form once; any status is an answer. Whatever it holds goes to ``url`` and nowhere else."""
        work = _Work(self, partial(self._posted, url, form, headers))
        try:
            return work.begin().result(self.timeout)
        finally:
            work.end()

    async def apost(self, url: str, form: bytes, headers: Mapping[str, str]) -> Reply:
        work = _Work(self, partial(self._posted, url, form, headers))
        try:
            return await wait_for(work.begin(), self.timeout)
        finally:
            work.end()

    async def _found(self, find: Callable[[Get], Awaitable[T]], client: httpx2.Client) -> T:
        async def get(url: str) -> Document:
            with client.stream("GET", url, headers=self.headers()) as response:
                if response.status_code != 200:
                    raise ValueError(f"the answer has status {response.status_code}")
                said: str = response.headers.get("cache-control", "")
                kept = fresh_for(said, self.bounds.min_fresh, self.bounds.max_fresh)
                return Document(url, _body(response, self.bounds.max_body), kept)

        return await find(get)

    async def _posted(self, url: str, form: bytes, headers: Mapping[str, str], client: httpx2.Client) -> Reply:
        sent = {
            "accept": "application/json",
            "accept-encoding": "identity",
            "content-type": "application/x-www-form-urlencoded",
            **headers,
        }
        with client.stream("POST", url, content=form, headers=sent) as response:
            said: str = response.headers.get("retry-after", "")
            seconds = float(said) if said.isascii() and said.isdigit() and len(said) < 10 else None
            return Reply(response.status_code, _body(response, self.bounds.max_body), seconds)

    def client(self) -> httpx2.Client:
        return httpx2.Client(verify=self.tls, trust_env=False, follow_redirects=False, timeout=self.timeout)

    def headers(self) -> dict[str, str]:
        headers = {"accept": "application/jwk-set+json, application/json", "accept-encoding": "identity"}
        if self.bearer_token_file is not None:  # read each time: the file rotates
            headers["authorization"] = f"Bearer {Path(self.bearer_token_file).read_text().strip()}"
        return headers


def certificates(ca_file: str | None, *, needed: bool) -> ssl.SSLContext:
    """Trust the certificates of ``ca_file``, or those of the system; where none are ``needed``, nobody's.

    Raises ValueError for a file without certificates.
    """
    if not needed:
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if ca_file is None:
        return _of_the_system()
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:  # of which an SSLError is one
        raise ValueError("there is no certificate in it") from error


@functools.cache  # reading them takes 20 ms, and a resolver may bring another issuer with every request
def _of_the_system() -> ssl.SSLContext:
    return ssl.create_default_context()


class _Work(Generic[T]):
    """One fetch in its thread. The lock guards the client, which ``end`` closes under the hands of the thread."""

    def __init__(self, web: Web, work: Callable[[httpx2.Client], Coroutine[None, None, T]]) -> None:
        self._web = web
        self._work = work
        self._lock = threading.Lock()
        self._client: httpx2.Client | None = None
        self._ended = False
        self._found: Future[T] = Future()

    def begin(self) -> "Future[T]":
        threads = self._web.threads
        threads.difference_update([each for each in list(threads) if not each.is_alive()])
        if len(threads) >= _MOST_THREADS:
            raise TimeoutError("earlier fetches have not ended")
        thread = threading.Thread(target=self._run, name="jwt_middleware", daemon=True)
        thread.start()
        threads.add(thread)
        return self._found

    def end(self) -> None:
        with self._lock:
            self._ended = True
            if self._client is not None:
                self._client.close()

    def _run(self) -> None:
        try:
            client = self._web.client()
            with self._lock:
                if self._ended:  # nobody waits any more
                    client.close()
                    return
                self._client = client
            self._found.set_result(run(self._work(client)))
        except BaseException as error:  # noqa: BLE001  # handed to whoever waits
            self._found.set_exception(error)


def _body(response: httpx2.Response, most: int) -> bytes:
    """The body of one answer, of ``most`` bytes."""
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        raise ValueError("the answer is compressed although it must not be")
    body = bytearray()
    for chunk in response.iter_raw():
        body += chunk
        if len(body) > most:
            raise ValueError("the answer is too large")
    return bytes(body)
