"""Challenges as RFC 9110 writes them, and as nobody should."""

import pytest

from jwt_middleware.access.challenge import challenge_for
from jwt_middleware.client import received_challenges
from jwt_middleware.client.challenges import says_invalid_token
from jwt_middleware.errors import Forbidden, InvalidToken, MissingToken

READ: list[tuple[str, list[tuple[str, dict[str, str], str]]]] = [
    ("Basic", [("basic", {}, "")]),
    ("Negotiate, Basic", [("negotiate", {}, ""), ("basic", {}, "")]),
    ("Negotiate YWJj==", [("negotiate", {}, "YWJj==")]),
    ("Negotiate YWJj==, Bearer realm=x", [("negotiate", {}, "YWJj=="), ("bearer", {"realm": "x"}, "")]),
    ('Bearer realm="a, b=c"', [("bearer", {"realm": "a, b=c"}, "")]),
    ('BEARER Error = "invalid_token" , ReAlM=x', [("bearer", {"error": "invalid_token", "realm": "x"}, "")]),
    (r'Bearer realm="say \"hi\" \\ there"', [("bearer", {"realm": r'say "hi" \ there'}, "")]),
    (  # the example of RFC 9110 section 11.6.1
        'Basic realm="simple", Newauth realm="apps", type=1, title="Login to \\"apps\\""',
        [
            ("basic", {"realm": "simple"}, ""),
            ("newauth", {"realm": "apps", "type": "1", "title": 'Login to "apps"'}, ""),
        ],
    ),
    (", ,Bearer realm=x,, ,error=invalid_token, ,", [("bearer", {"realm": "x", "error": "invalid_token"}, "")]),
    ("Bearer  realm=x", [("bearer", {"realm": "x"}, "")]),
    ('Bearer realm="ü"', [("bearer", {"realm": "ü"}, "")]),
    ('Bearer realm=""', [("bearer", {"realm": ""}, "")]),
    ("Bearer realm=x, Other", [("bearer", {"realm": "x"}, ""), ("other", {}, "")]),
    ("Bearer , Basic", [("bearer", {}, ""), ("basic", {}, "")]),
    ("Bearer ", [("bearer", {}, "")]),
    ("", []),
    (" , ", []),
]
UNREADABLE = [
    'Bearer realm="never ends',
    "Bearer realm=x error=invalid_token",
    "Bearer realm=x, realm=y",
    "Bearer realm=x, REALM=x",
    'Bearer error="invalid_token"x',
    'Bearer error="invalid_token" Basic',
    '"Bearer" error=invalid_token',
    "Bearer error=invalid_token, =",
    "=",
    "Bearer\x00error=invalid_token",
    'Bearer realm="\x00", error=invalid_token',
    "Bearer YWJj== x",
    "Bearer\terror=invalid_token",
    "Bearer (error)=invalid_token",
]


@pytest.mark.parametrize(("line", "expected"), READ)
def test_a_line_is_read_as_the_standard_writes_it(line: str, expected: list[tuple[str, dict[str, str], str]]) -> None:
    found = received_challenges([line])
    assert [(each.scheme, dict(each.parameters), each.token68) for each in found] == expected


@pytest.mark.parametrize("line", UNREADABLE)
def test_a_line_that_cannot_be_read_says_nothing(line: str) -> None:
    assert received_challenges([line, "Basic"]) == received_challenges(["Basic"])
    assert not says_invalid_token([line])


def test_several_lines_are_read_each_for_itself() -> None:
    found = received_challenges(["DPoP algs=ES256", 'Bearer error="invalid_token"'])
    assert [each.scheme for each in found] == ["dpop", "bearer"]
    assert says_invalid_token(["DPoP algs=ES256", 'Bearer error="invalid_token"'])


@pytest.mark.parametrize(
    "line",
    [
        "DPoP error=invalid_token",
        "Bearer error=insufficient_scope",
        'Bearer realm="error=invalid_token"',
        'Bearer realm="x, error=\\"invalid_token\\""',
        "Bearer",
        "Bearer error=INVALID_TOKEN",
        "Bearer error_description=invalid_token",
    ],
)
def test_only_a_bearer_challenge_with_that_error_says_that_the_token_is_not_good(line: str) -> None:
    assert not says_invalid_token([line])


def test_a_hostile_length_is_not_read() -> None:
    long = f'Bearer realm="{"x" * 8200}", error=invalid_token'
    assert received_challenges([long]) == ()
    assert received_challenges(["Basic"] * 5000 + ["Bearer error=invalid_token"])[-1].scheme == "basic"


@pytest.mark.parametrize(
    "line",
    ["," * 8000, "a " * 4000, 'a="' * 2700, "a=b," * 2000, "Bearer " + " " * 8000, "x" * 8192, "a b=c" + " ," * 4000],
)
def test_no_line_takes_long(line: str) -> None:
    received_challenges([line])


@pytest.mark.parametrize("refusal", [MissingToken(), InvalidToken("token_expired"), Forbidden(scopes=["a", "b"])])
def test_our_own_challenges_are_read_back(refusal: MissingToken | InvalidToken | Forbidden) -> None:
    written = challenge_for(refusal, "orders").authenticate
    (found,) = received_challenges([written])
    assert (found.scheme, found.parameters["realm"]) == ("bearer", "orders")
    assert says_invalid_token([written]) == isinstance(refusal, InvalidToken)
