"""The spans, for what waits: a fetch of keys, a look at the revocations, an admission that is not recalled."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import MappingProxyType
from typing import Final

from opentelemetry.trace import INVALID_SPAN, Span, Status, StatusCode, Tracer, format_trace_id, get_current_span

from ...errors import AuthError, AuthUnavailable
from .error_type import error_type
from .metrics import ERROR, ISSUER
from .user_id import UserId

_NAMES: Final = MappingProxyType(
    {
        "admission": "jwt_middleware.admission",
        "keys": "jwt_middleware.key_fetch",
        "revocations": "jwt_middleware.revocation_look_up",
    }
)


class Spans:
    """Begins spans and ends them. No span holds an exception's text: it may quote what somebody has sent."""

    def __init__(self, tracer: Tracer, user_id: UserId | None) -> None:
        self._tracer = tracer
        self._user_id = user_id

    @contextmanager
    def around(self, what: str, issuer: str) -> Iterator["Measured"]:
        """A span around a step, or none around one that does not wait."""
        name = _NAMES.get(what)
        if name is None:
            yield Measured(INVALID_SPAN)
            return
        attributes = {ISSUER: issuer} if what == "keys" else {}
        with self._tracer.start_as_current_span(
            name, attributes=attributes, record_exception=False, set_status_on_exception=False
        ) as span:
            yield Measured(span)

    def name_caller(self, issuer: str, subject: str) -> None:
        """Say on the span of the request who calls, where that was asked for."""
        if self._user_id is not None and issuer:
            get_current_span().set_attribute("user.id", self._user_id.of(issuer, subject))


class Measured:
    """The span of one step."""

    def __init__(self, span: Span) -> None:
        self._span = span

    def ended(self, error: BaseException | None) -> None:
        """A refusal is no fault of this service, and leaves the status alone; what we cannot decide is one."""
        if error is None:
            return
        self._span.set_attribute(ERROR, error_type(error))
        if not isinstance(error, AuthError) or isinstance(error, AuthUnavailable):
            self._span.set_status(Status(StatusCode.ERROR))


def trace_id() -> str:
    """The id of the current trace in hexadecimal digits, or an empty text: for ``AuditObserver(trace_id=...)``."""
    context = get_current_span().get_span_context()
    return format_trace_id(context.trace_id) if context.is_valid else ""
