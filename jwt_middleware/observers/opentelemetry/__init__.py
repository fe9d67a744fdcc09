"""OpenTelemetryObserver: metrics and spans through the API package of OpenTelemetry, with or without an SDK."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from importlib.metadata import version
from time import perf_counter
from typing import Final, Literal

from opentelemetry.metrics import MeterProvider, get_meter
from opentelemetry.trace import TracerProvider, get_tracer

from ...access.principal import Principal
from ...decisions import Decision
from ...keys.key_state import KeyState
from .metrics import Metrics
from .spans import Spans, trace_id
from .user_id import UserId

__all__ = ["OpenTelemetryObserver", "trace_id"]

_SCOPE: Final = "jwt_middleware"

Step = Literal["admission", "verification", "keys", "revocations"]
Failed = Callable[[BaseException], None]


class OpenTelemetryObserver:
    """Measures for ``Guard(observers=[...])``; name ``LogObserver()`` beside it, for a list replaces the default.

    Reason codes, the issuers that you declared and class names of exceptions are its only labels: nothing that a caller
    chooses becomes one. ``user_id_key``: at least 32 secret bytes; with them the current span of a request says who
    calls, as ``user.id``, a keyed hash of issuer and subject that nobody turns back without the key. Without it no span
    says anything of a caller. The providers are by default those of the process. A token is still recalled.
    """

    admissions = False  # it is told of recalled tokens apart

    def __init__(
        self,
        *,
        user_id_key: bytes | None = None,
        meter_provider: MeterProvider | None = None,
        tracer_provider: TracerProvider | None = None,
    ) -> None:
        release = version("jwt-middleware")
        self._metrics = Metrics(get_meter(_SCOPE, release, meter_provider))
        self._spans = Spans(
            get_tracer(_SCOPE, release, tracer_provider), None if user_id_key is None else UserId(user_id_key)
        )

    def attached(self, keys: Callable[[], Sequence[KeyState]], lag: Callable[[], float | None]) -> None:
        self._metrics.attached(keys, lag)

    def decided(self, decision: Decision) -> None:
        self._metrics.decided(decision)
        if decision.admitted:
            self._spans.name_caller(decision.issuer, decision.subject)

    def recalled(self, principal: Principal) -> None:
        self._metrics.recalled()
        self._spans.name_caller(principal.issuer, principal.subject)

    def remembered(self, seconds: float) -> None:
        self._metrics.remembered(seconds)

    def step(self, what: Step, issuer: str = "") -> AbstractContextManager[Failed]:
        return self._step(what, self._metrics.known(issuer))

    @contextmanager
    def _step(self, what: Step, issuer: str) -> Iterator[Failed]:
        error: BaseException | None = None

        def failed(how: BaseException) -> None:
            nonlocal error
            error = how

        with self._spans.around(what, issuer) as span:
            begun = perf_counter()
            try:
                yield failed
            except BaseException as raised:
                error = raised
                raise
            finally:
                self._metrics.took(what, issuer, perf_counter() - begun, error)
                span.ended(error)
