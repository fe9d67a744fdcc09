"""What caches may do with an answer to a token in the URL."""

import pytest

from jwt_middleware.access.caching import kept_private


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ([], "private"),
        ([""], "private"),
        (["max-age=60"], "max-age=60, private"),
        (["max-age=60", "must-revalidate"], "max-age=60, must-revalidate, private"),
        (["public, max-age=60"], "max-age=60, private"),
        (["Public"], "private"),
        (["private"], "private"),
        (["PRIVATE, max-age=1"], "max-age=1, private"),
        (['private="set-cookie, x-a", max-age=1'], 'private="set-cookie, x-a", max-age=1, private'),
        ([r'ext="a\", public, \"b"'], r'ext="a\", public, \"b", private'),
        (["no-store"], "no-store"),
        (["max-age=0, No-Store"], "max-age=0, No-Store"),
        ([",, ,"], "private"),
    ],
)
def test_no_shared_cache_may_keep_it_and_all_else_stays(said: list[str], kept: str) -> None:
    assert kept_private(said) == kept
