"""Real doors in this process, each in front of the same small application; how much work an answer took is counted."""

import asyncio
import io
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from conformance.transports.log import logged
from jwt_middleware import (
    ANONYMOUS,
    Guard,
    TrustedIssuer,
    authorization_header,
    role,
    scope,
    token_in_query_that_leaks_into_logs,
)
from jwt_middleware.asgi import JWTMiddleware as ASGIMiddleware
from jwt_middleware.asgi import demand as asgi_demand
from jwt_middleware.key_sources.static import static
from jwt_middleware.wsgi import JWTMiddleware as WSGIMiddleware
from jwt_middleware.wsgi import demand as wsgi_demand
from tests.forgery.keys import SECRET, public_pem
from tests.forgery.recipe import AUDIENCE, HOUSE, NOW, PROVIDER

from .oracle.verdict import CLERKS, PUBLIC, READ, UNGUARDED
from .requests import Request

Fields = Sequence[tuple[bytes, bytes]]
_PATHS: Final[Any] = {"public_paths": [PUBLIC], "unguarded_paths": [UNGUARDED]}


@dataclass
class Answer:
    """``work`` is how many functions were called meanwhile; ``error`` what a server would have answered 500 for."""

    status: int = 0
    fields: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    error: str = ""
    log: str = ""
    work: int = 0
    by_websocket: bool = False


class Door(Protocol):
    """An application of its own, which nobody has asked anything yet."""

    def fields(self, sent: Fields) -> Fields:
        """The field lines as the application sees them."""
        ...

    def send(self, request: Request, sent: Fields) -> Answer: ...


class _Clock:
    def __init__(self) -> None:
        self.at = 0

    def __call__(self) -> float:
        return float(NOW + self.at)


def _guard(clock: Callable[[], float], by_query: bool) -> Guard:
    return Guard(
        TrustedIssuer(
            PROVIDER, audience=AUDIENCE, keys=static(pem={kid: public_pem(kid) for kid in ("ec", "ed", "rsa")})
        ),
        TrustedIssuer(HOUSE, audience=AUDIENCE, keys=static(secret={"hs": SECRET})),
        token_from=[authorization_header, *([token_in_query_that_leaks_into_logs()] if by_query else [])],
        clock=clock,
    )


def _said(caller: Any) -> bytes:
    return json.dumps({"issuer": caller.issuer, "subject": caller.subject}).encode()


class ASGI:
    """``kind``: "http" or "websocket"; a WebSocket that is accepted counts as 200."""

    def __init__(self, runner: asyncio.Runner, by_query: bool, kind: str = "http") -> None:
        self._runner = runner
        self._kind = kind
        self._clock = _Clock()
        self._app = ASGIMiddleware(self._application, guard=_guard(self._clock, by_query), **_PATHS)

    async def _application(self, scope: Any, receive: Any, send: Any) -> None:
        _demand(asgi_demand, scope["path"])
        headers = [(b"x-caller", _said(scope.get("user", ANONYMOUS)))]
        if scope["type"] == "websocket":
            await send({"type": "websocket.accept", "headers": headers})
            return
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"done"})

    def fields(self, sent: Fields) -> Fields:
        return sent

    def send(self, request: Request, sent: Fields) -> Answer:
        self._clock.at = request.at
        scope: dict[str, Any] = {
            "type": self._kind,
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "scheme": "ws" if self._kind == "websocket" else "http",
            "path": request.path,
            "root_path": "",
            "query_string": request.query_string,
            "headers": [(b"host", b"testserver"), *sent],
        }
        if self._kind == "websocket":
            scope["extensions"] = {"websocket.http.response": {}}
        else:
            scope["method"] = request.method
        answer = Answer(by_websocket=self._kind == "websocket")

        async def receive() -> Any:
            raise AssertionError("nobody may read the body")

        async def take(message: Any) -> None:
            kind = message["type"].removeprefix("websocket.")
            if kind in ("http.response.start", "accept"):
                assert not answer.status, "it is answered twice"
                answer.status = message.get("status", 200)
                answer.fields = [
                    (name.decode("latin-1"), value.decode("latin-1")) for name, value in message["headers"]
                ]
            elif kind == "http.response.body":
                answer.body += message["body"]

        with _watched(answer):
            self._runner.run(self._app(scope, receive, take))
        return answer


class WSGI:
    def __init__(self, by_query: bool) -> None:
        self._clock = _Clock()
        self._app = WSGIMiddleware(self._application, guard=_guard(self._clock, by_query), **_PATHS)

    def _application(self, environ: Any, start_response: Any) -> Sequence[bytes]:
        _demand(wsgi_demand, environ["PATH_INFO"])
        start_response("200 OK", [("x-caller", _said(environ["jwt_middleware.principal"]).decode())])
        return [b"done"]

    def fields(self, sent: Fields) -> Fields:
        """Servers join lines of one name with a comma."""
        joined: dict[bytes, bytes] = {}
        for name, value in sent:
            joined[name] = joined[name] + b"," + value if name in joined else value
        return list(joined.items())

    def send(self, request: Request, sent: Fields) -> Answer:
        self._clock.at = request.at
        environ: dict[str, Any] = {
            "REQUEST_METHOD": request.method,
            "SCRIPT_NAME": "",
            "PATH_INFO": request.path,
            "QUERY_STRING": request.query_string.decode("latin-1"),
            "SERVER_NAME": "testserver",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(),
            "wsgi.errors": sys.stderr,
        }
        for name, value in self.fields(sent):
            environ[f"HTTP_{name.decode().upper().replace('-', '_')}"] = value.decode("latin-1")
        answer = Answer()

        def start(status: str, headers: list[tuple[str, str]], *_: Any) -> Callable[[bytes], object]:
            answer.status, answer.fields = int(status[:3]), list(headers)
            return lambda _: None

        with _watched(answer):
            answer.body = b"".join(self._app(environ, start))
        return answer


def _demand(demand: Callable[..., None], path: str) -> None:
    if path == READ:
        demand(scope("read"))
    if path == CLERKS:
        demand(role("clerk"))


@contextmanager
def _watched(answer: Answer) -> Iterator[None]:
    """Note what is raised, what is logged, and how many functions are called in this thread."""

    def count(_frame: object, event: str, _argument: object) -> None:
        if event in ("call", "c_call"):
            answer.work += 1

    with logged() as lines:
        sys.setprofile(count)
        try:
            yield
        except Exception as error:
            answer.error = f"{type(error).__name__}: {error}"
        finally:
            sys.setprofile(None)
    answer.log = "\n".join(lines)
