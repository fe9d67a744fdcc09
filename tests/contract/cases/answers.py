"""What an answer must be."""

import json
from typing import Final

from jwt_middleware.errors import REASONS

from ..exchange import Answer
from .rows import Check

REALM: Final = 'Bearer realm="orders"'


def refused(
    status: int, code: str = "", *, error: str = "", scopes: str = "", missing: list[str] | None = None, ran: str = ""
) -> Check:
    """A challenge, word by word, and an endpoint that did not run (or only ``ran``, and raised)."""

    def check(answer: Answer) -> None:
        assert (answer.status, answer.error) == (status, None), (
            f"{answer.status} {answer.error!r} {answer.ran} {answer.body[:200]!r}"
        )
        assert answer.ran == ((ran,) if ran else ()), f"an endpoint ran: {answer.ran}"
        problem = json.loads(answer.body)
        assert not code or problem["code"] == code, f"the code is {problem['code']}"
        reason = problem["code"]
        assert problem["detail"] == REASONS[reason], "the detail is not the fixed sentence"
        assert problem["status"] == status
        assert answer.header("content-type") == "application/problem+json"
        assert answer.header("cache-control") == "no-store"
        assert answer.header("content-length") == str(len(answer.body))
        expected = REALM
        if error:
            expected += f', error="{error}", error_description="{REASONS[reason]}"'
        if scopes:
            expected += f', scope="{scopes}"'
        found = answer.header("www-authenticate")
        if status in (502, 503):
            assert found == "" and int(answer.header("retry-after")) >= 1
        else:
            assert found == expected, f"the challenge is {found}"
        assert problem.get("missing", []) == (missing or []), f"missing is {problem.get('missing')}"

    return check


def anonymous(code: str = "token_missing") -> Check:
    return refused(401, code)


def invalid(code: str = "") -> Check:
    return refused(401, code, error="invalid_token")


def malformed(code: str = "") -> Check:
    return refused(400, code, error="invalid_request")


def ran(path: str, who: str = "alice", status: int = 200, body: bytes | None = None) -> Check:
    def check(answer: Answer) -> None:
        assert (answer.status, answer.error) == (status, None), (
            f"{answer.status} {answer.error!r} {answer.body[:200]!r}"
        )
        assert answer.ran == (f"{path} {who}",), f"what ran is {answer.ran}"
        assert answer.body == (who.encode() if body is None else body), f"the body is {answer.body!r}"
        assert not answer.header("www-authenticate")

    return check


def theirs(*statuses: int) -> Check:
    """The framework's own answer, from no endpoint of ours."""

    def check(answer: Answer) -> None:
        assert answer.error is None, repr(answer.error)
        assert answer.status in statuses, f"the status is {answer.status}"
        assert not answer.header("www-authenticate")
        assert answer.header("content-type") != "application/problem+json"
        assert answer.ran == ()

    return check
