"""``jwt-middleware inspect`` shows what a token says, and never that it was verified."""

import json

import pytest
from click.testing import CliRunner, Result

from jwt_middleware.cli import main
from tests import tokens

TWICE = tokens.base64url(b'{"alg":"ES256","alg":"none"}')


def inspect(token: str, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["inspect", *arguments], input=token)


def unsigned(header: object, claims: object, signature: str = "AA") -> str:
    return ".".join([*(tokens.base64url(json.dumps(part).encode()) for part in (header, claims)), signature])


def test_it_says_first_that_nothing_was_verified() -> None:
    shown = inspect(tokens.mint())
    assert shown.exit_code == 0
    assert shown.output.startswith("NOT VERIFIED: ")
    assert "header (unverified)" in shown.output
    assert '"sub": "alice"' in shown.output
    for word in ("valid", "genuine", "ok", "good"):
        assert word not in shown.output.lower().split()


def test_the_token_and_its_signature_are_never_printed() -> None:
    token = tokens.mint()
    for arguments in ([], ["--json"]):
        shown = inspect(f"Bearer {token}\n", *arguments)
        assert shown.exit_code == 0
        assert all(part not in shown.output for part in token.split("."))


def test_json_says_so_as_well() -> None:
    found = json.loads(inspect(tokens.mint(), "--json").output)
    assert found["verified"] is False
    assert found["claims"]["iss"] == tokens.ISSUER


def test_times_are_told_from_the_moment_that_was_named() -> None:
    token = unsigned({"alg": "ES256", "kid": "k"}, {"iss": "i", "aud": "a", "exp": 1_000_000_060, "nbf": 999_999_990})
    said = inspect(token, "--at", "1000000000").output
    assert "exp says 2001-09-09 01:47:40 UTC, 60 seconds from now" in said
    assert "nbf says 2001-09-09 01:46:30 UTC, 10 seconds ago" in said


def test_what_every_guard_refuses_is_remarked() -> None:
    said = inspect(unsigned({"alg": "none", "crit": ["x"]}, {"exp": True})).output
    for remark in ("alg names no signature", "a guard refuses this header", "no iss", "no aud", "no kid"):
        assert remark in said
    assert "whoever can verify" in inspect(unsigned({"alg": "HS256"}, {})).output


def test_what_a_terminal_would_obey_is_escaped() -> None:
    shown = inspect(unsigned({"alg": "ES256"}, {"sub": "\x1b[2J\u202e", "\x07": 1}))
    assert "\\u001b[2J\\u202e" in shown.output
    assert "\x1b" not in shown.output
    assert "\x07" not in shown.output


@pytest.mark.parametrize(
    ("token", "says"),
    [
        ("", "exactly one token"),
        ("a b", "exactly one token"),
        ("a" * 70_000, "exactly one token"),
        ("a.b", "2 segments"),
        ("a.b.c.d.e", "encrypted"),
        ("e30.e30=.AA", "no guard would read this"),
        ("W10.e30.AA", "no guard would read this"),
        (f"{TWICE}.e30.AA", "no guard would read this"),
    ],
)
def test_what_is_no_token_is_not_echoed(token: str, says: str) -> None:
    shown = inspect(token)
    assert shown.exit_code == 2
    assert says in shown.output
    assert len(token) < 3 or token not in shown.output


def test_a_token_is_no_argument() -> None:
    assert CliRunner().invoke(main, ["inspect", tokens.mint()]).exit_code == 2
