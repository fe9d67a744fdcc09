"""Path patterns."""

import pytest

from jwt_middleware import ConfigurationError
from jwt_middleware.access.paths import Pattern, path_patterns, patterns_of


@pytest.mark.parametrize(
    ("pattern", "method", "path", "expected"),
    [
        ("/health", "GET", "/health", True),
        ("/health", "POST", "/health", True),
        ("/health", "GET", "/health/", False),
        ("/health", "GET", "/healthz", False),
        ("/health", "GET", "/Health", False),
        ("/health", "GET", "/health\n", False),
        ("/static/*", "GET", "/static/a.css", True),
        ("/static/*", "GET", "/static/a/b.css", True),
        ("/static/*", "GET", "/static/", True),
        ("/static/*", "GET", "/static", False),
        ("/static/*", "GET", "/static/../orders", False),
        ("/static/*", "GET", "/static//orders", False),
        ("/static/*", "GET", "/static/..\\orders", False),
        ("/static/*", "GET", "//static/a", False),
        ("/*", "GET", "/anything", True),
        (("GET", "/items"), "GET", "/items", True),
        (("GET", "/items"), "HEAD", "/items", False),
        (("GET", "/items"), "POST", "/items", False),
        (("GET", "/items/*"), "GET", "/items/1", True),
        (("GET", "/items/*"), "DELETE", "/items/1", False),
    ],
)
def test_a_pattern_matches(pattern: Pattern, method: str, path: str, expected: bool) -> None:
    assert path_patterns([pattern], "public_paths")(method, path) is expected


def test_no_pattern_matches_nothing() -> None:
    assert not path_patterns([], "public_paths")("GET", "/")


def test_no_pattern_at_all_guards_nothing_and_is_a_mistake() -> None:
    with pytest.raises(ConfigurationError, match="guarded_paths is empty"):
        path_patterns([], "guarded_paths", wide=True)


@pytest.mark.parametrize(
    "pattern", ["", "health", "*", "/a*", "/a/*/b", "/a?b", ("get", "/a"), ("GET",), 3, ("GET", "a"), (1, "/a")]
)
def test_anything_else_is_a_mistake(pattern: Pattern) -> None:
    with pytest.raises(ConfigurationError, match="public_paths"):
        path_patterns([pattern], "public_paths")


def test_one_text_is_a_mistake() -> None:
    with pytest.raises(ConfigurationError, match=r"\['/health'\]"):
        path_patterns("/health", "public_paths")


@pytest.mark.parametrize(
    ("pattern", "method", "path", "expected"),
    [
        ("/api/*", "GET", "/api/orders", True),
        ("/api/*", "GET", "/api/a//b", True),
        ("/api/*", "GET", "/api/../api/b", True),
        ("/api/*", "GET", "/api/../b", True),
        ("/api/*", "GET", "/api/a\\b", True),
        ("/api/*", "GET", "//api/b", True),
        ("/api/*", "GET", "/pages/../api/b", True),
        ("/api/*", "GET", "/pages//b", False),
        ("/api/*", "GET", "/pages", False),
        ("/api", "GET", "//api", True),
        ("/*", "GET", "", True),
        ("/*", "OPTIONS", "*", True),
        ("/*", "GET", "http://host/api", True),
        ("/api/*", "GET", "api/a", True),
        (("GET", "/api"), "HEAD", "/api", True),
        (("GET", "/api/*"), "HEAD", "/api/a", True),
        (("HEAD", "/api/*"), "HEAD", "/api/a", True),
        (("GET", "/api/*"), "POST", "/api/a", False),
        ("/private", "GET", "/private\n", True),
        ("/private", "GET", "/private\n\n", False),
        ("/api/*", "GET", "/other\n", False),
    ],
)
def test_a_pattern_that_guards_matches_however_a_path_may_be_read(
    pattern: Pattern, method: str, path: str, expected: bool
) -> None:
    assert path_patterns([pattern], "guarded_paths", wide=True)(method, path) is expected


def test_a_question_knows_the_patterns_that_it_was_made_of() -> None:
    given: list[Pattern] = ["/health", ("GET", "/static/*")]
    for wide in (False, True):
        assert patterns_of(path_patterns(iter(given), "public_paths", wide=wide)) == tuple(given)
    assert patterns_of(lambda method, path: True) == ()
