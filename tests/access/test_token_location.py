"""Where in a request the token stands."""

import hashlib
import hmac
from collections.abc import Callable, Sequence
from typing import Any, Literal

import pytest

from jwt_middleware import (
    AuthError,
    ConfigurationError,
    Forbidden,
    InvalidToken,
    MalformedRequest,
    MissingToken,
    RequestInfo,
    authorization_header,
    token_in_cookie,
    token_in_header,
    token_in_query_that_leaks_into_logs,
    token_in_websocket_protocol,
)

TOKEN = "aaa.bbb.ccc"
SECRET = b"0123456789abcdef0123456789abcdef"


def request(
    *headers: tuple[str, str],
    method: str = "GET",
    kind: Literal["http", "websocket"] = "http",
    query: str = "",
    csrf_by_framework: bool = False,
) -> RequestInfo:
    def header(name: str) -> Sequence[str]:
        return [value for each, value in headers if each == name]

    return RequestInfo(kind=kind, method=method, query=query, header=header, csrf_by_framework=csrf_by_framework)


@pytest.mark.parametrize("value", [f"Bearer {TOKEN}", f"bearer {TOKEN}", f"BEARER   {TOKEN}", f"bEaReR {TOKEN}"])
def test_the_scheme_is_matched_without_regard_to_case(value: str) -> None:
    assert authorization_header(request(("authorization", value))) == TOKEN


def test_no_header_is_no_token() -> None:
    assert authorization_header(request()) is None


@pytest.mark.parametrize(
    "value", ["Basic dXNlcjpwYXNz", "Digest a=b, c=d", "DPoP abc", "Negotiate", "Bearerx abc", "a.b.c"]
)
def test_another_scheme_is_no_credentials_and_no_later_place_counts(value: str) -> None:
    with pytest.raises(MissingToken):
        authorization_header(request(("authorization", value)))


@pytest.mark.parametrize(
    "value",
    [
        *(
            "",
            " ",
            "Bearer",
            "Bearer ",
            "Bearer  ",
            "bearer",
            f"Bearer\t{TOKEN}",
            f"Bearer {TOKEN} ",
            f" Bearer {TOKEN}",
        ),
        *(
            "Bearer a b",
            'Bearer a"b',
            "Bearer a,b",
            "Bearer a=b",
            "Bearer =",
            "Bearer \xe9",
        ),
        *("Bearer a\x00b", "Bearer a\n", "Bearer a%20b", "B\xe9arer abc", "(comment) abc", 'Bearer token="abc"', ","),
    ],
)
def test_a_broken_header_is_malformed(value: str) -> None:
    with pytest.raises(MalformedRequest) as refused:
        authorization_header(request(("authorization", value)))
    assert refused.value.reason == "header_malformed"


def test_a_look_alike_letter_is_not_the_scheme() -> None:
    with pytest.raises(AuthError):
        authorization_header(request(("authorization", "Bea\u017fer abc")))


@pytest.mark.parametrize("second", [f"Bearer {TOKEN}", "Basic abc", ""])
def test_two_headers_are_refused(second: str) -> None:
    headers = [("authorization", f"Bearer {TOKEN}"), ("authorization", second)]
    joined = [("authorization", f"Bearer {TOKEN}, Bearer {TOKEN}")]  # as a WSGI server hands them over
    for pair in (headers, headers[::-1], joined):
        with pytest.raises(MalformedRequest) as refused:
            authorization_header(request(*pair))
        assert refused.value.reason == "several_tokens"


def test_another_header_with_and_without_scheme() -> None:
    bare, schemed = token_in_header("X-Forwarded-Token"), token_in_header("X-Token", scheme=True)
    assert bare(request(("x-forwarded-token", TOKEN))) == TOKEN
    assert schemed(request(("x-token", f"Bearer {TOKEN}"))) == TOKEN
    assert bare(request()) is None
    for broken in ([("x-forwarded-token", f"Bearer {TOKEN}")], [("x-forwarded-token", TOKEN)] * 2):
        with pytest.raises(MalformedRequest):
            bare(request(*broken))
    with pytest.raises(ConfigurationError):
        token_in_header("bad name")


COOKIE = token_in_cookie("access", secret=SECRET, allowed_origins=["https://app.example"])
OWN = ("host", "api.example")
CSRF = COOKIE.csrf_token(TOKEN)
BOTH = ("cookie", f"theme=dark; access={TOKEN}; csrf_token={CSRF}")


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "TRACE"])
def test_a_cookie_on_a_safe_method_needs_no_proof(method: str) -> None:
    assert COOKIE(request(("cookie", f"access={TOKEN}"), method=method)) == TOKEN


def test_no_cookie_is_no_token() -> None:
    assert COOKIE(request()) is None
    assert COOKIE(request(("cookie", "other=1; accessory=2"), method="POST")) is None


@pytest.mark.parametrize(
    "origin",
    [
        ("origin", "https://app.example"),
        ("origin", "https://api.example"),
        ("sec-fetch-site", "same-origin"),
    ],
)
def test_an_unsafe_method_passes_with_origin_and_double_submit(origin: tuple[str, str]) -> None:
    assert COOKIE(request(BOTH, OWN, origin, ("x-csrf-token", CSRF), method="POST")) == TOKEN


@pytest.mark.parametrize(
    "headers",
    [
        [BOTH, OWN, ("x-csrf-token", CSRF)],
        [BOTH, OWN, ("origin", "https://evil.example"), ("x-csrf-token", CSRF)],
        [BOTH, OWN, ("origin", "null"), ("x-csrf-token", CSRF)],
        [BOTH, OWN, ("origin", "http://api.example"), ("x-csrf-token", CSRF)],
        [BOTH, OWN, ("origin", "https://app.example"), ("origin", "https://evil.example"), ("x-csrf-token", CSRF)],
        [BOTH, OWN, ("sec-fetch-site", "cross-site"), ("x-csrf-token", CSRF)],
        [BOTH, OWN, ("sec-fetch-site", "same-site"), ("x-csrf-token", CSRF)],
        [BOTH, OWN, ("sec-fetch-site", "none"), ("x-csrf-token", CSRF)],
        [BOTH, OWN, ("origin", "https://evil.example"), ("sec-fetch-site", "same-origin"), ("x-csrf-token", CSRF)],
        [BOTH, OWN, ("origin", "https://app.example")],
        [BOTH, OWN, ("origin", "https://app.example"), ("x-csrf-token", "")],
        [BOTH, OWN, ("origin", "https://app.example"), ("x-csrf-token", CSRF + "x")],
        [BOTH, OWN, ("origin", "https://app.example"), ("x-csrf-token", CSRF), ("x-csrf-token", CSRF)],
        [("cookie", f"access={TOKEN}"), OWN, ("origin", "https://app.example"), ("x-csrf-token", "")],
        [
            ("cookie", f"access={TOKEN}; csrf_token=made.up"),
            *(OWN, ("origin", "https://app.example"), ("x-csrf-token", "made.up")),
        ],
        [
            ("cookie", f"access=other.token.text; csrf_token={CSRF}"),
            *(OWN, ("origin", "https://app.example"), ("x-csrf-token", CSRF)),
        ],
        [BOTH, OWN, ("origin", "https://app.example"), ("x-csrf-token", "\xe9")],
    ],
)
@pytest.mark.parametrize("method", ["POST", "DELETE", "get", "ANYTHING"])
def test_an_unsafe_method_without_proof_is_forbidden(headers: list[tuple[str, str]], method: str) -> None:
    with pytest.raises(Forbidden) as refused:
        COOKIE(request(*headers, method=method))
    assert refused.value.reason == "csrf_failed"


def test_a_framework_that_checks_itself_is_trusted_to_do_so() -> None:
    assert COOKIE(request(("cookie", f"access={TOKEN}"), method="POST", csrf_by_framework=True)) == TOKEN


def test_a_websocket_with_a_cookie_needs_an_allowed_origin() -> None:
    cookie = ("cookie", f"access={TOKEN}")
    for origin in ("https://app.example", "https://api.example"):
        assert COOKIE(request(cookie, OWN, ("origin", origin), kind="websocket")) == TOKEN
    for headers in ([cookie, OWN], [cookie, OWN, ("origin", "https://evil.example")]):
        with pytest.raises(Forbidden):
            COOKIE(request(*headers, kind="websocket", csrf_by_framework=True))


def test_a_cookie_set_twice_is_refused_only_if_it_is_ours_and_differs() -> None:
    assert COOKIE(request(("cookie", f"a=1; a=2; access={TOKEN}; access={TOKEN}"))) == TOKEN
    with pytest.raises(MalformedRequest):
        COOKIE(request(("cookie", f"access={TOKEN}; access=x.y.z")))
    with pytest.raises(MalformedRequest):
        COOKIE(request(("cookie", 'access="quoted"')))


def test_the_csrf_value_is_an_hmac_over_a_random_part_and_the_token() -> None:
    random, _, signature = CSRF.partition(".")
    assert len(random) == 32
    assert hmac.new(SECRET, f"{random}.{TOKEN}".encode(), hashlib.sha256).hexdigest() == signature
    assert COOKIE.csrf_token(TOKEN) != CSRF


def test_mistakes_of_a_cookie_are_reported_together_and_the_secret_is_not_shown() -> None:
    with pytest.raises(ConfigurationError) as wrong:
        token_in_cookie("a;b", secret="short-secret", allowed_origins=["https://app.example/path"])
    assert len(wrong.value.mistakes) == 3
    assert "short-secret" not in str(wrong.value)
    with pytest.raises(ConfigurationError):
        token_in_cookie("a", secret=SECRET, allowed_origins="https://app.example")
    wrong_each: list[dict[str, Any]] = [
        {"secret": 64},  # bytes(64) would be known to everybody
        {"secret": None},
        {"csrf_cookie": "a"},
        {"csrf_cookie": "a b"},
        {"csrf_header": "X_CSRF"},
        {"name": 7},
    ]
    for changes in wrong_each:
        with pytest.raises(ConfigurationError):
            token_in_cookie(**{"name": "a", "secret": SECRET, **changes})
    assert "0123456789" not in repr(COOKIE)
    assert token_in_cookie("a", secret=SECRET.decode()).secret == SECRET


def test_a_websocket_offers_the_token_as_a_subprotocol() -> None:
    location = token_in_websocket_protocol()
    offered = ("sec-websocket-protocol", f"chat, bearer.{TOKEN}")
    assert location(request(offered, kind="websocket")) == TOKEN
    assert location(request(offered)) is None
    assert location(request(("sec-websocket-protocol", "chat"), kind="websocket")) is None
    with pytest.raises(MalformedRequest):
        location(request(offered, offered, kind="websocket"))


def test_a_place_that_names_nothing_is_a_mistake() -> None:
    declarations: list[Callable[[], object]] = [
        lambda: token_in_websocket_protocol(""),
        lambda: token_in_websocket_protocol("bearer,"),
        lambda: token_in_query_that_leaks_into_logs(""),
        lambda: token_in_header(""),
        lambda: token_in_header("X A"),
    ]
    for declare in declarations:
        with pytest.raises(ConfigurationError):
            declare()


def test_the_query_is_read_only_by_the_loudly_named_choice() -> None:
    location = token_in_query_that_leaks_into_logs()
    assert location(request(query=f"page=1&access_token={TOKEN}")) == TOKEN
    assert location(request(query="page=1")) is None
    for broken in (f"access_token={TOKEN}&access_token={TOKEN}", "access_token=", "&".join("a=1" for _ in range(101))):
        with pytest.raises(MalformedRequest):
            location(request(query=broken))
    assert TOKEN not in repr(request(query=f"access_token={TOKEN}"))


def test_what_is_larger_than_any_rules_take_is_refused_for_its_size_whatever_it_holds() -> None:
    for text in ("x" * 1_048_577, "x y" * 1_048_577, "." * 10_000_000):
        with pytest.raises(InvalidToken) as refused:
            authorization_header(RequestInfo(header=lambda name, text=text: [f"Bearer {text}"]))  # type: ignore[misc]  # bound at once
        assert refused.value.reason == "token_too_large"
    assert authorization_header(RequestInfo(header=lambda name: ["Bearer " + "x" * 1_048_576])) == "x" * 1_048_576
