"""The steps of a request to an ASGI application, beside the bare one."""

import asyncio
from collections.abc import Callable
from typing import Any, Final

from jwt_middleware import Guard
from jwt_middleware.access.current import enter, leave, passage_of
from jwt_middleware.asgi import request_info

from .. import ours
from ..applications import asgi, fastapi
from ..applications.by_hand import ALGORITHM
from ..applications.driven import ASGI
from ..figures import Figure
from ..one_token.floor import once
from ..samples import token
from . import steps
from .uses import Use, guard, nothing, profile, uses

NULL: Final = "null ASGI app, warm"
STARLETTE: Final = "Starlette, warm"
COLD: Final = "Starlette, cold"
FASTAPI: Final = "FastAPI, one dependency, warm"
App = asgi.App


def figures(*, peers: bool) -> list[Figure]:
    if not peers:  # shown, and not gated
        return []
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    found = []
    try:
        for name, rungs in {
            NULL: _warm(lambda: asgi.null, asgi.null_ours),
            STARLETTE: _warm(asgi.starlette, asgi.starlette_ours),
            COLD: _cold(),
            FASTAPI: _dependency(),
        }.items():
            driven = {rung: ASGI(app, loop) for rung, app in rungs.items()}
            found += profile(name, driven, cold=name == COLD)
        return found
    finally:
        loop.close()


class Using:
    """A middleware that finds the header, does something with its value, and passes on."""

    def __init__(self, app: App, use: Use) -> None:
        self.app = app
        self.use = use

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        for name, value in scope["headers"]:
            if name == b"authorization":
                self.use(value)
        await self.app(scope, receive, send)


class Naming:
    """The same, and whoever is recalled is current meanwhile."""

    def __init__(self, app: App, guard: Guard) -> None:
        self.app = app
        self.guard = guard

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        principal = None
        for name, value in scope["headers"]:
            if name == b"authorization":
                principal = self.guard.recall(value)
        if principal is None:
            raise RuntimeError("a token was forgotten while it was measured")
        scope["user"] = scope["auth"] = principal
        entered = enter(passage_of((principal, self.guard, scope, request_info, None, False)))
        try:
            await self.app(scope, receive, send)
        finally:
            leave(entered)


def _warm(bare: Callable[[], App], whole: Callable[[], App]) -> dict[str, App]:
    using = {name: Using(bare(), use) for name, use in uses().items()}
    return {steps.BARE: bare(), **using, steps.NAMED: Naming(bare(), guard()), steps.DOOR: whole()}


def _cold() -> dict[str, App]:
    """No rung but the door itself remembers a token."""
    raw, check = once(ALGORITHM, token(ALGORITHM)), ours.cold_check(ours.trusted(ALGORITHM))
    forgetful = ours.guard_that_forgets(ours.trusted(ALGORITHM))
    return {
        steps.BARE: asgi.starlette(),
        steps.PRICE: Using(asgi.starlette(), nothing),
        steps.SIGNATURE: Using(asgi.starlette(), lambda _: raw()),
        steps.WHOLE_CHECK: Using(asgi.starlette(), lambda value: check(value[7:].decode())),
        steps.ADMITTED: Using(asgi.starlette(), lambda value: ours.admitted(forgetful, value[7:].decode())),
        steps.COLD_DOOR: asgi.starlette_ours(),
    }


def _dependency() -> dict[str, App]:
    app: Callable[..., App] = fastapi.fastapi
    using = {name: Using(app(fastapi.nobody), use) for name, use in uses().items() if name != steps.PRICE}
    named, whole = Naming(app(fastapi.nobody), guard()), fastapi.fastapi_ours_required()
    first = {steps.BARE: app(), steps.DEPENDENCY: app(fastapi.nobody)}
    return {**first, **using, steps.NAMED: named, steps.DOOR: whole}
