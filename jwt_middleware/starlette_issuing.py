"""The routes of the issuing side for Starlette and FastAPI: sessions, the JWKS and the metadata."""

from collections.abc import Awaitable, Callable, Mapping
from inspect import iscoroutinefunction
from typing import Any, cast
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .access.marks import unguarded
from .access.request import RequestInfo
from .backchannel_logout import LogoutReceiver
from .issuing.account import Account
from .issuing.client_endpoints import ClientEndpoints
from .issuing.cookies import SessionCookies
from .issuing.credentials import Credentials, LogIn
from .issuing.documents import jwks_answer, metadata_answer, metadata_document, well_known_paths
from .issuing.exchange import MAX_BODY, MAX_FORM, Answer, IssuingRequest
from .issuing.session_endpoints import SessionEndpoints
from .issuing.sessions import Sessions
from .issuing.throttle import MemoryThrottle, Throttle
from .issuing.token_issuer import TokenIssuer

__all__ = ["accounts", "backchannel_logout_route", "client_routes", "key_routes", "session_routes"]

Found = Account | None
_Endpoint = Callable[[Request], Awaitable[Response]]


class FunctionAccounts:
    """Accounts that are asked by functions, sync or async. See ``accounts``."""

    def __init__(
        self,
        log_in: Callable[[Credentials], Found | Awaitable[Found]],
        find: Callable[[str], Found | Awaitable[Found]],
    ) -> None:
        self._log_in, self._find = log_in, find

    def log_in(self, credentials: Credentials) -> Found:
        return cast(Found, self._log_in(credentials))

    async def alog_in(self, credentials: Credentials) -> Found:
        return await _called(self._log_in, credentials)

    def find(self, subject: str) -> Found:
        return cast(Found, self._find(subject))

    async def afind(self, subject: str) -> Found:
        return await _called(self._find, subject)


def accounts(
    *,
    log_in: Callable[[Credentials], Found | Awaitable[Found]],
    find: Callable[[str], Found | Awaitable[Found]],
) -> FunctionAccounts:
    """Your accounts, by two functions, sync (run in a thread) or async.

    ``log_in`` takes ``Credentials`` and gives the Account, or None: for an unknown name, a disabled account and a wrong
    password alike, and at the same cost, one password hash. ``find`` takes a subject at every refresh and gives the
    Account as it is now, or None if it is gone or disabled.
    """
    return FunctionAccounts(log_in, find)


def session_routes(
    sessions: Sessions,
    accounts: LogIn,
    *,
    throttle: Throttle | None = None,
    cookies: SessionCookies | None = None,
) -> list[Route]:
    """``/login``, ``/refresh``, ``/logout``, ``/logout-everywhere``, ``/sessions``, ``/sessions/{id}`` and ``/verify``.

    Mount them where you like: ``Mount("/auth", routes=session_routes(...))``. All are unguarded: each looks at its
    request by itself. ``throttle`` is ``MemoryThrottle()`` unless you hand in another; with ``cookies`` tokens travel
    in cookies only.
    """
    endpoints = SessionEndpoints(sessions, accounts, throttle=throttle or MemoryThrottle(), cookies=cookies)

    def routes(path: str, name: str, method: str) -> list[Route]:
        async def endpoint(request: Request) -> Response:
            return _response(await endpoints.answer(name, await _issuing_request(request)))

        return _with_a_slash_or_without(path, endpoint, name, method)

    return [
        *routes("/login", "login", "POST"),
        *routes("/refresh", "refresh", "POST"),
        *routes("/logout", "logout", "POST"),
        *routes("/logout-everywhere", "logout_everywhere", "POST"),
        *routes("/sessions", "sessions", "GET"),
        *routes("/sessions/{session_id}", "session", "DELETE"),
        *routes("/verify", "verify", "POST"),
    ]


def client_routes(endpoints: ClientEndpoints) -> list[Route]:
    """``/token``, ``/revoke`` and ``/introspect`` for registered clients. Mount them: ``Mount("/oauth", routes=...)``.

    Tell of them by ``key_routes(issuer, metadata=token_endpoint_metadata(endpoints, "https://accounts.example.com/oauth"))``.
    """

    def routes(name: str) -> list[Route]:
        async def endpoint(request: Request) -> Response:
            return _response(await endpoints.answer(name, await _issuing_request(request, MAX_FORM)))

        return _with_a_slash_or_without(f"/{name}", endpoint, name, "POST")

    return [route for name in endpoints.endpoints for route in routes(name)]


def key_routes(issuer: TokenIssuer, *, metadata: Mapping[str, object] | None = None) -> list[Route]:
    """The JWKS below the issuer's path, and the metadata at its well-known paths, for the root of the host.

    ``metadata`` is what ``metadata_document`` gives, where it says more than where the keys are.
    """
    base = issuer.issuer.rstrip("/")
    document = metadata or metadata_document(issuer.issuer, jwks_uri=None if issuer.keys.symmetric else f"{base}/jwks")

    async def jwks(request: Request) -> Response:
        return _response(await jwks_answer(await _issuing_request(request), issuer.keys))

    async def well_known(request: Request) -> Response:
        return _response(await metadata_answer(await _issuing_request(request), document))

    paths = dict.fromkeys(well_known_paths(issuer.issuer))
    routes = [_route(path, well_known, "metadata", "GET", "OPTIONS") for path in paths]
    if not issuer.keys.symmetric:
        routes.append(_route(f"{urlsplit(base).path}/jwks", jwks, "jwks", "GET", "OPTIONS"))
    return routes


def backchannel_logout_route(receiver: LogoutReceiver, path: str = "/backchannel-logout") -> Route:
    """Where a provider posts its logout tokens (Back-Channel Logout 1.0)."""

    async def endpoint(request: Request) -> Response:
        return _response(await receiver.answer(await _issuing_request(request)))

    return _route(path, endpoint, "backchannel_logout", "POST")


def _with_a_slash_or_without(path: str, endpoint: _Endpoint, name: str, method: str) -> list[Route]:
    """Both: else the router redirects from one to the other with 307, secrets and all (RFC 9700 section 4.12)."""
    return [_route(each, endpoint, name, method) for each in (path, f"{path}/")]


def _route(path: str, endpoint: _Endpoint, name: str, *methods: str) -> Route:
    return Route(path, unguarded(endpoint), methods=list(methods), name=name)


async def _called(function: Callable[..., Any], argument: object) -> Found:
    if iscoroutinefunction(function):
        return cast(Found, await function(argument))
    return cast(Found, await run_in_threadpool(function, argument))


async def _issuing_request(request: Request, most: int = MAX_BODY) -> IssuingRequest:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:  # nobody makes us keep more
            break
    info = RequestInfo(
        method=request.method,
        scheme=request.url.scheme,
        path=request.url.path,
        header=request.headers.getlist,
    )
    folder = request.url.path.rstrip("/").rpartition("/")[0]
    return IssuingRequest(
        info=info,
        body=bytes(body[: most + 1]),
        address=request.client.host if request.client else "",
        folder=folder or "/",
        parameters={name: str(value) for name, value in request.path_params.items()},
        source=request,
    )


def _response(answer: Answer) -> Response:
    response = Response(answer.body, answer.status)
    length = [] if answer.status in (204, 304) else [(b"content-length", str(len(answer.body)).encode())]
    named = [(name.encode(), value.encode()) for name, value in answer.headers if name != "content-length"]
    response.raw_headers = [*named, *length]
    return response
