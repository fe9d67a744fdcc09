"""The plugin that looks for tokens and secrets finds each that is planted, wherever it is, and shows none of them itself."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.leaks import Leaks

ROOT = Path(__file__).parents[1]
PLANTED = """
import logging, threading, warnings
import pytest
from jwt_middleware import ConfigurationError, Guard, InvalidToken, MissingToken, RequestInfo, TrustedIssuer, role
from jwt_middleware.access.principal import Principal
from jwt_middleware.client import client_secret_basic
from jwt_middleware.issuing.exchange import Answer
from jwt_middleware.issuing.refresh_token import RefreshTokens
from jwt_middleware.key_sources.static import static
from jwt_middleware.keys.key import secret_key
from jwt_middleware.verification.authenticator import Authenticator
from jwt_middleware.waiting import run
from tests.tokens import AUDIENCE, ISSUER, jwks, mint

TOKEN = mint()
SECRET = "a-secret-that-nobody-may-see-0123456789"
log = logging.getLogger("elsewhere")

def guard(**more):
    return Guard(TrustedIssuer(ISSUER, audience=AUDIENCE, keys=static(jwks=jwks("ec"))), observers=[], **more)

def ask(guard, authorization="Bearer x.y.z", path="/"):
    request = RequestInfo(path=path, header=lambda name: [authorization] if name == "authorization" else [])
    return guard.conclude(run(guard.admit(request)))

def test_planted_log(): log.warning("got %s", TOKEN)
def test_planted_debug_log_of_ours(): logging.getLogger("jwt_middleware").debug("got %s", TOKEN)
def test_planted_beginning_of_a_token(): log.warning("got %s...", TOKEN[:20])
def test_planted_claims_alone(): log.warning("got %s", TOKEN.split(".")[1])
def test_planted_signature_alone(): log.warning("got %s", TOKEN.split(".")[2])
def test_planted_field(): logging.getLogger("jwt_middleware").error("fine", extra={"path": "/" + TOKEN})
def test_planted_print(): print(TOKEN)
def test_planted_print_of_a_private_key(): print("-----BEGIN PRIVATE KEY-----")
def test_planted_private_jwk(): log.error({"kty": "OKP", "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"})
def test_planted_shared_secret():
    secret_key(SECRET)
    log.warning("with %s", SECRET)
def test_planted_client_secret():
    client_secret_basic("another-" + SECRET)
    log.warning("with another-%s", SECRET)
def test_planted_refresh_token(): log.warning("used %s", RefreshTokens([b"k" * 32]).first("0" * 36).split(".")[1])
def test_planted_traceback():
    try:
        raise ValueError(TOKEN)
    except ValueError:
        log.exception("failed")
def test_planted_cause_of_a_traceback():
    try:
        try:
            raise ValueError(TOKEN)
        except ValueError as error:
            raise KeyError("fine") from error
    except KeyError:
        log.exception("failed")
def test_planted_problem_body():
    guard(refusal_body=lambda refusal, said: ("text/plain", TOKEN.encode())).challenge(MissingToken())
def test_planted_answer_of_an_endpoint(): Answer(400, (), TOKEN.encode())
def test_planted_cause_of_a_refusal():
    refusal = InvalidToken()
    refusal.__cause__ = ValueError(TOKEN)
    guard().challenge(refusal)
def test_planted_decision(): ask(guard(), path="/" + TOKEN)
def test_planted_repr_in_a_frame(monkeypatch):
    monkeypatch.setattr(Authenticator, "__repr__", lambda self: TOKEN)
    ask(guard())
def test_planted_mistake():
    with pytest.raises(ConfigurationError):
        raise ConfigurationError("not good: " + TOKEN)
def test_planted_in_a_thread():
    thread = threading.Thread(target=log.warning, args=(TOKEN,))
    thread.start()
    thread.join()

def test_clean():
    log.warning("nothing to see")
    assert ask(guard(), f"Bearer {TOKEN}").refusal is None
    assert ask(guard()).refusal is not None
    caller = Principal(subject="alice", issuer=ISSUER)
    with pytest.raises(Exception):
        guard().demand(caller, role("boss"), {})
@pytest.mark.plants_secrets("as a test that is allowed to")
def test_clean_by_mark(): print(TOKEN)
def test_clean_but_its_warning_is_not(): warnings.warn(TOKEN)
"""


def run_planted(place: Path, *options: str) -> subprocess.CompletedProcess[str]:
    (place / "test_planted.py").write_text(PLANTED, "utf-8")
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_ADDOPTS": "", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    command = [sys.executable, "-m", "pytest", "-q", "-rA", "-p", "tests.leaks", "-p", "no:cacheprovider", *options]
    return subprocess.run(command, cwd=place, env=environ, capture_output=True, text=True, timeout=100)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> str:
    done = run_planted(tmp_path_factory.mktemp("planted"), "--show-capture=no", "--disable-warnings")
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stdout


def test_each_planted_leak_fails_its_test_and_nothing_else_does(played: str) -> None:
    failed = set(re.findall(r"^FAILED test_planted.py::(\w+)", played, re.MULTILINE))
    assert failed == set(re.findall(r"def (test_planted_\w+)", PLANTED))
    passed = set(re.findall(r"^PASSED test_planted.py::(\w+)", played, re.MULTILINE))
    assert {"test_clean", "test_clean_by_mark", "test_clean_but_its_warning_is_not"} <= passed


def test_the_report_says_where_and_not_what(played: str) -> None:
    assert "the log elsewhere shows a token" in played
    assert "a refusal's answer shows a token" in played
    assert "the repr of" in played
    told = played.partition("FAILURES")[2].partition("PASSES")[0]
    assert not re.search(r"eyJ[\w-]{12,}", told)
    assert "<token>" in told and "<secret>" in told and "a-secret-that-nobody-may-see" not in told


def test_it_works_in_workers(tmp_path: Path) -> None:
    pytest.importorskip("xdist", reason="needs the package pytest-xdist")
    done = run_planted(tmp_path, "-p", "xdist.plugin", "-n", "1", "-k", "log or clean")
    failed = set(re.findall(r"^FAILED test_planted.py::(\w+)", done.stdout, re.MULTILINE))
    assert failed == {"test_planted_log", "test_planted_debug_log_of_ours"}


def test_what_comes_when_its_test_is_over_fails_the_run(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(
        "import logging\nfrom tests.tokens import mint\n"
        "def pytest_sessionfinish(session): logging.getLogger('late').warning(mint())\n",
        "utf-8",
    )
    done = run_planted(tmp_path, "--disable-warnings", "-k", "test_clean_but_its_warning_is_not")
    assert "1 passed" in done.stdout
    assert done.returncode == 1, done.stdout
    assert "a warning of test_planted.py::test_clean_but_its_warning_is_not shows a token" in done.stdout
    assert "the log late shows a token" in done.stdout
    assert not re.search(r"eyJ[\w-]{12,}", done.stdout)


def test_words_that_are_no_secrets_are_not_taken_for_them() -> None:
    leaks = Leaks()
    leaks.made("eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJlLW9mLWEtdG9rZW4")
    leaks.search("here", "eyJ, a short word, and https://issuer.example/some/long-path-of-words/and-more-of-them")
    leaks.search("here", "short")
    assert leaks.taken() == []
    leaks.search("here", "c2lnbmF0dXJlLW9mLWEtdG9rZW4")
    assert len(leaks.taken()) == 1 and leaks.taken() == []
