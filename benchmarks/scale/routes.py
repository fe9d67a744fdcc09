"""Many routes in Starlette: a request to the last of them, beside the same application bare."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from jwt_middleware.starlette import JWTMiddleware, public

from .. import ours
from ..applications.driven import ASGI
from ..figures import Figure
from ..rounds import Rounds, Work, measure_steadily, ratio_of
from ..samples import FEW, in_turns, tokens

ALGORITHM: Final = "RS256"
App = Callable[..., Awaitable[object]]
Endpoint = Callable[[Request], Awaitable[PlainTextResponse]]

ROUTES: Final = (1, 10, 100, 1_000, 2_000)


@public
async def open_to_all(request: Request) -> PlainTextResponse:
    return PlainTextResponse("ok")


async def orders(request: Request) -> PlainTextResponse:
    return PlainTextResponse("ok")


def figures(*, peers: bool) -> list[Figure]:
    loop = asyncio.new_event_loop()
    try:
        sizes = ROUTES if peers else (ROUTES[0], ROUTES[-1])
        found = _beside_bare("routes", orders, lambda app: app, sizes, loop)
        if peers:  # who sends no token makes the door look for the route itself: shown, and no goal
            found += _beside_bare("routes, public, no token", open_to_all, without_token, sizes, loop)
        return found
    finally:
        loop.close()


def _beside_bare(
    where: str, endpoint: Endpoint, sent: Callable[[App], App], sizes: Sequence[int], loop: asyncio.AbstractEventLoop
) -> list[Figure]:
    """Request over bare request at each size, over the same at the smallest."""
    works: dict[str, Work] = {}
    for size in sizes:
        for name, guarded in ((f"bare {size}", False), (f"ours {size}", True)):
            works[name] = ASGI(sent(_application(size, endpoint, guarded)), loop).work(in_turns(tokens(ALGORITHM, FEW)))
            works[name](FEW)
    rounds = measure_steadily(works, [(f"ours {size}", f"bare {size}") for size in sizes])
    beside = {size: _ratios(rounds, f"ours {size}", f"bare {size}") for size in sizes}
    first = beside[sizes[0]]
    return [
        figure
        for size in sizes
        for figure in (
            Figure(
                "scale",
                where,
                f"{size:,}",
                ratio_of([own / other for own, other in zip(beside[size], first, strict=True)]),
            ),
            Figure(
                "scale",
                f"{where}, request / bare",
                f"{size:,}",
                ratio_of(beside[size]),
                rounds.microseconds(f"ours {size}"),
            ),
        )
    ]


def _ratios(rounds: Rounds, name: str, to: str) -> list[float]:
    return [own / other for own, other in zip(rounds.seconds[name], rounds.seconds[to], strict=True)]


def _application(size: int, endpoint: Endpoint, guarded: bool) -> App:
    """The route that is asked for comes last."""
    others = [Route(f"/{number}/{{item}}", orders) for number in range(size - 1)]
    guard = ours.guard(ours.trusted(ALGORITHM))
    middleware = [Middleware(JWTMiddleware, guard=guard)] if guarded else []
    return Starlette(routes=[*others, Route("/orders", endpoint)], middleware=middleware)


def without_token(app: App) -> App:
    async def asked(scope: Any, receive: Any, send: Any) -> None:
        scope["headers"] = [(name, value) for name, value in scope["headers"] if name != b"authorization"]
        await app(scope, receive, send)

    return asked
