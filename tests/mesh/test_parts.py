"""What a run is made of: the drawn requests, the forgeries, the planted faults, the report, the page."""

import ast
from collections import Counter
from pathlib import Path
from typing import Any

import jwt
import pytest

from tests.mesh.callers import SLOTS
from tests.mesh.document import BEGINNING, END, write
from tests.mesh.faults import PLANTED
from tests.mesh.forgeries import forgeries
from tests.mesh.judging import Answer, Token
from tests.mesh.processes import EXAMPLE
from tests.mesh.report import report
from tests.mesh.routes import ROUTES
from tests.mesh.run import Seen
from tests.mesh.visits import visits
from tests.tokens import AUDIENCE, ISSUER, jwks, mint

MESH = Path(__file__).parent


def test_the_same_seed_draws_the_same_requests() -> None:
    first = list(visits(1, 60, 30))
    assert first == list(visits(1, 60, 30))
    assert first != list(visits(2, 60, 30))
    assert 0.9 < len(first) / (60 * 30) < 1.1
    assert set(Counter(each.slot for each in first)) == set(SLOTS)
    assert set(Counter(each.route for each in first)) == set(ROUTES)


def test_forgeries_are_refused_by_a_library_that_no_one_here_wrote() -> None:
    token, keys = mint(), jwks("ec")
    key = jwt.PyJWK(keys["keys"][0])
    assert jwt.decode(token, key, ["ES256"], audience=AUDIENCE, issuer=ISSUER)["sub"] == "alice"
    for trick, text in forgeries(token, keys).items():
        with pytest.raises(jwt.InvalidTokenError):
            jwt.decode(text, key, ["ES256"], audience=AUDIENCE, issuer=ISSUER)
        assert text != token, trick


@pytest.mark.parametrize("name", PLANTED)
def test_what_a_planted_fault_changes_is_there_once(name: str) -> None:
    for file, (written, instead) in PLANTED[name].items():
        source = (EXAMPLE / file).read_text(encoding="utf-8")
        assert source.count(written) == 1
        ast.parse(source.replace(written, instead))


def test_nothing_of_the_package_is_in_the_model() -> None:
    for file in MESH.glob("*.py"):
        imported = list(ast.walk(ast.parse(file.read_text(encoding="utf-8"))))
        names = [each.module or "" for each in imported if isinstance(each, ast.ImportFrom)]
        names += [name.name for each in imported if isinstance(each, ast.Import) for name in each.names]
        assert not [name for name in names if name.startswith("jwt_middleware")], file.name


def seen(**changed: Any) -> Seen:
    """A run of which every request was answered as it should be."""
    tokens = {name: Token(number, caller) for number, (name, (_, caller)) in enumerate(SLOTS.items())}
    tokens["forged"].flaw = tokens["expired"].flaw = "of no worth"
    tokens["gone"].ending = tokens["gone"].ended = 0.0
    answers = []
    for visit in visits(1, 60, 2):
        bad = visit.slot in ("forged", "expired", "gone")
        status, challenge = (401, 'Bearer error="invalid_token"') if bad else (200, "")
        route = "orders: list" if bad else "accounts: keys"
        answers.append(
            Answer(visit.number, visit.slot, route, tokens[visit.slot].number, 10.0, 10.1, status, "", challenge)
        )
    empty = dict.fromkeys(("accounts", "orders", "inventory", "shipping"), "")
    made: dict[str, Any] = {"answers": answers, "tokens": list(tokens.values()), "logs": empty, "secrets": []}
    made |= {"outages": [], "counts": {}, "unexplained": [], "seconds": 2, "rate": 60, "seed": 1}
    return Seen(**{**made, **changed})


def test_a_run_that_went_well_has_no_fault() -> None:
    assert report(seen()).faults == []


def test_a_run_that_lost_requests_or_tried_nothing_proves_nothing() -> None:
    answers = [each for each in seen().answers if each.slot not in ("gone", "auditor")]
    told = "\n".join(report(seen(answers=answers)).faults)
    assert "are accounted for" in told
    assert "nothing was tried as 'gone'" in told
    assert "nobody was admitted as 'auditor'" in told


def test_a_token_or_secret_in_a_log_is_a_fault() -> None:
    tokens = seen().tokens
    tokens[0].text = f"head.body.{'s' * 40}"
    logs = {**seen().logs, "orders": f"sent {'s' * 40}", "accounts": f"a {'k' * 40} b"}
    assert report(seen(tokens=tokens, logs=logs, secrets=["k" * 40])).faults == [
        "a secret stands in the log of accounts",
        "token 0 (clerk) stands in the log of orders",
    ]


def test_an_exception_in_a_log_is_a_fault() -> None:
    log = "Traceback (most recent call last):\n  File\nKeyError: 'x'\n"
    assert report(seen(logs={**seen().logs, "orders": log})).faults == [
        "an exception stands in the log of orders: KeyError: 'x'"
    ]


def test_what_failed_outside_of_every_outage_is_a_fault() -> None:
    assert "refresh: 401" in report(seen(unexplained=["refresh: 401"])).faults[0]


def test_the_page_is_written_between_its_marks(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGINNING}old\n{END}after\n")
    write(report(seen()), "a machine", page)
    text = page.read_text()
    assert "old" not in text
    assert text.startswith(f"before\n{BEGINNING}| what happened |  |")
    assert text.endswith(f"Measured on a machine.\n{END}after\n")
