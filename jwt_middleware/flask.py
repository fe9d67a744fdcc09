"""The door for Flask: hooks, so that refusals pass the application's own ``after_request``."""

import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, Final, TypeVar, cast

from flask import Flask, Request, Response, request
from flask.views import View
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from .access.admission import Admission
from .access.caching import kept_private
from .access.current import current_passage, current_principal, enter, passage_of
from .access.marks import Mark, public, unguarded
from .access.paths import Pattern, path_patterns
from .access.principal import ANONYMOUS, Principal
from .access.request import RequestInfo
from .access.requirements import Requirement, all_of
from .errors import AuthError, ConfigurationError
from .flask_views import guarded, guarded_class, mark_of_view, mistakes, refuse_above_route
from .flask_visit import StreamedBody, arrive, depart, is_chosen_anew, these_globals, this_request
from .guard import Guard
from .waiting import run
from .wsgi import credentials_of, request_info

__all__ = ["ANONYMOUS", "JWTMiddleware", "Principal", "current_principal", "demand", "public", "require", "unguarded"]

AnyView = TypeVar("AnyView", bound=Callable[..., Any])

_EXTENSION: Final = "jwt_middleware"


class JWTMiddleware:
    """Guards a Flask application: ``JWTMiddleware(app, guard=guard)``, also inside ``create_app``.

    The caller is in ``g.principal`` and in ``current_principal()``, also while a streamed body is iterated. A refusal
    passes the application's ``after_request`` functions, so that CORS headers reach it, but none of its error handlers
    for other exceptions. An AuthError raised in a view becomes the challenge. Routes of every kind are guarded, static
    files and blueprints included, unless they are marked or their path is named here.
    """

    def __init__(
        self,
        app: Flask,
        *,
        guard: Guard,
        public_paths: Iterable[Pattern] = (),
        unguarded_paths: Iterable[Pattern] = (),
        guarded_paths: Iterable[Pattern] | None = None,
    ) -> None:
        if not isinstance(app, Flask):
            raise ConfigurationError("JWTMiddleware(app, ...): hand in the Flask application itself, not its wsgi_app")
        if not isinstance(guard, Guard):
            raise ConfigurationError(f"JWTMiddleware(guard=...): hand in a Guard, not {type(guard).__name__}")
        if _EXTENSION in app.extensions:
            raise ConfigurationError(
                "JWTMiddleware(app, ...): this application is guarded already; keep one of the two"
            )
        self.app = app
        self.guard = guard
        self.is_public_path = path_patterns(public_paths, "public_paths")
        self.is_unguarded_path = path_patterns(unguarded_paths, "unguarded_paths")
        self._is_guarded = None if guarded_paths is None else path_patterns(guarded_paths, "guarded_paths", wide=True)
        self._all_alike = guarded_paths is None and not unguarded_paths  # then no request needs a look at its path
        self._started = False
        app.register_error_handler(_Refused, lambda refused: refused.get_response())  # for TRAP_HTTP_EXCEPTIONS
        # Flask runs url_value_preprocessors before any before_request: an unknown caller must reach neither.
        app.url_value_preprocessors.setdefault(None, []).insert(0, self._arrive)
        app.after_request_funcs.setdefault(None, []).insert(0, self._answer)  # these two run in reverse: ours last
        app.teardown_request_funcs.setdefault(None, []).insert(0, depart)
        app.extensions[_EXTENSION] = self

    def _arrive(self, endpoint: str | None, view_args: Mapping[str, object] | None) -> None:
        if not self._started:
            self._start()
        here, around = this_request(), these_globals()
        arrive(here, around)
        credentials = credentials_of(here.environ)
        principal = self.guard.recall(credentials) if credentials is not None and self._all_alike else None
        if principal is None:
            self._look_for_caller(here, credentials)
        else:
            self._let_in(here, around, principal)

    def _look_for_caller(self, here: Request, credentials: bytes | None) -> None:
        """Ask whatever the path wants asked."""
        enter(None)
        if self._is_guarded is not None and not self._is_guarded(here.method, here.path):
            return
        around = these_globals()
        around["principal"] = ANONYMOUS
        if self.is_unguarded_path(here.method, here.path):
            self._let_in(here, around, ANONYMOUS)
            return
        principal = None if credentials is None or self._all_alike else self.guard.recall(credentials)
        if principal is None:
            self._ask(here, self._mark, credentials)
        else:
            self._let_in(here, around, principal)

    def _ask(self, here: Request, mark: Callable[[], Mark | None], recalled: bytes | None = None) -> None:
        info = _request_info(here)
        admission = run(self.guard.admit(info, recalled))
        final = self.guard.conclude(admission, mark)
        if final.refusal is not None:
            # An HTTPException that brings its response is what every error handler lets through.
            raise _Refused(response=self._challenge(final.refusal))
        if admission.refusal is not None and info.is_preflight and mark() is None and self._runs_for_options():
            raise _Refused(response=self.app.make_default_options_response())
        waived = None if admission.refusal is None else admission
        self._let_in(here, these_globals(), final.principal, waived, by_url=final.by_url)

    def _let_in(
        self,
        here: Request,
        around: dict[str, Any],
        principal: Principal,
        waived: Admission | None = None,
        *,
        by_url: bool = False,
    ) -> None:
        enter(passage_of((principal, self.guard, here, _request_info, waived, by_url)))
        around["principal"] = principal

    def _runs_for_options(self) -> bool:
        """Whether a view would run for a preflight that does not say, as CORS decorators do, that it looks at it."""
        rule = request.url_rule
        if rule is None or getattr(rule, "provide_automatic_options", False):  # set by Flask on Werkzeug's rule
            return False
        view = self.app.view_functions.get(rule.endpoint)
        return getattr(view, "provide_automatic_options", None) is not False

    def _confirm(self) -> Response | None:
        """What was waived for one route and method holds again where a ``before_request`` has chosen another one."""
        passage, here = current_passage(), this_request()
        if passage is None or passage.request is not here or not is_chosen_anew(here):
            return None
        if passage.waived is not None and passage.waived.refusal is not None:
            self.guard.withdraw(passage.waived)
            return self._challenge(passage.waived.refusal)
        if passage.principal is ANONYMOUS or "HTTP_AUTHORIZATION" not in request.environ:
            self._ask(here, lambda: None)  # an unguarded path, or a cookie whose proof depends on the method
        return None

    def _answer(self, response: Response) -> Response:
        passage = current_passage()
        if passage is None or (type(response.response) is list and not passage.by_url):
            return response  # nobody's, or an ordinary one
        ours = passage.request is this_request()
        if ours and passage.by_url:
            response.headers["Cache-Control"] = kept_private(response.headers.getlist("Cache-Control"))
        if ours and response.is_streamed and not response.direct_passthrough:
            # Flask leaves the request before it iterates a body
            response.response = StreamedBody(response.response, passage)
        return response

    def _challenge(self, refusal: AuthError) -> Response:
        challenge = self.guard.challenge(refusal)
        return self.app.response_class(challenge.body, status=challenge.status, headers=list(challenge.headers))

    def _mark(self) -> Mark | None:
        """The mark of the route that Flask has chosen; for a wrong method, that of all routes of the path."""
        if self.is_public_path(request.method, request.path):
            return Mark.PUBLIC
        if request.url_rule is not None:
            return mark_of_view(self.app.view_functions.get(request.url_rule.endpoint), request.method)
        wrong = request.routing_exception
        adapter = self.app.create_url_adapter(this_request())
        if not isinstance(wrong, MethodNotAllowed) or adapter is None:
            return None
        marks = set()
        for method in wrong.valid_methods or ():
            try:
                endpoint, _ = adapter.match(method=method)
            except HTTPException:
                return None
            marks.add(mark_of_view(self.app.view_functions.get(endpoint), method))
        return None if None in marks or not marks else min(marks, key=lambda mark: mark is Mark.UNGUARDED)

    def mark_before(self) -> Mark | None:
        """What is allowed before a token was looked at, in the request context of this moment: for the route map."""
        here = this_request()
        outside = self._is_guarded is not None and not self._is_guarded(here.method, here.path)
        return Mark.UNGUARDED if outside or self.is_unguarded_path(here.method, here.path) else self._mark()

    def _start(self) -> None:
        """Flask takes no routes and blueprints after the first request, so the first request looks at them."""
        found = [mistake for view in self.app.view_functions.values() for mistake in mistakes(view)]
        if found:
            raise ConfigurationError(*dict.fromkeys(found))
        ours = self.app.error_handler_spec[None][None]
        ours.setdefault(AuthError, self._challenge)  # who registered an AuthError handler of their own wants it
        kept = {kind: answer for kind, answer in ours.items() if issubclass(kind, AuthError | _Refused)}
        for name in self.app.blueprints:  # a blueprint's catch-all comes before the application's own handlers
            handlers = self.app.error_handler_spec[name][None]
            handlers.update({kind: answer for kind, answer in kept.items() if kind not in handlers})
        if self._is_choice_open():
            for key in (None, *self.app.blueprints):  # the last to run before the view
                self.app.before_request_funcs.setdefault(key, []).append(self._confirm)
        self._started = True

    def _is_choice_open(self) -> bool:
        """Whether the application has functions of its own that may choose another route once we have looked."""
        preprocessors = sum(len(each) for each in self.app.url_value_preprocessors.values())
        return preprocessors > 1 or any(self.app.before_request_funcs.values())  # one of them is ours


def require(*requirements: Requirement) -> Callable[[AnyView], AnyView]:
    """Demand all of ``requirements`` of who calls this view: a function, a coroutine function, a class, its method.

    Stands below the route decorator, or in the ``decorators`` of a class; on a class its subclasses inherit it.
    ``path("name")`` compares with a parameter of the route.
    """
    requirement = all_of(requirements)

    def decorate(view: AnyView) -> AnyView:
        if not callable(view):
            raise ConfigurationError(f"require({requirement}) decorates views, not {type(view).__name__}")
        if isinstance(view, type):
            if not issubclass(view, View):
                raise ConfigurationError(f"require({requirement}): the class {view.__qualname__} is not a Flask view")
            return cast(AnyView, guarded_class(view, requirement, _demand))
        nearby = sys._getframe(1).f_locals  # noqa: SLF001  # a factory keeps its application in a local variable
        refuse_above_route(view, requirement, nearby)
        return cast(AnyView, guarded(view, requirement, _demand))

    return decorate


def demand(*requirements: Requirement) -> None:
    """Ask for more inside a view, or in a ``before_request``: raises MissingToken or Forbidden, the challenge then."""
    _demand(all_of(requirements))


def _demand(requirement: Requirement) -> None:
    passage = current_passage()
    # Another application's passage counts for nothing here: this one may be called from within its request.
    if passage is None or passage.request is not this_request():
        raise ConfigurationError(
            f"{requirement} is required, but nothing guards this request: write JWTMiddleware(app, guard=guard) where"
            " the application is made, and keep the path inside guarded_paths"
        )
    passage.guard.demand(passage.principal, requirement, request.view_args or {})


def _request_info(here: Request) -> RequestInfo:
    """As Flask routes it: a method or a path that was rewritten is what counts."""
    return replace(request_info(here.environ), method=here.method, path=here.path, path_parameters=here.view_args or {})


class _Refused(HTTPException):
    """Ends a request with the response it brings."""
