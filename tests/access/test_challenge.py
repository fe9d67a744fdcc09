"""From a refusal to status, headers and body."""

import json
import re

import pytest

from jwt_middleware import AuthError, AuthUnavailable, Forbidden, InvalidToken, MalformedRequest, MissingToken
from jwt_middleware.access.challenge import challenge_for
from jwt_middleware.access.refusal_body import detail_and_code, plain_text
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


def test_a_page_that_explains_refusals_is_named_beside_an_error_and_as_the_type_of_the_problem() -> None:
    page = "https://docs.example/refusals/{code}"
    challenge = challenge_for(InvalidToken("token_expired"), "orders", error_uri=page)
    assert challenge.authenticate.endswith(', error_uri="https://docs.example/refusals/token_expired"')
    assert json.loads(challenge.body)["type"] == "https://docs.example/refusals/token_expired"


@pytest.mark.parametrize("refusal", [MissingToken(), Forbidden(missing=["role clerk"])])
def test_a_challenge_without_an_error_explains_none(refusal: AuthError) -> None:
    challenge = challenge_for(refusal, "orders", error_uri="https://docs.example/refusals")
    assert challenge.authenticate == 'Bearer realm="orders"'
    assert json.loads(challenge.body)["type"] == "https://docs.example/refusals"


def test_the_problem_mirrors_what_the_challenge_says() -> None:
    problem = json.loads(challenge_for(Forbidden(missing=["scope a"], scopes=["a", "b"]), "orders").body)
    assert (problem["error"], problem["scope"]) == ("insufficient_scope", "a b")
    assert "error" not in json.loads(challenge_for(Forbidden(missing=["role clerk"]), "orders").body)


@pytest.mark.parametrize("odd", ['a"b', "a\\b", "a b", "a\r\nx: y", "\u00e9", ""])
def test_a_scope_that_nobody_could_ask_for_is_not_named(odd: str) -> None:
    assert challenge_for(Forbidden(scopes=[odd, "good"]), "orders").authenticate.endswith(', scope="good"')
    assert challenge_for(Forbidden(scopes=[odd]), "orders").authenticate == 'Bearer realm="orders"'


@pytest.mark.parametrize("odd", ['"', "\\", "\r\nx-injected: 1", "\x00", "\u00e9", "\U0001f600"])
def test_a_challenge_holds_legal_characters_whatever_is_handed_in(odd: str) -> None:
    refusal = InvalidToken()
    refusal.sentence = f"a{odd}b"
    challenge = challenge_for(refusal, f"or{odd}ders", error_uri=f"https://docs.example/{odd}")
    assert re.fullmatch(r'Bearer (?:[a-z_]+="[\x20\x21\x23-\x5b\x5d-\x7e]*"(?:, )?){4}', challenge.authenticate)


def test_the_body_may_be_what_clients_of_rest_framework_expect() -> None:
    challenge = challenge_for(InvalidToken("token_expired"), "orders", body=detail_and_code)
    assert dict(challenge.headers)["content-type"] == "application/json"
    assert json.loads(challenge.body) == {"detail": "the token has expired", "code": "token_expired"}


def test_the_body_may_be_the_sentence_alone() -> None:
    challenge = challenge_for(InvalidToken("token_expired"), "orders", body=plain_text)
    assert dict(challenge.headers)["content-type"] == "text/plain; charset=utf-8"
    assert challenge.body == b"the token has expired"


@pytest.mark.parametrize("refusal", [MissingToken(), MalformedRequest(), Forbidden(scopes=["a"]), AuthUnavailable()])
def test_whatever_the_body_is_the_header_is_the_same(refusal: AuthError) -> None:
    usual = dict(challenge_for(refusal, "orders").headers)
    for body in (detail_and_code, plain_text):
        challenge = challenge_for(refusal, "orders", body=body)
        other = dict(challenge.headers)
        assert other["content-length"] == str(len(challenge.body))
        for name in ("www-authenticate", "retry-after", "cache-control"):
            assert other.get(name) == usual.get(name)
