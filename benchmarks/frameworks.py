"""What a request costs in process: bare, guarded by others, and guarded by ours, over the bare one."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from .applications import asgi, django, drf, fastapi, wsgi
from .applications.driven import ASGI, WSGI, Awaited, Driven
from .figures import Figure, compared
from .refusing import who_refuses
from .rounds import measure_steadily
from .samples import FEW, MANY, bad_tokens, in_turns, token, tokens

ALGORITHM: Final = "RS256"
BARE: Final = "bare"
WARM: Final = "jwt_middleware, warm"
COLD: Final = "jwt_middleware, cold"
BY_HAND: Final = "written by hand, a dict of tokens in front of PyJWT, warm"
BESIDE: Final = "added by jwt_middleware / added by hand"
PYJWT: Final = "PyJWT, jwt.decode"

Make = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Group:
    """One framework: how it is driven, the bare application, ours, and peers. Cold ones meet ever new tokens."""

    name: str
    drive: Callable[[Make, asyncio.AbstractEventLoop], Driven]
    bare: Make
    ours: Mapping[str, Make]
    peers: Mapping[str, Make]


def _asgi(make: Make, loop: asyncio.AbstractEventLoop) -> Driven:
    return ASGI(make(), loop)  # type: ignore[arg-type]  # the group says what its makers make


def _wsgi(make: Make, loop: asyncio.AbstractEventLoop) -> Driven:
    return WSGI(make())  # type: ignore[arg-type]  # the same


def _awaited(make: Make, loop: asyncio.AbstractEventLoop) -> Driven:
    return Awaited(make(), loop)  # type: ignore[arg-type]  # the same


GROUPS: Final = (
    Group(
        "null ASGI app",
        _asgi,
        lambda: asgi.null,
        {WARM: asgi.null_ours, COLD: asgi.null_ours, BY_HAND: asgi.null_by_hand},
        {},
    ),
    Group(
        "Starlette",
        _asgi,
        asgi.starlette,
        {WARM: asgi.starlette_ours, COLD: asgi.starlette_ours},
        {
            "ASGI middleware by hand, PyJWT": asgi.starlette_by_hand,
            "AuthenticationMiddleware, PyJWT, requires": asgi.starlette_own,
        },
    ),
    Group(
        "FastAPI",
        _asgi,
        fastapi.fastapi,
        {WARM: fastapi.fastapi_ours, f"{WARM}, one dependency": fastapi.fastapi_ours_required},
        {
            "an empty dependency, no check at all": partial(fastapi.fastapi, fastapi.nobody),
            "HTTPBearer, PyJWT": fastapi.fastapi_by_hand,
            "auth0-fastapi-api": fastapi.fastapi_auth0,
        },
    ),
    Group(
        "Litestar",
        _asgi,
        fastapi.litestar,
        {WARM: fastapi.litestar_ours},
        {"Litestar's JWTAuth": fastapi.litestar_own},
    ),
    Group(
        "Django, WSGI", _wsgi, django.bare, {WARM: django.ours_in_front}, {"middleware by hand, PyJWT": django.by_hand}
    ),
    Group(
        "Django, async middleware alone",
        _awaited,
        partial(django.alone, None),
        {WARM: django.ours_alone},
        {"middleware by hand, PyJWT": partial(django.alone, django.ByHand)},
    ),
    Group(
        "REST framework",
        _wsgi,
        drf.bare,
        {WARM: drf.ours_alone, f"{WARM}, behind JWTMiddleware": drf.ours_behind_middleware},
        {"djangorestframework-simplejwt, stateless": drf.simplejwt},
    ),
    Group(
        "Flask",
        _wsgi,
        wsgi.flask_bare,
        {f"{WARM}, hooks": wsgi.flask_ours, f"{WARM}, around the application": wsgi.flask_in_ours},
        {"flask-jwt-extended": wsgi.flask_jwt_extended},
    ),
    Group("null WSGI app", _wsgi, lambda: wsgi.null, {WARM: wsgi.null_ours}, {}),
)


def figures(*, peers: bool) -> list[Figure]:
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        return [figure for group in GROUPS for figure in _of(group, loop, peers=peers)]
    finally:
        loop.close()


def _of(group: Group, loop: asyncio.AbstractEventLoop, *, peers: bool) -> list[Figure]:
    makers = {**group.ours, **(group.peers if peers else {})}
    driven = {name: partial(group.drive, make, loop) for name, make in makers.items()}
    fit = {BARE: group.drive(group.bare, loop), **fit_to_be_measured(driven)}
    works = {name: each.work(in_turns(_tokens(name))) for name, each in fit.items()}
    for name, work in works.items():
        work(FEW if name != COLD else 1)  # whoever remembers tokens has met them
    rounds = measure_steadily(works, [(name, BARE) for name in group.ours if name in works])
    found = compared(rounds, "frameworks", group.name, BARE)
    if BY_HAND in works:
        found.append(Figure("frameworks", group.name, BESIDE, rounds.added(WARM, BY_HAND, BARE)))
    return found


def fit_to_be_measured(driven: Mapping[str, Callable[[], Driven]]) -> dict[str, Driven]:
    """Who answers the good token with 200 and the bad ones with a refusal. No check at all is measured as well."""
    unchecked = {name: make() for name, make in driven.items() if "no check at all" in name}
    checking = {name: make for name, make in driven.items() if name not in unchecked}
    good, bad = token(ALGORITHM), bad_tokens(ALGORITHM).values()
    return {**unchecked, **who_refuses(checking, _takes, good, bad)}


def _takes(app: Driven, text: str) -> bool:
    return app.status(text.encode()) == 200


def _tokens(name: str) -> Sequence[bytes]:
    return tokens(ALGORITHM, MANY) if name == COLD else tokens(ALGORITHM, FEW)
