"""What hypothesis draws: recipes of tokens, field lines, and a few requests that belong together.

Choices are made from long flat tables, of which no two are equal.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Any, Final, TypeVar

from hypothesis import strategies as st

from tests.forgery.changes import Change, changed, doing
from tests.forgery.mangles import REWRITES, SEGMENTS, SIGNATURES, TEXTS
from tests.forgery.palette import CLAIMS, HEADER
from tests.forgery.recipe import LEFT_OUT, NOW, Members, Recipe

from .oracle.verdict import CLERKS, PUBLIC, READ, UNGUARDED
from .requests import Case, Line, Request

T = TypeVar("T")

_UNTYPED: Final[Members] = (("typ", LEFT_OUT),)
_KEYS: Final = (
    *product(("hs", "ed", "ec"), ((), _UNTYPED, (("typ", '"JWT"'),))),
    *product(("hs", "ed", "ec"), ((), _UNTYPED)),
    *product(("rsa", "a stranger's ec", "a stranger's hs", "the text of ec"), [_UNTYPED]),
)
_BEFORE: Final = (
    *("bearer ", "BEARER   ", "bEaReR "),
    *("Bearer", "Bearer\t", "Bearer=", "Bearer Bearer ", "bearer\n", " Bearer ", "B\u00e9arer ", "Bearer\u00a0", ""),
    *("Basic ", "DPoP ", "Token ", "Basic YTpi, Bearer ", "Basic YTpi,bearer\t", "Digest a=b, c=Bearer ", "Basic\n"),
)
_AFTER: Final = ("=", "===", " ", ",", ", realm=x", " x", "\n", ", Bearer x", ";", "\x00", "\u00e9", '"')
_IGNORED: Final = (
    *("x-authorization", "proxy-authorization", "authorization2", "x-access-token", "cookie", "x-forwarded-user"),
    *("x-http-method-override", "x-original-url", "authorizatio"),
)
_ANY_LINE: Final = (Line(None, "anything"),)
_LINES: Final[Sequence[tuple[Line, ...]]] = (  # of which the first may get another recipe
    *[(Line(),)] * 110,
    *[_ANY_LINE] * 4,
    *((Line(before=before),) for before in _BEFORE),
    *((Line(after=after),) for after in _AFTER),
    *((Line(name=name),) for name in _IGNORED),
    *((Line(), Line(name=name)) for name in _IGNORED),
    *(
        (Line(), Line()),
        (Line(), Line(None, "Basic YTpi")),
        (Line(None, "Basic YTpi"), Line()),
        (Line(), Line(None, "")),
    ),
    *((), (Line(None, ""),), (Line(None, "Bearer "),), (Line(None, "Basic YTpi"),), (Line(None, "Bearer a.b.c"),)),
)
# whether the header stays, and the query
_QUERIES: Final[Sequence[tuple[bool, tuple[Line, ...]]]] = (
    *[(True, ())] * 8,
    *[(False, (Line(before="access_token="),))] * 24,
    (True, (Line(before="access_token="),)),
    (True, (Line(None, "access_token"),)),
    (True, (Line(None, "access_token=a.b.c"),)),
    (False, (Line(None, "a=b"), Line(before="access_token="), Line(None, ""), Line(None, "c=%zz"))),
    (False, (Line(before="access_token="), Line(before="access_token="))),
    (False, (Line(before="access_token="), Line(None, "access_token="))),
    (False, (Line(None, "access_token"),)),
    (False, (Line(None, "access_token="),)),
    (False, (Line(before="access%5Ftoken="),)),
    (False, (Line(before="%61ccess_token=", after="%20"),)),
    (False, (Line(before="access_token=+"),)),
    (False, (Line(before="access_token=", after="%"),)),
    (False, (Line(before="access_token=", after="%00"),)),
    (False, (Line(before="access_token=", after="#x"),)),
    (False, (Line(before="access_token=", after=";a=b"),)),
    (False, (Line(before="access_token==", after="="),)),
    *(
        (False, (Line(before=before),))
        for before in ("Access_Token=", "access_token[]=", " access_token=", "token=", "?access_token=")
    ),
    (False, (Line(before="access_token=", after="&a" * 99),)),
    (False, (Line(before="access_token=", after="&a" * 100),)),
)
_ELSEWHERE: Final = tuple(
    product(
        (*["/"] * 5, *[READ] * 3, CLERKS, CLERKS, PUBLIC, UNGUARDED, "/public/", "//public", "/nowhere"),
        (*["GET"] * 6, "POST", "HEAD", "DELETE", "OPTIONS", "get"),
        (*[0] * 5, 1, 29, 31, 31, 45, 60, 299, 330, 400),
    )
)


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
_FRESH, _AGAIN, _TWICE = 0, 1, 2
_COURSES: Final = (
    *[(_FRESH,)] * 3,
    *[(_FRESH, _AGAIN)] * 3,
    *((_FRESH, _TWICE), (_FRESH, _FRESH), (_FRESH, _AGAIN, _AGAIN), (_FRESH, _TWICE, _AGAIN), (_FRESH, _FRESH, _AGAIN)),
)


def _last(chosen: tuple[Any, ...]) -> Any:
    return chosen[-1]


class _Slot:
    """The choices for one request of a case. No two are made from equal tables: of such hypothesis copies one to the
    other, and most of what it draws then has been there before."""

    def __init__(self, number: int) -> None:
        def one_of(table: Sequence[T], *more: object) -> st.SearchStrategy[T]:
            return st.sampled_from([(number, *more, each) for each in table]).map(_last)

        self.elsewhere = one_of(_ELSEWHERE)
        self.lines = one_of(_LINES)
        self.queries = one_of(_QUERIES)
        self.key = one_of(_KEYS)
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
    for course, slot in zip(draw(st.sampled_from(_COURSES)), _SLOTS, strict=False):
        path, method, later = draw(slot.elsewhere)
        lines = draw(slot.lines) if course == _FRESH else requests[-1].lines * course
        if course == _FRESH and lines == _ANY_LINE:
            lines = (Line(None, draw(_text)),)
        elif course == _FRESH and lines and lines[0].recipe is not None:
            lines = (replace(lines[0], recipe=_recipe(draw, slot)), *lines[1:])
        if course == _FRESH and by_query:
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
