"""From a refusal to status, headers and body."""

import json
import re

import pytest

from jwt_middleware import AuthError, AuthUnavailable, Forbidden, InvalidToken, MalformedRequest, MissingToken
from jwt_middleware.access.challenge import challenge_for
from jwt_middleware.errors import REASONS


@pytest.mark.parametrize(
    ("refusal", "status", "authenticate"),
    [
        (MissingToken(), 401, 'Bearer realm="orders"'),
        (
            InvalidToken("token_expired"),
            401,
            'Bearer realm="orders", error="invalid_token", error_description="the token has expired"',
        ),
        (
            MalformedRequest(),
            400,
            'Bearer realm="orders", error="invalid_request",'
            ' error_description="the credentials in the request are malformed"',
        ),
        (
            Forbidden(missing=["scope a"], scopes=["a", "b"]),
            403,
            'Bearer realm="orders", error="insufficient_scope",'
            ' error_description="the caller lacks what this operation requires", scope="a b"',
        ),
        (Forbidden(missing=["role clerk"]), 403, 'Bearer realm="orders"'),
        (Forbidden("csrf_failed"), 403, 'Bearer realm="orders"'),
        (AuthUnavailable(), 503, ""),
    ],
)
def test_a_refusal_becomes_its_challenge(refusal: AuthError, status: int, authenticate: str) -> None:
    challenge = challenge_for(refusal, "orders")
    headers = dict(challenge.headers)
    problem = json.loads(challenge.body)
    assert (challenge.status, challenge.authenticate) == (status, authenticate)
    assert headers["content-type"] == "application/problem+json"
    assert headers["cache-control"] == "no-store"
    assert headers["content-length"] == str(len(challenge.body))
    assert problem["status"] == status
    assert problem["detail"] == REASONS[refusal.reason]
    assert problem["code"] == refusal.reason


def test_an_outage_says_when_to_try_again() -> None:
    assert dict(challenge_for(AuthUnavailable(retry_after=17), "orders").headers)["retry-after"] == "17"


def test_the_body_of_a_403_says_what_was_missing() -> None:
    challenge = challenge_for(Forbidden(missing=["role clerk", "scope a"]), "orders")
    assert json.loads(challenge.body)["missing"] == ["role clerk", "scope a"]


@pytest.mark.parametrize("reason", sorted(REASONS))
def test_every_sentence_is_legal_in_a_header(reason: str) -> None:
    assert re.fullmatch(r"[\x20\x21\x23-\x5b\x5d-\x7e]+", REASONS[reason])  # RFC 6750 section 3
