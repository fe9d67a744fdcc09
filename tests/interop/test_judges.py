"""Access tokens of ours, judged by verifiers that no one here wrote: jose, and oauth4webapi as a resource server."""

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args

import pytest

from jwt_middleware.issuing import Account, SigningKeys, TokenIssuer, jwks_document
from jwt_middleware.issuing.signing_key import PublicAlgorithm

from .oidc_provider import NotInstallable, installed

pytestmark = pytest.mark.interop

ISSUER = "https://accounts.example.com/t1"
Judge = Callable[[SigningKeys, str], dict[str, Any]]


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    try:
        folder = installed(Path(__file__).with_name("judges"), ("package.json", "package-lock.json", "judge.mjs"))
    except NotInstallable as missing:
        pytest.skip(str(missing))
    process = subprocess.Popen(
        ["node", "judge.mjs"], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    questions, answers = process.stdin, process.stdout

    def asked(keys: SigningKeys, token: str) -> dict[str, Any]:
        question = {"issuer": ISSUER, "jwks": jwks_document(keys), "audience": "orders", "token": token}
        questions.write(json.dumps(question) + "\n")
        questions.flush()
        answer: dict[str, Any] = json.loads(answers.readline())
        return answer

    yield asked
    questions.close()
    answers.close()
    process.wait(20)


@pytest.mark.parametrize("algorithm", get_args(PublicAlgorithm))
def test_our_tokens_are_accepted(judge: Judge, algorithm: PublicAlgorithm) -> None:
    keys = SigningKeys(algorithm=algorithm)
    keys.prepare()
    issuer = TokenIssuer(ISSUER, keys)
    ann = Account(subject="ann", scopes=["read"], roles=["clerk"], amr=["pwd"], claims={"desk": {"floor": 7}})
    person = issuer.token_for(
        ann, audience=["orders", "inventory"], client_id="shop", session_id="s1", logged_in_at=1_700_000_000
    )
    found = judge(keys, person)
    assert (found["jose"]["accepted"], found["oauth4webapi"]["accepted"]) == (True, True), found
    assert found["oauth4webapi"]["claims"] == found["jose"]["claims"]
    assert found["jose"]["claims"]["desk"] == {"floor": 7}
    machine = judge(keys, issuer.machine_token("billing", audience="orders", scopes=["read"]))
    assert (machine["jose"]["accepted"], machine["oauth4webapi"]["accepted"]) == (True, True), machine


def test_tokens_of_before_and_after_a_rotation_are_accepted_and_those_of_a_withdrawn_key_are_not(judge: Judge) -> None:
    keys = SigningKeys(algorithm="ES256")
    issuer = TokenIssuer(ISSUER, keys)
    before = issuer.access_token("ann", audience="orders", client_id="shop")
    keys.rotate(at_once=True)
    after = issuer.access_token("ann", audience="orders", client_id="shop")
    for token in (before, after):
        found = judge(keys, token)
        assert (found["jose"]["accepted"], found["oauth4webapi"]["accepted"]) == (True, True), found
    keys.withdraw(keys.records[0].key.kid)
    found = judge(keys, before)
    assert (found["jose"]["accepted"], found["oauth4webapi"]["accepted"]) == (False, False)


def test_the_judges_refuse_what_is_not_ours(judge: Judge) -> None:
    keys = SigningKeys(algorithm="ES256")
    strange = TokenIssuer(ISSUER, SigningKeys(algorithm="ES256"))
    for token in (
        strange.access_token("ann", audience="orders", client_id="shop"),
        TokenIssuer(ISSUER, keys).access_token("ann", audience="inventory", client_id="shop"),
        TokenIssuer("https://other.example", keys).access_token("ann", audience="orders", client_id="shop"),
    ):
        found = judge(keys, token)
        assert (found["jose"]["accepted"], found["oauth4webapi"]["accepted"]) == (False, False)
