"""The metrics, by name: what is counted, what is timed, what is looked at when somebody collects."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from opentelemetry.metrics import CallbackOptions, Meter, Observation

from ...decisions import Decision
from ...keys.key_state import KeyState
from .error_type import OTHER, error_type, reason_code

OUTCOME: Final = "jwt_middleware.outcome"
REASON: Final = "jwt_middleware.reason"
CACHE: Final = "jwt_middleware.cache"
ISSUER: Final = "jwt_middleware.issuer"
ERROR: Final = "error.type"

# seconds: a token is recalled in some 10 µs and verified in some 100, and a request waits up to 5 s for keys
_FROM_MICROSECONDS: Final = (
    *(0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005),
    *(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0),
)
_FROM_MILLISECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)  # seconds
_ADMITTED: Final = {OUTCOME: "admitted", REASON: "admitted"}
_HIT: Final = {CACHE: "hit"}


class Metrics:
    """Made once; every method may be called from any thread."""

    def __init__(self, meter: Meter) -> None:
        self._guards: list[tuple[Callable[[], Sequence[KeyState]], Callable[[], float | None]]] = []
        self._issuers: frozenset[str] = frozenset()
        self._decisions = meter.create_counter(
            "jwt_middleware.decisions", "{decision}", "Admissions and refusals, by outcome and reason code"
        )
        self._verification = meter.create_histogram(
            "jwt_middleware.verification.duration",
            "s",
            "How long it takes to know that a token is genuine, from memory or by verifying it",
            explicit_bucket_boundaries_advisory=_FROM_MICROSECONDS,
        )
        self._fetches = meter.create_histogram(
            "jwt_middleware.key.fetch.duration",
            "s",
            "How long it takes to fetch an issuer's keys",
            explicit_bucket_boundaries_advisory=_FROM_MILLISECONDS,
        )
        self._look_ups = meter.create_histogram(
            "jwt_middleware.revocation.look_up.duration",
            "s",
            "How long it takes to ask whether a token is revoked",
            explicit_bucket_boundaries_advisory=_FROM_MICROSECONDS,
        )
        meter.create_observable_gauge(
            "jwt_middleware.key.age", [self._ages], "s", "Since when the keys of an issuer are known"
        )
        meter.create_observable_gauge(
            "jwt_middleware.key.usable", [self._usable], "{key_set}", "1 while an issuer's keys serve, else 0"
        )
        meter.create_observable_gauge(
            "jwt_middleware.revocation.lag", [self._lags], "s", "How far what is known of revocations may be behind"
        )

    def attached(self, keys: Callable[[], Sequence[KeyState]], lag: Callable[[], float | None]) -> None:
        """A guard, whose keys and revocations are looked at whenever somebody collects."""
        self._guards.append((keys, lag))
        self._issuers |= {state.issuer for state in keys()}

    def known(self, issuer: str) -> str:
        """An issuer that was declared; of those that were resolved at run time there may be any number."""
        return issuer if issuer in self._issuers else OTHER

    def decided(self, decision: Decision) -> None:
        outcome = "admitted" if decision.admitted else "refused"
        self._decisions.add(1, {OUTCOME: outcome, REASON: reason_code(decision.reason)})

    def recalled(self) -> None:
        self._decisions.add(1, _ADMITTED)

    def remembered(self, seconds: float) -> None:
        self._verification.record(seconds, _HIT)

    def took(self, what: str, issuer: str, seconds: float, error: BaseException | None) -> None:
        """A step has ended, well or with ``error``."""
        failed = {} if error is None else {ERROR: error_type(error)}
        if what == "verification":
            self._verification.record(seconds, {CACHE: "miss", **failed})
        elif what == "keys":
            self._fetches.record(seconds, {ISSUER: issuer, **failed})
        elif what == "revocations":
            self._look_ups.record(seconds, failed)

    def _ages(self, _: CallbackOptions) -> Iterable[Observation]:
        known: dict[str, float] = {}
        for state in self._states():
            if state.age is not None:
                known[state.issuer] = max(state.age, known.get(state.issuer, 0.0))
        return [Observation(age, {ISSUER: issuer}) for issuer, age in known.items()]

    def _usable(self, _: CallbackOptions) -> Iterable[Observation]:
        known: dict[str, bool] = {}
        for state in self._states():
            known[state.issuer] = state.usable and known.get(state.issuer, True)
        return [Observation(int(usable), {ISSUER: issuer}) for issuer, usable in known.items()]

    def _lags(self, _: CallbackOptions) -> Iterable[Observation]:
        lags = [found for _, lag in self._guards if (found := lag()) is not None]
        return [Observation(max(lags))] if lags else []

    def _states(self) -> list[KeyState]:
        """Of every guard; where two trust one issuer, the worse counts."""
        return [state for keys, _ in self._guards for state in keys()]
