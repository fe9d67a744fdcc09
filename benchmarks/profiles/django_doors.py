"""The steps of a request to Django, beside the bare one: through all of it, and through one async middleware alone."""

import asyncio
from collections.abc import Callable
from typing import Any, Final

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest

from ..applications import django
from ..applications.driven import WSGI, Awaited, Driven
from ..figures import Figure
from . import steps
from .uses import Use, digest, guard, nothing, profile

WHOLE: Final = "Django, WSGI, warm"
ALONE: Final = "Django, async middleware alone, warm"


class Using:
    """A middleware for both worlds that does something with the header's value, and passes on."""

    sync_capable = async_capable = True
    use: Use = staticmethod(nothing)

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        self._is_async = iscoroutinefunction(get_response)
        if self._is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> Any:
        if self._is_async:
            return self._acall(request)
        self.use(request.META["HTTP_AUTHORIZATION"].encode("latin-1"))
        return self.get_response(request)

    async def _acall(self, request: HttpRequest) -> Any:
        self.use(request.META["HTTP_AUTHORIZATION"].encode("latin-1"))
        return await self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        """Called for each view; looks at nothing."""


class Hashing(Using):
    """The same, and hashes it."""

    use = staticmethod(digest)


class Recalling(Using):
    """The same, and looks it up."""

    use = staticmethod(lambda value: guard().recall(value))


RUNGS: Final = {steps.PRICE: Using, steps.HASH: Hashing, steps.LOOK_UP: Recalling}


def figures(*, peers: bool) -> list[Figure]:
    if not peers:  # shown, and not gated
        return []
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        return [*profile(WHOLE, _whole()), *profile(ALONE, _alone(loop))]
    finally:
        loop.close()


def _whole() -> dict[str, Driven]:
    using = {name: django.handler(f"{__name__}.{each.__name__}") for name, each in RUNGS.items()}
    rungs = {steps.BARE: django.bare(), **using, steps.DOOR: django.ours_in_front()}
    return {name: WSGI(app) for name, app in rungs.items()}


def _alone(loop: asyncio.AbstractEventLoop) -> dict[str, Driven]:
    rungs = {steps.BARE: django.alone(None), **{name: django.alone(each) for name, each in RUNGS.items()}}
    return {name: Awaited(each, loop) for name, each in {**rungs, steps.DOOR: django.ours_alone()}.items()}
