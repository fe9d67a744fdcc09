"""What hypothesis draws: recipes of tokens, field lines, and a few requests that belong together.

Choices are made from long flat tables, of which no two are equal.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, TypeVar

from hypothesis import strategies as st

from tests.forgery.changes import Change, changed, doing
from tests.forgery.mangles import REWRITES, SEGMENTS, SIGNATURES, TEXTS
from tests.forgery.palette import CLAIMS, HEADER
from tests.forgery.recipe import NOW, Recipe

from .requests import Case, Line, Request
from .shapes import ANY_LINE, COURSES, ELSEWHERE, FRESH, KEYS, LINES, QUERIES

T = TypeVar("T")


def _evenly(field: str, palette: Mapping[str, tuple[str, ...]], weight: int) -> list[Change]:
    """As many for each name, however much is known to be said of it."""
    return [
        (field, name, value)
        for name, values in palette.items()
        for value in values * max(1, round(weight / len(values)))
    ]


# what is decisive when a token comes again, or where it comes to
_TIMES: Final = tuple(str(NOW + each) for each in (-29, -20, -1, 0, 1, 10, 25))
_SCOPES: Final = ('"unread"', '"readwrite"', '"write"', '"write read"', '"reader"')
_CHANGES: Final[Sequence[Change]] = (
    *_evenly("claims", CLAIMS, 24),
    *_evenly("claims", {"exp": _TIMES, "scope": _SCOPES}, 40),
    *_evenly("header", HEADER, 14),
    *doing("rewrites", REWRITES) * 2,
    *doing("segments", SEGMENTS) * 4,
    *doing("signature", SIGNATURES) * 3,
    *doing("texts", TEXTS) * 2,
)
_json = st.recursive(
    st.one_of(
        st.sampled_from(
            ["0", "-0.5", "1e3", "null", "true", "1800000300", '"orders"', '"alice"', '"\\ud800"', "1E400"]
        ),
        st.integers().map(str),
        st.floats(allow_nan=False, allow_infinity=False).map(json.dumps),
        st.text(max_size=12).map(json.dumps),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda each: f"[{','.join(each)}]"),
        st.tuples(st.sampled_from(["a", "value", "\u00e4"]), inner).map(lambda each: f'{{"{each[0]}":{each[1]}}}'),
    ),
    max_leaves=3,
)
_ANYTHING: Final = "anything"
_FREE: Final = [
    *(("claims", name, _ANYTHING) for name in CLAIMS),
    *(("header", name, _ANYTHING) for name in HEADER),
]
_text = st.builds("{}{}".format, st.sampled_from(["Bearer ", "Bearer a.", ""]), st.text(max_size=30))


def _last(chosen: tuple[Any, ...]) -> Any:
    return chosen[-1]


class _Slot:
    """The choices for one request of a case. No two are made from equal tables: of such hypothesis copies one to the
    other, and most of what it draws then has been there before."""

    def __init__(self, number: int) -> None:
        def one_of(table: Sequence[T], *more: object) -> st.SearchStrategy[T]:
            return st.sampled_from([(number, *more, each) for each in table]).map(_last)

        self.elsewhere = one_of(ELSEWHERE)
        self.lines = one_of(LINES)
        self.queries = one_of(QUERIES)
        self.key = one_of(KEYS)
        self.how_many = one_of((0, *[1] * 5, *[2] * 3, 3))
        self.changes = [one_of((*_CHANGES, *_FREE * 3), place) for place in range(3)]


_SLOTS: Final = [_Slot(number) for number in range(3)]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Up to three requests; a later one mostly sends again what came before, for guards remember."""
    requests: list[Request] = []
    at = 0
    by_query = draw(st.sampled_from((False, False, False, True)))
    query: tuple[Line, ...] = ()
    for course, slot in zip(draw(st.sampled_from(COURSES)), _SLOTS, strict=False):
        path, method, later = draw(slot.elsewhere)
        lines = draw(slot.lines) if course == FRESH else requests[-1].lines * course
        if course == FRESH and lines == ANY_LINE:
            lines = (Line(None, draw(_text)),)
        elif course == FRESH and lines and lines[0].recipe is not None:
            lines = (replace(lines[0], recipe=_recipe(draw, slot)), *lines[1:])
        if course == FRESH and by_query:
            stays, parts = draw(slot.queries)
            recipe = lines[0].recipe if lines else Recipe()
            query = tuple(part if part.recipe is None else replace(part, recipe=recipe) for part in parts)
            lines = lines if stays else ()
        requests.append(Request(lines, path, method, at, query))
        at += later
    return Case(tuple(requests), by_query)


def _recipe(draw: st.DrawFn, slot: _Slot) -> Recipe:
    """Most are signed correctly, and say one or two things that are odd."""
    recipe = Recipe(*draw(slot.key))
    for strategy in slot.changes[: draw(slot.how_many)]:
        field, name, value = draw(strategy)
        if value == _ANYTHING:
            value = draw(_json)
        recipe = changed(recipe, (field, name, value))
    return recipe
