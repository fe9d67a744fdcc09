"""The reader of challenges and the expectations can say no."""

import pytest

from conformance.challenge_grammar import challenges
from conformance.must import (
    Must,
    admitted,
    body,
    both,
    closed,
    does_not_start,
    either,
    fetched,
    fetched_at_most,
    field,
    forbidden,
    invalid_token,
    keeps_the_token,
    lacks_scope,
    no_credentials,
    no_field,
    parameter,
    problem,
    status,
    unavailable,
)
from conformance.seen import Seen, seen_from


def answer(code: int, *fields: tuple[str, str], content: bytes = b"{}") -> Seen:
    return Seen(code, fields, content, "application")


def challenged(code: int, *values: str) -> Seen:
    return answer(code, *(("WWW-Authenticate", value) for value in values))


def test_a_challenge_is_taken_apart() -> None:
    (found,) = challenges('Bearer realm="a b", error="invalid_token", Other=token')
    assert (found.scheme, found.parameters) == (
        "Bearer",
        {"realm": "a b", "error": "invalid_token", "other": "token"},
    )


def test_several_challenges_on_one_line_are_told_apart() -> None:
    line = 'Basic realm="simple", Newauth realm="apps", type=1, title="Login to \\"apps\\""'  # RFC 9110 section 11.6.1
    first, second = challenges(line)
    assert (first.scheme, dict(first.parameters)) == ("Basic", {"realm": "simple"})
    assert (second.scheme, second.parameters["title"]) == ("Newauth", 'Login to "apps"')


@pytest.mark.parametrize(
    "line",
    [
        "",
        'Bearer realm="a',
        "Bearer realm=a",
        'Bearer realm="a" error="b"',
        'Bearer realm="a", realm="b"',
        'Bearer realm="a", REALM="b"',
        'Bearer realm="a", error="in"valid"',
        'Bearer realm="a", error="in\\"valid"',
        'Bearer realm="a", error_description="caf\u00e9"',
        'Bearer realm="a", scope="a  b"',
        'Bearer realm="a", scope=""',
        'Bearer realm="a", error_uri="/relative"',
        'Bearer\trealm="a"',
        'Bearer realm="a",',
        'Bearer realm="a"\r\nx: y',
    ],
)
def test_a_challenge_that_is_not_to_the_letter_is_refused(line: str) -> None:
    with pytest.raises(ValueError):
        challenges(line)


GOOD_401 = challenged(401, 'Bearer realm="orders", error="invalid_token"')
GOOD_403 = challenged(403, 'Bearer realm="orders", error="insufficient_scope", scope="a"')
PROBLEM = answer(
    401, ("Content-Type", "application/problem+json"), content=b'{"type":"t","title":"t","detail":"d","status":401}'
)
OUTAGE = answer(503, ("Retry-After", "5"))
TOKEN = "abcdefghijklmnopqrstuvwxyz.ABCDEFGHIJKLMNOPQRSTUVWXYZ.c"


@pytest.mark.parametrize(
    ("must", "good", "bad"),
    [
        (admitted(), answer(200), answer(204)),
        (admitted(subject="a"), answer(200, content=b'{"subject":"a"}'), answer(200, content=b'{"subject":"b"}')),
        (invalid_token, GOOD_401, challenged(401, "Bearer")),
        (invalid_token, GOOD_401, challenged(401, 'bearer realm="orders", error="invalid_token"')),
        (invalid_token, GOOD_401, challenged(401, 'Bearer realm="orders"')),
        (invalid_token, GOOD_401, challenged(403, 'Bearer realm="orders", error="invalid_token"')),
        (invalid_token, GOOD_401, challenged(401, 'Bearer error="invalid_token"', 'Bearer realm="orders"')),
        (invalid_token, GOOD_401, challenged(401, 'Bearer error="invalid_token", Basic realm="orders"')),
        (invalid_token, GOOD_401, answer(401)),
        (no_credentials, challenged(401, 'Bearer realm="a"'), GOOD_401),
        (no_credentials, challenged(401, 'Bearer realm="a"'), challenged(401, 'Bearer error_description="a"')),
        (forbidden, challenged(403, 'Bearer realm="a"'), GOOD_403),
        (lacks_scope("a"), GOOD_403, challenged(403, 'Bearer error="insufficient_scope", scope="b"')),
        (unavailable, OUTAGE, answer(503)),
        (unavailable, OUTAGE, answer(503, ("Retry-After", "5"), ("WWW-Authenticate", 'Bearer realm="a"'))),
        (unavailable, OUTAGE, answer(500)),
        (does_not_start, Seen(500, by="nobody"), answer(500)),
        (status(404), answer(404), answer(403)),
        (both(status(404), body(b"{}")), answer(404), answer(404, content=b"")),
        (either(status(404), status(403)), answer(403), answer(401)),
        (field("A", "b"), answer(200, ("a", "b")), answer(200, ("a", "b"), ("a", "b"))),
        (no_field("A"), answer(200), answer(200, ("a", "b"))),
        (parameter("realm", "orders"), GOOD_401, challenged(401, 'Bearer realm="x"')),
        (problem(), PROBLEM, answer(401, content=PROBLEM.body)),
        (problem(), PROBLEM, answer(403, *PROBLEM.headers, content=PROBLEM.body)),
        (problem(title="t"), PROBLEM, answer(401, *PROBLEM.headers, content=b'{"type":"t","detail":"d","status":401}')),
        (fetched("/a"), Seen(fetched=("/a",)), Seen(fetched=("/a", "/b"))),
        (fetched_at_most(1), Seen(fetched=("/a",)), Seen(fetched=("/a", "/b"))),
        (closed(1008, 3000), Seen(closed=3000), Seen(closed=1000)),
        (keeps_the_token, Seen(secrets=(TOKEN,)), Seen(secrets=(TOKEN,), log=f"... {TOKEN.split('.')[1]}")),
        (keeps_the_token, Seen(secrets=(TOKEN,)), Seen(401, (("x", TOKEN),), secrets=(TOKEN,))),
    ],
)
def test_an_expectation_takes_what_is_right_and_says_what_is_wrong(must: Must, good: Seen, bad: Seen) -> None:
    assert must.wrong(good) == ""
    assert must.wrong(bad) != ""


def test_answers_of_the_application_are_told_from_those_of_its_server() -> None:
    marked = seen_from(400, [("X-Answered-By", "application"), ("A", "b")], b"")
    assert (marked.by, marked.headers) == ("application", (("A", "b"),))
    assert seen_from(400, [("A", "b")], b"").by == "server"
    assert seen_from(500, [("X-Answered-By", "configuration error")], b"").by == "nobody"
    assert seen_from(400, [], b"", marked=False).by == "somebody"
    assert [str(seen_from(code, [], b"")) for code in (400, 0, 200)] == [
        "refused by the server",
        "refused by the server",
        "200 by the server",
    ]
