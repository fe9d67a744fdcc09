"""``jwt-middleware issue``: a token of a loud issuer that no guard takes unless it is told to."""

import json
import logging
import stat
from pathlib import Path
from typing import Any

import jwt
import pytest

from jwt_middleware import DEVELOPMENT_ISSUER, ConfigurationError, DevelopmentIssuerWarning, Guard, TrustedIssuer
from jwt_middleware.access.admission import Admission
from jwt_middleware.access.request import RequestInfo
from jwt_middleware.key_sources.file import file
from jwt_middleware.waiting import run

from .programs import program

RIGHTS = (
    "--scope",
    "orders:read",
    "--scope",
    "orders:write",
    "--role",
    "clerk",
    "--group",
    "north",
    "--tenant",
    "acme",
)


def admission(guard: Guard, token: str) -> Admission:
    sent = {"authorization": [f"Bearer {token}"]}
    return run(guard.admit(RequestInfo(header=lambda name: sent.get(name, []))))


def trusted(folder: Path) -> TrustedIssuer:
    keys = file(folder / "development-key.jwks.json")
    with pytest.warns(DevelopmentIssuerWarning, match="DEVELOPMENT TOKENS ARE TAKEN"):
        return TrustedIssuer(DEVELOPMENT_ISSUER, audience="orders", keys=keys, development=True)


def test_the_token_is_all_that_goes_to_standard_output(tmp_path: Path) -> None:
    done = program("issue", "--audience", "orders", *RIGHTS, "--claim", "floor=7", "--claim", "desk=7b", where=tmp_path)
    assert done.returncode == 0
    token = done.stdout.removesuffix("\n")
    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims["iss"] == DEVELOPMENT_ISSUER == "https://development.invalid/jwt-middleware"
    assert (claims["exp"] - claims["iat"], claims["floor"], claims["desk"]) == (3600, 7, "7b")
    assert done.stderr.startswith("made development-key.pem, which only you can read")
    assert "DEVELOPMENT TOKEN: for this machine only, never for a deployment." in done.stderr
    assert token.split(".")[2] not in done.stderr


def test_the_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    first = program("issue", "--audience", "orders", where=tmp_path).stdout.strip()
    key, published = tmp_path / "development-key.pem", tmp_path / "development-key.jwks.json"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert set(json.loads(published.read_text())["keys"][0]) == {"kty", "crv", "x", "y", "kid", "use", "alg"}
    published.write_text("of another key")
    again = program("issue", "--audience", "orders", where=tmp_path)
    assert "made" not in again.stderr
    named = {jwt.get_unverified_header(each)["kid"] for each in (first, again.stdout.strip())}
    assert named == {json.loads(published.read_text())["keys"][0]["kid"]}
    key.chmod(0o640)
    refused = program("issue", "--audience", "orders", where=tmp_path)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "can be read by others; say chmod 600" in refused.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["issue"], 2, "Missing option '--audience'"),
        (["issue", "--audience", "orders", "--claim", "dept"], 2, "write NAME=VALUE"),
        (["issue", "--audience", "orders", "--claim", "iss=https://idp.example.com"], 2, "iss"),
        (["issue", "--audience", "orders", "--scope", "a b"], 2, "a scope has no blanks"),
        (["issue", "--audience", "orders", "--lifetime", "90000"], 2, "90000 is not in the range"),
        (["issue", "--audience", "orders", "--key", "no-key.pem"], 2, "no private key that can be read"),
        (["issue", "--audience", "orders", "--key", "nowhere/key.pem"], 2, "cannot be written: No such file"),
    ],
)
def test_a_mistake_is_one_sentence_and_no_token(tmp_path: Path, arguments: list[str], code: int, says: str) -> None:
    (tmp_path / "no-key.pem").write_text("nothing")
    (tmp_path / "no-key.pem").chmod(0o600)
    done = program(*arguments, where=tmp_path)
    assert (done.returncode, done.stdout) == (code, "")
    assert says in done.stderr


def test_a_guard_takes_the_token_only_when_it_is_told_to(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    token = program("issue", "--audience", "orders", *RIGHTS, where=tmp_path).stdout.strip()
    keys = file(tmp_path / "development-key.jwks.json")
    spellings: list[Any] = [DEVELOPMENT_ISSUER, "https://DEVELOPMENT.invalid./other", {None: DEVELOPMENT_ISSUER}]
    for issuer in spellings:
        with pytest.raises(ConfigurationError, match="say development=True"):
            TrustedIssuer(issuer, audience="orders", keys=keys)
    with pytest.raises(ConfigurationError, match="issue alone"):
        TrustedIssuer("https://idp.example.com", audience="orders", keys=keys, development=True)

    ordinary = Guard(TrustedIssuer("https://idp.example.com", audience="orders", keys=keys))
    refused = admission(ordinary, token).refusal  # whoever trusts the very same key
    assert refused is not None
    assert refused.reason == "issuer_untrusted"

    with caplog.at_level(logging.WARNING, "jwt_middleware"):
        caller = admission(Guard(trusted(tmp_path)), token).principal
    assert "DEVELOPMENT TOKENS ARE TAKEN" in caplog.text
    assert (caller.subject, caller.scopes, caller.roles) == ("developer", ("orders:read", "orders:write"), ("clerk",))


def test_a_token_of_another_key_is_refused(tmp_path: Path) -> None:
    program("issue", "--audience", "orders", where=tmp_path)
    (tmp_path / "other").mkdir()
    token = program("issue", "--audience", "orders", where=tmp_path / "other").stdout.strip()
    refused = admission(Guard(trusted(tmp_path)), token).refusal
    assert refused is not None
    assert refused.status == 401


def test_the_doctor_finds_an_application_that_takes_development_tokens(tmp_path: Path) -> None:
    program("issue", "--audience", "orders", where=tmp_path)
    (tmp_path / "service.py").write_text(
        "from jwt_middleware import DEVELOPMENT_ISSUER, Guard, TrustedIssuer\n"
        "from jwt_middleware.asgi import JWTMiddleware\n"
        "from jwt_middleware.key_sources.file import file\n"
        "keys = file('development-key.jwks.json')\n"
        "trusted = TrustedIssuer(DEVELOPMENT_ISSUER, audience='orders', keys=keys, development=True)\n"
        "app = JWTMiddleware(print, guard=Guard(trusted))\n"
    )
    done = program("doctor", "--app", "service:app", where=tmp_path)
    assert done.returncode == 1
    assert "error    development: development tokens are taken" in done.stdout
    assert "DevelopmentIssuerWarning: DEVELOPMENT TOKENS ARE TAKEN" in done.stderr  # loud at every start
