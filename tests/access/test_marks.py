"""What a route says of itself."""

import functools

import pytest

from jwt_middleware import ConfigurationError, scope
from jwt_middleware.access.marks import (
    Mark,
    declare,
    is_overtaken,
    mark_of,
    overtake,
    public,
    requirement_of,
    unguarded,
)


def view() -> None: ...


def test_a_mark_is_read_back() -> None:
    @public
    def open_view() -> None: ...

    @unguarded
    def login() -> None: ...

    assert mark_of(open_view) is Mark.PUBLIC
    assert mark_of(login) is Mark.UNGUARDED
    assert mark_of(view) is None
    assert mark_of(3) is None


def test_a_subclass_never_inherits_a_mark() -> None:
    @public
    class Open: ...

    class Private(Open): ...

    assert mark_of(Open) is Mark.PUBLIC
    assert mark_of(Private) is None
    assert mark_of(Private()) is None


def test_a_decorator_with_wraps_keeps_a_mark_and_one_without_loses_it() -> None:
    @public
    def open_view() -> None: ...

    @functools.wraps(open_view)
    def kept() -> None: ...

    def lost() -> None:
        open_view()

    assert mark_of(kept) is Mark.PUBLIC
    assert mark_of(lost) is None


def test_a_forged_mark_counts_for_nothing() -> None:
    def forged() -> None: ...

    forged.__jwt_middleware_mark__ = "public"  # type: ignore[attr-defined]  # what is tested
    assert mark_of(forged) is None


def test_a_requirement_is_read_back_and_inherited() -> None:
    class Guarded: ...

    class Below(Guarded): ...

    declare(Guarded, scope("a"))
    assert requirement_of(Guarded) == scope("a")
    assert requirement_of(Below) == scope("a")
    assert requirement_of(view) is None


@pytest.mark.parametrize("mark", [public, unguarded])
def test_a_mark_together_with_a_requirement_is_a_mistake(mark: type) -> None:
    def required() -> None: ...

    declare(required, scope("a"))
    with pytest.raises(ConfigurationError, match="keep one of the two"):
        mark(required)

    def marked() -> None: ...

    mark(marked)
    with pytest.raises(ConfigurationError, match="keep one of the two"):
        declare(marked, scope("a"))


def test_what_a_view_that_was_required_before_becomes_is_not_overtaken_itself() -> None:
    def inner() -> None: ...

    overtake(inner)  # by one requirement, and now by another: one view on two routes

    @functools.wraps(inner)
    def asking() -> None: ...

    declare(asking, scope("b"))
    assert not is_overtaken(asking)
    assert is_overtaken(inner)


def test_an_overtaken_view_is_known() -> None:
    def inner() -> None: ...

    assert not is_overtaken(inner)
    overtake(inner)
    assert is_overtaken(inner)
    assert not is_overtaken(3)
