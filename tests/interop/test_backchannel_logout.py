"""Somebody logs out at a certified provider, and their token is refused here."""

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from jwt_middleware import Guard, TrustedIssuer
from jwt_middleware.access.request import RequestInfo
from jwt_middleware.backchannel_logout import LogoutReceiver
from jwt_middleware.issuing.exchange import IssuingRequest
from jwt_middleware.revocation_stores.memory import memory
from jwt_middleware.waiting import run
from tests.issuing.test_signing_keys import bearing

from .oidc_provider import NotInstallable, Provider, opener

pytestmark = pytest.mark.interop
AUDIENCE = "https://orders.example.com"


class Here:
    """A server whose one route takes logout tokens."""

    def __init__(self) -> None:
        self.receiver: LogoutReceiver | None = None
        self.answered: list[int] = []
        here = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                info = RequestInfo(method="POST", header=lambda name: self.headers.get_all(name, []))
                assert here.receiver is not None
                answer = run(here.receiver.answer(IssuingRequest(info=info, body=body)))
                here.answered.append(answer.status)
                self.send_response(answer.status)
                self.send_header("content-length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/backchannel-logout"
        self._thread = threading.Thread(target=self.server.serve_forever)
        self._thread.start()

    def stop(self) -> None:
        self.server.shutdown()
        self._thread.join()
        self.server.server_close()


@pytest.fixture
def here() -> Iterator[Here]:
    server = Here()
    yield server
    server.stop()


@pytest.mark.parametrize("whole_subject", [False, True])
def test_a_logout_at_the_provider_is_heard_within_a_second(here: Here, whole_subject: bool) -> None:
    try:
        provider = Provider(here.url)
    except NotInstallable as missing:
        pytest.skip(str(missing))
    try:
        trusted = TrustedIssuer(provider.issuer, audience=AUDIENCE)
        store = memory()
        guard = Guard(trusted, revocations=store)
        here.receiver = LogoutReceiver(trusted, client_id="web", revocations=store, whole_subject=whole_subject)
        browser, other = opener(), opener()
        tokens, others = (provider.log_in("ann", AUDIENCE, browser=each) for each in (browser, other))

        def reason(token: str) -> str:
            refusal = run(guard.admit(bearing(token))).refusal
            return "admitted" if refusal is None else refusal.reason

        assert (reason(tokens["access_token"]), reason(others["access_token"])) == ("admitted", "admitted")
        begun = time.monotonic()
        provider.log_out(browser, tokens["id_token"])
        while reason(tokens["access_token"]) == "admitted" and time.monotonic() < begun + 10:
            time.sleep(0.005)
        print(f"heard {(time.monotonic() - begun) * 1000:.0f} ms after the logout was asked for")
        assert time.monotonic() - begun < 1
        assert reason(tokens["access_token"]) == "token_revoked"
        assert reason(others["access_token"]) == ("token_revoked" if whole_subject else "admitted")
        assert here.answered == [200]
    finally:
        provider.stop()
