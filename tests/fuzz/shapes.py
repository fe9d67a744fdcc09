"""Shapes of requests, as flat tables: whose token, what stands around it, where it is sent, and when again."""

from collections.abc import Sequence
from itertools import product
from typing import Final

from tests.forgery.recipe import LEFT_OUT, Members

from .oracle.verdict import CLERKS, PUBLIC, READ, UNGUARDED
from .requests import Line

_UNTYPED: Final[Members] = (("typ", LEFT_OUT),)
KEYS: Final = (
    *product(("hs", "ed", "ec"), ((), _UNTYPED, (("typ", '"JWT"'),))),
    *product(("hs", "ed", "ec"), ((), _UNTYPED)),
    *product(("rsa", "a stranger's ec", "a stranger's hs", "the text of ec"), [_UNTYPED]),
)
_BEFORE: Final = (
    *("bearer ", "BEARER   ", "bEaReR ") * 3,
    *("Basic YTpi, Bearer ", "Basic YTpi,bearer\t") * 2,
    *("Bearer", "Bearer\t", "Bearer=", "Bearer Bearer ", "bearer\n", " Bearer ", "B\u00e9arer ", "Bearer\u00a0", ""),
    *("Basic ", "DPoP ", "Token ", "Basic YTpi, Bearer ", "Basic YTpi,bearer\t", "Digest a=b, c=Bearer ", "Basic\n"),
)
_AFTER: Final = ("=", "===", " ", ",", ", realm=x", " x", "\n", ", Bearer x", ";", "\x00", "\u00e9", '"')
_IGNORED: Final = (
    *("x-authorization", "proxy-authorization", "authorization2", "x-access-token", "cookie", "x-forwarded-user"),
    *("x-http-method-override", "x-original-url", "authorizatio"),
)
ANY_LINE: Final = (Line(None, "anything"),)
LINES: Final[Sequence[tuple[Line, ...]]] = (  # of which the first may get another recipe
    *[(Line(),)] * 150,
    *[ANY_LINE] * 4,
    *((Line(before=before),) for before in _BEFORE),
    *((Line(after=after),) for after in _AFTER),
    *((Line(name=name),) for name in _IGNORED * 2),
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
QUERIES: Final[Sequence[tuple[bool, tuple[Line, ...]]]] = (
    *[(True, ())] * 8,
    *[(False, (Line(before="access_token="),))] * 24,
    *[(True, (Line(before="access_token="),))] * 3,
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
    *[(False, (Line(before="access_token=", after="&a" * 100),))] * 6,
)
ELSEWHERE: Final = tuple(
    product(
        (*["/"] * 5, *[READ] * 3, CLERKS, CLERKS, PUBLIC, UNGUARDED, "/public/", "//public", "/nowhere"),
        (*["GET"] * 6, "POST", "HEAD", "DELETE", "OPTIONS", "get"),
        (*[0] * 5, 1, 29, 31, 31, 45, 60, 299, 330, 400),
    )
)


FRESH, _AGAIN, _TWICE = 0, 1, 2  # how often what came before is sent again
COURSES: Final = (
    *[(FRESH,)] * 3,
    *[(FRESH, _AGAIN)] * 3,
    *((FRESH, _TWICE), (FRESH, FRESH), (FRESH, _AGAIN, _AGAIN), (FRESH, _TWICE, _AGAIN), (FRESH, FRESH, _AGAIN)),
)
