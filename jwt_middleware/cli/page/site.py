"""The page's own small site: its files, and three questions in JSON. It answers to this machine and to itself alone."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .offers import EVENTS, PLAYERS, WISHES
from .play import Play, Unknown

_FILES: Final = Path(__file__).with_name("static")
_KINDS: Final[Mapping[str, str]] = {
    "index.html": "text/html",
    "page.css": "text/css",
    "page.js": "text/javascript",
    "walk.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}
_MOST: Final = 1024  # bytes of a question
_HEADERS: Final[Mapping[str, str]] = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
        " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
}


class OwnPagesOnly:
    """Refuses what another site makes a browser send: under a name of its own (DNS rebinding), or from its pages.

    Browsers write Host, Origin and Sec-Fetch-Site by themselves; no page can forge them.
    """

    def __init__(self, app: ASGIApp, port: int) -> None:
        self.app = app
        self._hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not self._is_own(Request(scope)):
            await PlainTextResponse("this page answers to itself alone", 403)(scope, receive, send)
            return
        await self.app(scope, receive, send)

    def _is_own(self, request: Request) -> bool:
        hosts = request.headers.getlist("host")
        if len(hosts) != 1 or hosts[0] not in self._hosts:
            return False
        if request.method in ("GET", "HEAD"):
            return True
        from_here = request.headers.getlist("origin") == [f"http://{hosts[0]}"]
        return from_here and request.headers.get("sec-fetch-site", "same-origin") == "same-origin"


class WithHeaders:
    """What tells browsers to load nothing from elsewhere and to show this page within no other, on every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                extra = [(name.encode(), value.encode()) for name, value in _HEADERS.items()]
                message["headers"] = [*message["headers"], *extra]
            await send(message)

        await self.app(scope, receive, sent)


def site(play: Play, port: int) -> Starlette:
    """The application; ``port`` is where it is served."""
    return Starlette(
        routes=[
            *(Route("/" if name == "index.html" else f"/{name}", _file(name)) for name in _KINDS),
            Route("/offers", _offers),
            Route("/state", _question(lambda who, _: play.state(who)), methods=["POST"]),
            Route("/act", _question(play.act), methods=["POST"]),
            Route("/happen", _question(play.happen), methods=["POST"]),
        ],
        middleware=[Middleware(WithHeaders), Middleware(OwnPagesOnly, port=port)],
    )


def _file(name: str) -> Callable[[Request], Response]:
    content = (_FILES / name).read_bytes()

    def file(_: Request) -> Response:
        return Response(content, media_type=_KINDS[name])

    return file


def _offers(_: Request) -> Response:
    players, wishes, events = ([asdict(each) for each in several] for several in (PLAYERS, WISHES, EVENTS))
    return JSONResponse({"players": players, "wishes": wishes, "events": events})


def _question(answer: Callable[[str, str], dict[str, Any]]) -> Callable[[Request], Any]:
    async def question(request: Request) -> Response:
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > _MOST:
                return JSONResponse({"error": "too long"}, 413)
        try:
            asked = json.loads(body)
            who, what = str(asked["who"]), str(asked.get("what", ""))
        except (ValueError, TypeError, KeyError, AttributeError):
            return JSONResponse({"error": "a question is an object with who and what"}, 400)
        try:
            return JSONResponse(await run_in_threadpool(answer, who, what))
        except Unknown as error:
            return JSONResponse({"error": str(error)}, 400)

    return question
