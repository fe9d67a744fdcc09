"""``jwt-middleware explain`` says what becomes of a token on a route, offline and at any moment."""

import json
import subprocess
import sys
import time
from pathlib import Path

import jwt
import pytest

from tests import tokens

HERE = Path(__file__).parent
SECRET = "0123456789abcdef" * 4
NOW = 1_800_000_000


def token(**changes: object) -> str:
    claims = {"iss": "https://issuer.example", "aud": "orders", "sub": "alice", "exp": NOW + 300, **changes}
    return jwt.encode(claims, SECRET, "HS256")


def explain(route: str, text: str, *arguments: str, app: str = "hole:app") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "jwt_middleware.cli", "explain", "--app", app, "--route", route, *arguments]
    done = subprocess.run(command, cwd=HERE, input=text, capture_output=True, text=True, timeout=60)
    assert not any(len(part) > 20 and part in done.stdout + done.stderr for part in text.split("."))
    return done


def test_a_caller_who_lacks_something_is_told_what() -> None:
    done = explain("GET /orders", token(scope="orders:write"), "--at", str(NOW))
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.splitlines() == [
        "GET /orders  hole.py:29",
        "├── yes: token present",
        "├── yes: token genuine",
        "├── yes: caller named",
        '├── a user of "https://issuer.example"',
        "├── no: scope('orders:read')  (the caller has scopes ['orders:write'])",
        "└── refused: 403 requirement_not_met, because of scope('orders:read')",
    ]


def test_who_has_what_is_required_is_admitted() -> None:
    done = explain("GET /orders", token(scope="orders:read"), "--at", str(NOW))
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1] == "└── admitted: the requirement is met"
    assert (
        explain("GET /health", token(), "--at", str(NOW)).stdout.splitlines()[-1].endswith("any genuine caller passes")
    )


def test_a_token_is_judged_at_the_moment_that_was_named() -> None:
    done = explain("GET /orders", token(scope="orders:read"), "--at", str(NOW + 600))
    assert done.returncode == 1
    assert "no: token genuine" in done.stdout
    assert "refused: 401 token_expired" in done.stdout


def test_where_no_token_is_looked_at_it_says_so() -> None:
    assert "admitted: unguarded" in explain("POST /login", token()).stdout
    done = explain("GET /shut", token(), "--factory", app="hole:leaky")
    assert (done.returncode, "refused: nobody" in done.stdout) == (1, True)


def test_what_the_application_knows_of_a_caller_counts_and_the_rest_of_its_say_is_named() -> None:
    done = explain("GET /orders", token(), "--at", str(NOW), app="enriched:app")
    assert (done.returncode, done.stderr) == (0, "")
    assert "yes: role('clerk')  (the caller has roles ['clerk'])" in done.stdout
    assert done.stdout.splitlines()[-1] == "└── not asked, and may still refuse: on_admitted"


def test_the_tree_is_coloured_for_a_terminal_and_plain_for_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    coloured = explain("GET /orders", token(scope="other"), "--at", str(NOW)).stdout
    assert "\x1b[31mno: \x1b[0m" in coloured
    monkeypatch.delenv("FORCE_COLOR")
    assert "\x1b" not in explain("GET /orders", token(), "--at", str(NOW)).stdout


def test_keys_may_come_from_a_file_and_nothing_is_fetched(tmp_path: Path) -> None:
    keys = tmp_path / "jwks.json"
    keys.write_text(json.dumps(tokens.jwks("ec")))
    sent = tokens.mint(iss="https://issuer.invalid", tenant="acme", exp=int(time.time()) + 60)
    for tenant, code in (("acme", 0), ("other", 1)):
        done = explain(
            "GET /of/{tenant}", sent, "--jwks", str(keys), "--parameter", f"tenant={tenant}", app="hole:remote"
        )
        assert done.returncode == code, done.stdout + done.stderr
        assert "acme" not in done.stdout


@pytest.mark.parametrize(
    ("route", "arguments", "says"),
    [
        ("/orders", [], "write a method and a path"),
        ("GET /nowhere", [], "there is no route /nowhere"),
        ("PUT /orders", [], "/orders takes GET"),
        ("GET /orders", ["--parameter", "tenant"], "write NAME=VALUE"),
    ],
)
def test_a_mistake_is_one_sentence(route: str, arguments: list[str], says: str) -> None:
    done = explain(route, token(), *arguments)
    assert done.returncode == 2  # 1 would say that the caller is refused
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_an_application_without_a_door_is_told() -> None:
    assert "nothing guards this application" in explain("GET /docs", token(), app="hole:bare").stderr
