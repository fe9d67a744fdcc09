"""What was found once, in the package or when a fault was planted in it, made as small as it goes: it runs every time."""

from collections.abc import Mapping
from typing import Final

from tests.forgery.recipe import NOW, Members, Recipe

from .oracle.verdict import CLERKS, PUBLIC, READ
from .requests import Case, Line, Request


def _line(*, claims: Members = (), header: Members = (), before: str = "Bearer ", texts: tuple[str, ...] = ()) -> Line:
    return Line(Recipe("hs", header, claims, texts=texts), before)


def _sent(line: Line, *more: Request, path: str = "/") -> Case:
    return Case((Request((line,), path), *more))


_GOOD: Final = _line()
_STRANGE: Final = _line(claims=(("iss", '"https://provider.example"'),))  # signed by another issuer than it says
_IN_QUERY: Final = _line(before="access_token=")
_ENDING: Final = _line(claims=(("exp", str(NOW - 29)),))  # in a second, leeway included

FOUND: Final[Mapping[str, Case]] = {
    # in this package
    "typ names no kind behind application/": _sent(_line(header=(("typ", '"application/"'),))),
    # by planted faults
    "twice what was seen before": _sent(_GOOD, Request((_GOOD, _GOOD))),
    "joined by a comma": _sent(_line(before="Basic YTpi, Bearer ")),
    "twice, in header and query": Case((Request((_GOOD,), query=(_IN_QUERY,)),), by_query=True),
    "in the query": Case((Request((), query=(_IN_QUERY,)), Request((), query=(_IN_QUERY,), at=1)), by_query=True),
    "in a query that is no place for it": Case((Request((), query=(_IN_QUERY,)),)),
    "refused, in the query": Case((Request((), CLERKS, query=(_IN_QUERY,)),), by_query=True),
    "no scheme": _sent(_line(before="")),
    "no credentials, but a word": _sent(Line(None, "Basic YTpi")),
    "bad, on a public path": _sent(_STRANGE, Request((_STRANGE,), PUBLIC)),
    "seen before, and expired since": _sent(_GOOD, Request((_GOOD,), at=330)),
    "seen a second before it expires": _sent(_ENDING, Request((_ENDING,), at=1)),
    "a scope that begins alike": _sent(_line(claims=(("scope", '"reader"'),)), path=READ),
    "no role is known": _sent(_GOOD, path=CLERKS),
    "nobody by an empty sub": _sent(_line(claims=(("sub", '""'),))),
    "the key id of another issuer": _sent(_line(header=(("kid", '"ec"'),))),
    "alg is an object": _sent(_line(header=(("alg", "{}"),))),
    "half a character in a claim": _sent(_line(claims=(("jti", '"\\ud800"'),))),
    "half a character in the token": _sent(_line(texts=("half a character in it",))),
    "dirty bits in the signature": _sent(_line(texts=("signature: dirty bits",))),
    "a list of audiences": _sent(_line(claims=(("aud", '["other","orders"]'),))),
    "exp has a fraction": _sent(_line(claims=(("exp", f"{NOW - 29.5}"),))),
    "nbf has a fraction": _sent(_line(claims=(("nbf", f"{NOW + 30.5}"),))),
    "6000 levels in the header": _sent(Line(Recipe("hs", rewrites=("header: 6000 levels",)))),
}
