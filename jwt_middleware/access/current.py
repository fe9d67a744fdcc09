"""Who is calling, seen from any code that a request calls."""

from collections.abc import Callable, Mapping
from contextvars import ContextVar, Token, copy_context
from functools import partial, wraps
from typing import Any, Final, NamedTuple, ParamSpec, Protocol, TypeVar

from ..errors import AuthError, ConfigurationError
from .admission import Admission
from .challenge import Challenge
from .principal import ANONYMOUS, Principal
from .request import RequestInfo
from .requirements import Requirement

P = ParamSpec("P")
T = TypeVar("T")


class Judge(Protocol):
    """Whom a view's own question is put to, and who answers a refusal: the guard that admitted the request."""

    def demand(
        self, principal: Principal, requirement: Requirement, path_parameters: Mapping[str, object] | None
    ) -> None: ...

    def challenge(self, refusal: AuthError) -> Challenge: ...

    def token(self, request: RequestInfo) -> str | None: ...

    def seconds_left(self, principal: Principal) -> float | None: ...


class Passage(NamedTuple):
    """One request on its way through the application: who sent it, which guard admitted it.

    ``request`` is whatever the door knows the request by (the ASGI scope, Django's request); only that door reads it,
    and ``info`` is how: it is asked when a refusal is told. ``waived`` holds the refusal that a mark of the route has
    waived, and that holds again where it was not that route. ``by_url``: the token stood in the URL.
    """

    principal: Principal
    guard: Judge
    request: object = None
    info: Callable[[Any], RequestInfo] | None = None
    waived: Admission | None = None
    by_url: bool = False

    def __repr__(self) -> str:
        """Who passes, and not the request: its headers hold the token, and error reports show what they find."""
        return f"<Passage of {self.principal!r}>"


# Makes a passage of its six fields. One is made for every request: hence a NamedTuple, and this way of making it.
_Fields = tuple[Principal, Judge, object, Callable[[Any], RequestInfo] | None, Admission | None, bool]
passage_of: Final[Callable[[_Fields], Passage]] = partial(tuple.__new__, Passage)

_passage: ContextVar[Passage | None] = ContextVar("jwt_middleware_passage", default=None)


def current_principal() -> Principal:
    """The caller of the request that is being served, ANONYMOUS outside of any request.

    Seen in threads and tasks that carry the context (``asyncio.to_thread``, ``sync_to_async``, tasks, background
    tasks). Not seen in ``loop.run_in_executor``, raw threads and thread pools: wrap what they call with
    ``carry_principal``.
    """
    passage = _passage.get()
    return ANONYMOUS if passage is None else passage.principal


def current_token() -> str | None:
    """The token that the current caller has sent; None outside of a request, and where nobody has shown a good one.

    It is for whom its audience names and for nobody else: ``jwt_middleware.client`` sees to that.
    """
    passage = _passage.get()
    if passage is None or passage.info is None or not passage.principal.is_authenticated:
        return None
    return passage.guard.token(passage.info(passage.request))


# The request that is being served, for doors; None outside of a guarded application.
current_passage: Final[Callable[[], Passage | None]] = _passage.get
# Make a passage the current one of this context; None clears it. What it answers is for ``leave``.
enter: Final[Callable[[Passage | None], Token[Passage | None]]] = _passage.set
# Make the passage current again that was so before ``enter``; in the same context only.
leave: Final[Callable[[Token[Passage | None]], None]] = _passage.reset


def demand_here(requirement: Requirement, parameters: Mapping[str, object] | None) -> None:
    """Ask of the current caller what ``requirement`` demands. The doors' ``require`` and ``demand`` are made of this.

    Raises MissingToken and Forbidden, and ConfigurationError outside of a guarded application.
    """
    passage = _passage.get()
    if passage is None:
        raise ConfigurationError(
            f"{requirement} is demanded where no JWTMiddleware stands in front: add it to the application, or call this"
            " in the thread or task of a request"
        )
    passage.guard.demand(passage.principal, requirement, parameters)


def carry_principal(function: Callable[P, T]) -> Callable[P, T]:
    """Wrap what a raw thread or a thread pool calls, so that it sees the caller of the request that wrapped it."""
    context = copy_context()

    @wraps(function)
    def carried(*args: P.args, **kwargs: P.kwargs) -> T:
        return context.copy().run(function, *args, **kwargs)  # a copy, for one context cannot be entered twice

    return carried
