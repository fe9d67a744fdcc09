"""``jwt-middleware doctor`` against a live issuer on the loopback interface, in health and with each illness."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from jwt_middleware.cli import main
from tests import tokens

HERE = Path(__file__).parent
WELL_KNOWN = "/.well-known/openid-configuration"


class Issuer:
    """Answers by path: a status, headers and a body. ``ahead`` is by how many seconds its clock is wrong."""

    def __init__(self) -> None:
        self.ahead = 0.0
        self.answers: dict[str, tuple[int, dict[str, str], Any]] = {}
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, headers, body = issuer.answers.get(self.path, (404, {}, {}))
                self.send_response_only(status)
                self.send_header("Date", formatdate(time.time() + issuer.ahead, usegmt=True))
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body if isinstance(body, bytes) else json.dumps(body).encode())

            def log_message(self, format: str, *args: Any) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.metadata: dict[str, Any] = {"issuer": self.url, "jwks_uri": f"{self.url}/jwks"}
        self.answers[WELL_KNOWN] = (200, {}, self.metadata)
        self.publish(*tokens.jwks("ec", "rsa")["keys"])

    def publish(self, *keys: Any, **headers: str) -> None:
        self.answers["/jwks"] = (200, headers or {"Cache-Control": "max-age=600"}, {"keys": list(keys)})

    def stop(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    running = Issuer()
    yield running
    running.stop()


def doctor(*arguments: str, text: str | None = None) -> Result:
    return CliRunner().invoke(main, ["doctor", *arguments], input=text)


def codes(done: Result) -> set[tuple[str, str]]:
    return {(each["severity"], each["code"]) for each in json.loads(done.output)["findings"]}


def test_a_healthy_issuer_is_found_healthy(issuer: Issuer) -> None:
    done = doctor(issuer.url, "--audience", "orders")
    assert done.exit_code == 0
    assert [line.split()[:2] for line in done.output.splitlines()] == [
        ["ok", "metadata:"],
        ["ok", "clock:"],
        ["ok", "cache:"],
        ["ok", "key:"],
        ["ok", "key:"],
    ]
    assert json.loads(doctor(issuer.url, "--audience", "a", "--json").output)["worst"] == "ok"


def _mismatch(issuer: Issuer) -> None:
    issuer.metadata["issuer"] = f"{issuer.url}/\x1b[2J"


def _redirect(issuer: Issuer) -> None:
    issuer.answers[WELL_KNOWN] = (302, {"Location": "https://elsewhere.example/"}, {})


def _late_clock(issuer: Issuer) -> None:
    issuer.ahead = -90


def _fast_clock(issuer: Issuer) -> None:
    issuer.ahead = 12


def _elsewhere(issuer: Issuer) -> None:
    issuer.metadata["jwks_uri"] = issuer.url.replace("127.0.0.1", "localhost") + "/jwks"


def _plain(issuer: Issuer) -> None:
    issuer.metadata["jwks_uri"] = "http://keys.example/jwks"


def _leak(issuer: Issuer) -> None:
    (key,) = tokens.jwks("ec")["keys"]
    issuer.publish({**key, "d": "AAAA"}, {"kty": "oct", "k": "AAAA"})


def _unnamed(issuer: Issuer) -> None:
    issuer.publish(*({**key, "kid": None} for key in tokens.jwks("ec")["keys"]), *tokens.jwks("rsa")["keys"])
    for key in issuer.answers["/jwks"][2]["keys"]:
        if key["kid"] is None:
            del key["kid"]


ILLNESSES = {
    "issuer_mismatch": (_mismatch, "error"),
    "metadata_redirect": (_redirect, "error"),
    "metadata_missing": (lambda issuer: issuer.answers.pop(WELL_KNOWN), "error"),
    "metadata_status": (lambda issuer: issuer.answers.update({WELL_KNOWN: (500, {}, {})}), "error"),
    "metadata_malformed": (lambda issuer: issuer.answers.update({WELL_KNOWN: (200, {}, b"<html>")}), "error"),
    "clock": (_late_clock, "error"),
    "jwks_origin": (_elsewhere, "error"),
    "jwks_uri": (_plain, "error"),
    "jwks_status": (lambda issuer: issuer.answers.pop("/jwks"), "error"),
    "jwks_malformed": (lambda issuer: issuer.answers.update({"/jwks": (200, {}, [])}), "error"),
    "jwks_unreachable": (lambda issuer: issuer.answers.update({"/jwks": (200, {}, b"x" * 1_100_000)}), "error"),
    "keys_missing": (lambda issuer: issuer.publish(), "error"),
    "keys_skipped": (lambda issuer: issuer.publish({"kty": "XX"}, *tokens.jwks("ec")["keys"]), "warning"),
    "keys_unnamed": (_unnamed, "warning"),
    "private_key": (_leak, "error"),
    "secret": (_leak, "error"),
    "algorithms": (lambda i: i.metadata.update({"id_token_signing_alg_values_supported": ["HS256", "none"]}), "error"),
    "cache": (lambda i: i.publish(*tokens.jwks("ec")["keys"], **{"Cache-Control": "no-store"}), "warning"),
}


@pytest.mark.parametrize("code", ILLNESSES)
def test_each_illness_is_found_and_has_a_mend(issuer: Issuer, code: str) -> None:
    make_ill, severity = ILLNESSES[code]
    make_ill(issuer)
    done = doctor(issuer.url, "--audience", "orders", "--json")
    assert (severity, code) in codes(done)
    assert all(each["mend"] for each in json.loads(done.output)["findings"] if each["severity"] != "ok")
    assert done.exit_code == (1 if severity == "error" else 0)
    assert doctor(issuer.url, "--audience", "orders", "--strict").exit_code == 1
    assert "\x1b" not in doctor(issuer.url, "--audience", "orders").output


def test_a_clock_that_is_a_little_wrong_is_a_warning_and_a_long_lifetime_too(issuer: Issuer) -> None:
    _fast_clock(issuer)
    issuer.publish(*tokens.jwks("ec")["keys"], **{"Cache-Control": "public, max-age=604800"})
    found = codes(doctor(issuer.url, "--audience", "orders", "--json"))
    assert {("warning", "clock"), ("warning", "cache")} <= found


def test_an_issuer_that_does_not_answer_is_told_from_one_that_is_wrong(issuer: Issuer) -> None:
    done = doctor("http://127.0.0.1:1", "--audience", "orders", "--json")
    assert codes(done) == {("error", "metadata_unreachable")}
    assert codes(doctor("http://issuer.example", "--audience", "orders", "--json")) == {("error", "issuer_url")}


def test_a_sample_token_is_mapped_and_not_echoed(issuer: Issuer) -> None:
    token = tokens.mint(iss=issuer.url, permissions=None)
    done = doctor(issuer.url, "--audience", "orders", "--sample", "-", text=token)
    assert done.exit_code == 0
    assert 'scopes=["orders:read"], roles=["clerk"]' in done.output
    assert "does not say everything of: groups, permissions" in done.output
    assert not any(part in done.output for part in token.split("."))


def test_a_sample_token_that_is_refused_is_refused_with_the_reason(issuer: Issuer) -> None:
    token = tokens.mint(iss=issuer.url, aud="others")
    done = doctor(issuer.url, "--audience", "orders", "--sample", "-", text=token)
    assert done.exit_code == 1
    assert "sample_refused" in done.output
    assert token not in done.output


def test_an_application_is_looked_at_with_the_issuers_that_it_trusts() -> None:
    command = [sys.executable, "-m", "jwt_middleware.cli", "doctor", "--app"]
    done = subprocess.run([*command, "hole:app"], cwd=HERE, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert "come from a source of their own" in done.stdout
    done = subprocess.run(
        [*command, "hole:cors_inside", "--factory"], cwd=HERE, capture_output=True, text=True, timeout=60
    )
    assert "warning  cors: " in done.stdout
    done = subprocess.run([*command, "hole:bare"], cwd=HERE, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "nothing is guarded" in done.stdout


@pytest.mark.parametrize("arguments", [[], ["https://issuer.example"], ["https://issuer.example", "--app", "a:b"]])
def test_what_is_asked_must_be_clear(arguments: list[str]) -> None:
    assert doctor(*arguments).exit_code == 2
