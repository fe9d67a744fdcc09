"""Providers that hang, drip or never resolve, all at once; beside them one that is well."""

import asyncio
import os
import re
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from jwt_middleware import Guard, TrustedIssuer
from jwt_middleware.issuing import jwks_document
from jwt_middleware.key_sources.jwks_url import jwks_url
from tests.key_sources.conftest import Answer, Web, document

from .callers import Asked, OneLoop, Threads, refused, settle, slowest, statuses
from .conftest import Ask, Figure
from .issuers import OPENID, Clock, Issuer, segment_of

LIMIT = 5.0  # seconds that a request may take, whatever the provider does


@dataclass(frozen=True)
class Sick:
    signer: Issuer
    trusted: TrustedIssuer


@pytest.fixture
def sick(web: Web, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mapping[str, Sick]]:
    """By what is wrong with them."""

    def hangs(_: BaseHTTPRequestHandler) -> None:
        web.over.wait(60)

    def late(answer: Answer) -> Answer:
        def answered(handler: BaseHTTPRequestHandler) -> None:
            if not web.over.wait(3.0):
                answer(handler)

        return answered

    def drips(beginning: bytes, piece: bytes) -> Answer:
        def answer(handler: BaseHTTPRequestHandler) -> None:
            handler.wfile.write(beginning)
            while not web.over.wait(0.05):
                handler.wfile.write(piece)

        return answer

    resolve = socket.getaddrinfo

    def resolves(host: Any, *more: Any, **named: Any) -> Any:
        if host == "never.invalid":
            web.over.wait(60)
        return resolve(host, *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", resolves)
    found: dict[str, Sick] = {}

    def add(name: str, path: str = "", answer: Answer | None = None, url: str = "") -> Issuer:
        signer = Issuer(web, f"/{re.sub('[, ]+', '-', name)}")
        if answer is not None:
            web.answers[signer.path + path] = answer
        found[name] = Sick(signer, signer.trusted(keys=jwks_url(url) if url else None))
        return signer

    with socket.create_server(("127.0.0.1", 0)) as mute:  # connections wait in its backlog, and nobody says hello
        add("hangs", OPENID, hangs)
        add("drips fields", "/jwks", drips(b"HTTP/1.1 200 OK\r\n", b"x: y\r\n"))
        add("drips a body", "/jwks", drips(b"HTTP/1.1 200 OK\r\n\r\n", b" "))
        twice = add("slow, and slow again").path
        for path in (twice + OPENID, f"{twice}/jwks"):
            web.answers[path] = late(web.answers[path])
        add("never shakes hands", url=f"https://127.0.0.1:{mute.getsockname()[1]}/jwks")
        add("never resolves", url="https://never.invalid/jwks")
        yield found
        web.over.set()


@pytest.fixture
def callbacks(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How many seconds of CPU time each callback of an event loop took."""
    found: list[float] = []
    run = asyncio.Handle._run

    def measured(handle: asyncio.Handle) -> None:
        began = time.thread_time()
        run(handle)
        found.append(time.thread_time() - began)

    monkeypatch.setattr(asyncio.Handle, "_run", measured)
    return found


def test_no_request_takes_longer_than_five_seconds_and_none_of_a_healthy_issuer_waits(
    sick: Mapping[str, Sick], issuer: Issuer, callbacks: list[float], figure: Figure
) -> None:
    """From threads and on a loop side by side, so that this test waits only once."""
    trusted = [issuer.trusted(), *(each.trusted for each in sick.values())]
    with ExitStack() as stack:
        askers: list[Asked] = [
            stack.enter_context(Threads(Guard(*trusted, observers=[]))),
            stack.enter_context(OneLoop(Guard(*trusted, observers=[]))),
        ]
        waiting = {
            name: [begun for asked in askers for begun in asked.begin(*[each.signer.token() for _ in range(6)])]
            for name, each in sick.items()
        }
        healthy = [answer for _ in range(50) for asked in askers for answer in asked(issuer.token())]
        figure(f"of {len(healthy)} requests of a healthy issuer meanwhile, refused", refused(healthy), limit=0)
        figure("the slowest of them took", slowest(healthy), limit=1.0, unit=" s")
        for name, begun in waiting.items():
            found = [each.result(60) for each in begun]
            assert statuses(found) == {503: len(found)}, name
            figure(f"{name}: the slowest of {len(found)} requests took", slowest(found), limit=LIMIT, unit=" s")
        after = [answer for each in sick.values() for asked in askers for answer in asked(each.signer.token())]
        assert statuses(after) == {503: len(after)}
        figure("the slowest request after that took", slowest(after), limit=1.0, unit=" s")
    longest = max(callbacks) * 1000
    figure(f"the longest of {len(callbacks)} callbacks took, of CPU time", longest, limit=10, unit=" ms")


def test_names_that_never_resolve_leave_few_threads_behind(
    issuer: Issuer, web: Web, ask: Ask, clock: Clock, monkeypatch: pytest.MonkeyPatch, figure: Figure
) -> None:
    """Asking for an address cannot be broken off; each attempt leaves its thread behind, until there are enough of them."""
    resolve = socket.getaddrinfo

    def resolves(host: Any, *more: Any, **named: Any) -> Any:
        if host == "never.invalid":
            web.over.wait(60)
        return resolve("127.0.0.1", *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", resolves)
    url = f"{issuer.url}/jwks".replace("127.0.0.1", "never.invalid")
    source = jwks_url(url, timeout=0.02, insecure_plain_http_lets_anyone_on_the_way_forge_tokens=True)
    asked = ask(Guard(issuer.trusted(keys=source), observers=[], monotonic=clock))
    answers = []
    for _ in range(60):
        answers += asked(issuer.token())
        settle(asked.guard)
        clock.now += 60
    assert statuses(answers) == {503: 60}
    left = [thread for thread in threading.enumerate() if thread in source.web.threads]
    figure("threads left behind by 60 fetches", len(left), limit=20)
    web.over.set()
    for thread in left:
        thread.join(20)
    patient = jwks_url(url, insecure_plain_http_lets_anyone_on_the_way_forge_tokens=True)
    object.__setattr__(source.web, "bounds", patient.web.bounds)
    figure("of 1 request when names are resolved again, refused", refused(asked(issuer.token())), limit=0)


def test_five_hundred_keys_hold_up_no_loop(
    issuer: Issuer, clock: Clock, callbacks: list[float], figure: Figure, tmp_path: Path
) -> None:
    """They are read, compared and written down; four in five are of no use, and the log says so."""

    def publish(handler: BaseHTTPRequestHandler) -> None:
        ours: Any = jwks_document(issuer.keys)["keys"]
        others = [{"kty": "OKP", "crv": "Ed25519", "kid": str(n), "x": segment_of(os.urandom(32))} for n in range(98)]
        useless = [{"kty": f"unknown {number}", "kid": str(number)} for number in range(400)]
        document({"keys": [*ours, *others, *useless][:500]})(handler)

    issuer.web.answers["/jwks"] = publish
    guard = Guard(issuer.trusted(snapshot=tmp_path / "keys"), observers=[], monotonic=clock)
    answers = []
    with OneLoop(guard) as asked:
        for _ in range(10):
            answers += asked(issuer.token(), issuer.token())
            clock.now += 300
            answers += asked(issuer.token())
            settle(guard)
    figure(f"of {len(answers)} requests, refused", refused(answers), limit=0)
    longest = max(callbacks) * 1000
    figure(f"the longest of {len(callbacks)} callbacks took, of CPU time", longest, limit=10, unit=" ms")


def test_whoever_brings_a_known_key_does_not_wait_for_a_provider_that_hangs(
    issuer: Issuer, web: Web, ask: Ask, clock: Clock, figure: Figure
) -> None:
    asked = ask(issuer.guard(clock))
    assert refused(asked(issuer.token())) == 0

    def hangs(_: BaseHTTPRequestHandler) -> None:
        web.over.wait(60)

    issuer.down(hangs)
    for moment in (240.0, 300.0, 3000.0):
        clock.now += moment
        answers = asked(*[issuer.token() for _ in range(30)])
        figure(f"of 30 requests {clock.now - 1000:.0f} seconds after the fetch, refused", refused(answers), limit=0)
        figure("the slowest took", slowest(answers), limit=1.0, unit=" s")
    web.over.set()
