"""The door for any WSGI application (PEP 3333)."""

import sys
from collections.abc import Iterable, Sequence
from typing import Final
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from .access.admission import Admission
from .access.current import current_principal, demand_here, enter, leave, passage_of
from .access.marks import Mark
from .access.paths import Pattern, path_patterns
from .access.principal import ANONYMOUS, Principal
from .access.request import RequestInfo
from .access.requirements import Requirement, all_of
from .errors import AuthError, ConfigurationError, MissingToken
from .guard import Guard
from .waiting import run
from .wsgi_answer import Answer, Body, ExcInfo, OnlyCors, started_privately

__all__ = ["ANONYMOUS", "JWTMiddleware", "Principal", "current_principal", "demand"]

PRINCIPAL: Final = "jwt_middleware.principal"  # the key of the environ; no request header can set it
Chunks = Iterable[bytes]  # spelled out, an inner function would make it anew for every request
_PHRASES: Final = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    502: "Bad Gateway",
    503: "Service Unavailable",
}
_BARE: Final = frozenset({"content-type", "content-length"})  # stand in the environ without HTTP_, PEP 3333


class JWTMiddleware:
    """Stands in front of a WSGI application: ``app = JWTMiddleware(app, guard=guard, public_paths=["/health"])``.

    The caller is in ``environ["jwt_middleware.principal"]`` and in ``current_principal()``, also while the body is
    iterated. ``REMOTE_USER`` is left alone. An AuthError that the application raises before anything was sent becomes
    the challenge. Paths are matched relative to SCRIPT_NAME; without ``guarded_paths`` everything is guarded.

    A WSGI server may hand ``X_A`` and ``X-A`` over as the same header. Where a token is taken from a header with a
    hyphen in its name, let the server drop names with underscores (gunicorn and nginx do so by default).
    """

    def __init__(
        self,
        app: WSGIApplication,
        *,
        guard: Guard,
        public_paths: Iterable[Pattern] = (),
        unguarded_paths: Iterable[Pattern] = (),
        guarded_paths: Iterable[Pattern] | None = None,
    ) -> None:
        if not isinstance(guard, Guard):
            raise ConfigurationError(f"JWTMiddleware(guard=...): hand in a Guard, not {type(guard).__name__}")
        self.app = app
        self.guard = guard
        self.is_public_path = path_patterns(public_paths, "public_paths")
        self.is_unguarded_path = path_patterns(unguarded_paths, "unguarded_paths")
        self.is_guarded_path = (
            None if guarded_paths is None else path_patterns(guarded_paths, "guarded_paths", wide=True)
        )
        self._all_alike = guarded_paths is None and not unguarded_paths  # then no request needs a look at its path

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if not self._all_alike:
            request = request_info(environ)
            if self.is_guarded_path is not None and not self.is_guarded_path(request.method, request.path):
                return self.app(environ, start_response)
            if self.is_unguarded_path(request.method, request.path):
                return self._pass(environ, start_response, ANONYMOUS)
        credentials = credentials_of(environ)
        principal = None if credentials is None else self.guard.recall(credentials)
        if principal is None:
            request = request_info(environ)
            admission = run(self.guard.admit(request, credentials))
            final = self.guard.conclude(admission, lambda: self._mark(request))
            if final.refusal is not None:
                return self._refuse(environ, start_response, final.refusal, None)
            if admission.refusal is not None and request.is_preflight and self._mark(request) is None:
                return self._answer_preflight(environ, start_response, admission)
            principal = final.principal
            if final.by_url:
                start_response = started_privately(start_response)
        return self._pass(environ, start_response, principal)

    def _mark(self, request: RequestInfo) -> Mark | None:
        return Mark.PUBLIC if self.is_public_path(request.method, request.path) else None

    def _answer_preflight(
        self, environ: WSGIEnvironment, start_response: StartResponse, admission: Admission
    ) -> Iterable[bytes]:
        """Nobody vouches for the application that it looks at the method: what is not CORS would be its secrets."""

        def refuse(error: ExcInfo | None) -> Chunks:
            self.guard.withdraw(admission)
            return self._refuse(environ, start_response, admission.refusal or MissingToken(), error)

        answer = OnlyCors(start_response, refuse)
        return answer.over(self._pass(environ, answer.start, ANONYMOUS))

    def _pass(self, environ: WSGIEnvironment, start_response: StartResponse, principal: Principal) -> Iterable[bytes]:
        environ[PRINCIPAL] = principal
        passage = passage_of((principal, self.guard, environ, request_info, None, False))
        answer = Answer(start_response)
        entered = enter(passage)
        try:
            body = self.app(environ, answer.start)
        except AuthError as refusal:
            if answer.sent:
                raise
            return self._refuse(environ, answer.start, refusal, sys.exc_info())
        finally:
            leave(entered)  # an application that called this one, in this thread, goes on with its own caller
        if isinstance(body, list | tuple) or _is_file(body, environ):
            return body  # nothing of the application runs any more, and the server knows a shorter way for these

        def refuse(refusal: AuthError) -> Chunks:
            return self._refuse(environ, answer.start, refusal, sys.exc_info())

        return Body(body, passage, answer, refuse)

    def _refuse(
        self, environ: WSGIEnvironment, start_response: StartResponse, refusal: AuthError, error: ExcInfo | None
    ) -> Sequence[bytes]:
        challenge = self.guard.challenge(refusal)
        headers = list(challenge.headers)
        status = f"{challenge.status} {_PHRASES[challenge.status]}"
        if error is None:
            start_response(status, headers)
        else:
            start_response(status, headers, error)
        return [] if environ.get("REQUEST_METHOD") == "HEAD" else [challenge.body]


def demand(*requirements: Requirement) -> None:
    """Ask for more in the middle of the application: raises MissingToken or Forbidden, which become the challenge.

    WSGI knows no route: ``path(...)`` in a requirement is a ConfigurationError, and so is a call outside the door.
    """
    demand_here(all_of(requirements), None)


def request_info(environ: WSGIEnvironment) -> RequestInfo:
    """What the guard needs to know of a request. The path is decoded as PEP 3333 says, relative to SCRIPT_NAME."""

    def header(name: str) -> Sequence[str]:
        key = name.upper().replace("-", "_")
        value = environ.get(key if name in _BARE else f"HTTP_{key}")
        return () if value is None else (value,)

    path = environ.get("PATH_INFO", "").encode("latin-1", "replace").decode("utf-8", "replace")
    return RequestInfo(
        method=environ.get("REQUEST_METHOD", ""),
        scheme=environ.get("wsgi.url_scheme", "http"),
        path=path or "/",
        query=environ.get("QUERY_STRING", ""),
        header=header,
    )


def _is_file(body: Iterable[bytes], environ: WSGIEnvironment) -> bool:
    """Whether a file is answered, wrapped as the server offers it (PEP 3333)."""
    wrapper = environ.get("wsgi.file_wrapper")
    return isinstance(wrapper, type) and isinstance(body, wrapper)


def credentials_of(environ: WSGIEnvironment) -> bytes | None:
    """The value of the Authorization header, to ask ``Guard.recall`` with."""
    authorization = environ.get("HTTP_AUTHORIZATION")
    # PEP 3333 promises latin-1; a server that breaks the promise gets the slow way, which refuses.
    return authorization.encode("latin-1", "replace") if authorization else None
