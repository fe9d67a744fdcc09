"""Real servers: a parent that forks while it fetches, and greenlets that share one thread."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from jwt_middleware.issuing import jwks_document
from tests.key_sources.conftest import Web, document, status

from .callers import LONG, Answer, refused, slowest
from .conftest import Figure
from .issuers import Issuer

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="gunicorn does not run on Windows")


@contextmanager
def gunicorn(issuer: Issuer, *options: str, **variables: str) -> Iterator[int]:
    """The application of ``preloaded``; gives the port."""
    with socket.create_server(("127.0.0.1", 0), backlog=256) as bound:
        command = [sys.executable, "-m", "gunicorn", "--bind", f"fd://{bound.fileno()}", "--log-level", "warning"]
        process = subprocess.Popen(
            [*command, "--no-control-socket", *options, "tests.drills.preloaded:app"],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT), "DRILL_ISSUER": issuer.url, **variables},
            pass_fds=[bound.fileno()],
            start_new_session=True,
        )
        try:
            yield bound.getsockname()[1]
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def get(port: int, token: str = "", path: str = "/") -> tuple[Answer, str]:
    began = time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET", path, headers={"Authorization": f"Bearer {token}"} if token else {})
        answer = connection.getresponse()
        body = answer.read().decode()
        return Answer(answer.status, answer.getheader("retry-after", ""), time.monotonic() - began), body
    finally:
        connection.close()


def test_children_of_a_parent_that_was_fetching_fetch_for_themselves_and_do_not_hang(
    issuer: Issuer, web: Web, figure: Figure
) -> None:
    """The parent's fetch never ends, and another thread of the parent holds the lock at the moment of the fork."""
    asked = threading.Semaphore(0)

    def only_children(handler: BaseHTTPRequestHandler) -> None:
        asked.release()
        if len(web.asked) == 1:
            web.over.wait(LONG)  # the parent's question
        document({"issuer": issuer.url, "jwks_uri": f"{issuer.url}/jwks"})(handler)

    web.answers["/.well-known/openid-configuration"] = only_children
    with gunicorn(issuer, "--preload", "--workers", "3", DRILL_FORK="1") as port:
        assert asked.acquire(timeout=LONG)
        with ThreadPoolExecutor(24) as pool:
            answers = list(pool.map(lambda token: get(port, token), [issuer.token() for _ in range(120)]))
        fetches = issuer.fetches
        web.over.set()
    children = {body for _, body in answers}
    figure(f"of 120 requests to {len(children)} children, refused", refused(each for each, _ in answers), limit=0)
    figure("the slowest took", slowest(each for each, _ in answers), limit=5.0, unit=" s")
    figure("fetches of the children", fetches, limit=3)


def test_workers_that_are_restarted_in_an_outage_start_with_the_snapshot(
    issuer: Issuer, figure: Figure, tmp_path: Path
) -> None:
    tokens = issuer.tokens(62)
    with gunicorn(issuer, "--workers", "2", DRILL_SNAPSHOT=str(tmp_path / "keys")) as port:
        assert get(port, tokens.pop())[0].status == 200
    issuer.down(status(503))
    with gunicorn(issuer, "--workers", "4", DRILL_SNAPSHOT=str(tmp_path / "keys")) as port:
        with ThreadPoolExecutor(20) as pool:
            answers = list(pool.map(lambda token: get(port, token), tokens))
        issuer.rotate()
        unknown = get(port, issuer.token())[0]
    workers = {body for _, body in answers}
    figure(
        f"of {len(answers)} requests to {len(workers)} new workers, refused", refused(a for a, _ in answers), limit=0
    )
    figure(
        "of 1 request by a key that nobody could look up, answered otherwise than 503", unknown.status != 503, limit=0
    )


def test_workers_that_come_later_start_with_what_the_first_one_was_told(
    issuer: Issuer, figure: Figure, tmp_path: Path
) -> None:
    found: list[tuple[Answer, str]] = []
    for _ in range(3):
        with gunicorn(issuer, "--workers", "2", DRILL_SNAPSHOT=str(tmp_path / "keys")) as port:
            found.append(get(port, issuer.token()))
            with ThreadPoolExecutor(10) as pool:
                found += pool.map(lambda token, port=port: get(port, token), issuer.tokens(20))
    workers = {body for _, body in found}
    figure(f"of {len(found)} requests, refused", refused(answer for answer, _ in found), limit=0)
    figure(f"fetches of {len(workers)} workers", issuer.fetches, limit=1)


@pytest.mark.parametrize("options", [(), ("--preload",)], ids=["", "preload"])
def test_greenlets_share_one_fetch_and_others_are_served_meanwhile(
    options: tuple[str, ...], issuer: Issuer, figure: Figure
) -> None:
    came, go_on = threading.Event(), threading.Event()

    def slow(handler: BaseHTTPRequestHandler) -> None:
        came.set()
        go_on.wait(LONG)
        document(jwks_document(issuer.keys))(handler)

    issuer.web.answers["/jwks"] = slow
    with gunicorn(issuer, "--worker-class", "gevent", *options) as port, ThreadPoolExecutor(60) as pool:
        waiting = [pool.submit(get, port, issuer.token()) for _ in range(50)]
        assert came.wait(LONG)
        served = [get(port, path="/health")[0] for _ in range(20)]  # all in the one thread that has 50 waiting
        go_on.set()
        answers = [each.result(LONG)[0] for each in waiting]
        issuer.rotate()
        answers += [get(port, issuer.token())[0]]
    figure("of 51 requests, refused", refused(answers), limit=0)
    figure("fetches, one of them for a rotation", issuer.fetches, limit=2)
    figure("of 20 requests while 50 wait, refused", refused(served), limit=0)
    figure("the slowest of them took", slowest(served), limit=1.0, unit=" s")


def test_a_provider_that_hangs_holds_up_no_greenlet(issuer: Issuer, web: Web, figure: Figure) -> None:
    def hangs(_: BaseHTTPRequestHandler) -> None:
        web.over.wait(LONG)

    web.answers["/jwks"] = hangs
    with gunicorn(issuer, "--worker-class", "gevent") as port, ThreadPoolExecutor(20) as pool:
        get(port, path="/health")  # it has started
        waiting = [pool.submit(get, port, issuer.token()) for _ in range(20)]
        answers = [each.result(LONG)[0] for each in waiting]
        web.over.set()
    assert {answer.status for answer in answers} == {503}
    figure("the slowest request took", slowest(answers), limit=5.0, unit=" s")
