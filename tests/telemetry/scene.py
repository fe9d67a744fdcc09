"""One application that is measured, through every outcome there is: what it emits is all there is to emit."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client import REGISTRY, generate_latest

from jwt_middleware import Decision, Guard, Principal, RequestInfo, TrustedIssuer, scope
from jwt_middleware.access.marks import Mark
from jwt_middleware.key_sources.static import static
from jwt_middleware.keys.key_set import KeySet
from jwt_middleware.observers.opentelemetry import OpenTelemetryObserver
from jwt_middleware.revocation_stores.memory import memory
from jwt_middleware.waiting import run
from tests.leaks import search
from tests.tokens import AUDIENCE, ISSUER, jwks, mint

DOWN = "https://down.example"
KEY = b"k" * 32


@dataclass
class Recorded:
    """What was emitted, for whoever asks."""

    meters: MeterProvider
    tracers: TracerProvider
    reader: InMemoryMetricReader
    exporter: InMemorySpanExporter

    def observer(self, *, user_id_key: bytes | None = None) -> OpenTelemetryObserver:
        return OpenTelemetryObserver(user_id_key=user_id_key, meter_provider=self.meters, tracer_provider=self.tracers)

    @property
    def spans(self) -> tuple[ReadableSpan, ...]:
        return self.exporter.get_finished_spans()

    def points(self, name: str) -> list[tuple[dict[str, Any], Any]]:
        """The attributes and the value of each point of a metric; of a histogram, how many were recorded."""
        found = []
        collected = self.reader.get_metrics_data()
        for resource in () if collected is None else collected.resource_metrics:
            for scoped in resource.scope_metrics:
                for metric in scoped.metrics:
                    if metric.name == name:
                        for point in metric.data.data_points:
                            value = point.value if hasattr(point, "value") else point.count
                            found.append((dict(point.attributes or {}), value))
        return found

    def one(self, name: str, **attributes: Any) -> Any:
        """The value of the one point that has these attributes; a dot in their names is written as two underscores."""
        wanted = {key.replace("__", "."): value for key, value in attributes.items()}
        (value,) = [found for each, found in self.points(name) if each == wanted]
        return value

    def prometheus(self) -> str:
        return generate_latest(REGISTRY).decode()


@contextmanager
def recorded(*, prometheus: bool = False) -> Iterator[Recorded]:
    reader, exporter = InMemoryMetricReader(), InMemorySpanExporter()
    readers = [reader, PrometheusMetricReader()] if prometheus else [reader]
    meters, tracers = MeterProvider(metric_readers=readers), TracerProvider()
    tracers.add_span_processor(SimpleSpanProcessor(exporter))
    try:
        yield Recorded(meters, tracers, reader, exporter)
    finally:
        for span in exporter.get_finished_spans():
            search("a span", span.to_json())
        collected = reader.get_metrics_data()
        search("the metrics", "" if collected is None else collected.to_json())
        meters.shutdown()
        tracers.shutdown()


class Down:
    """A key source that cannot be reached."""

    symmetric = False

    def fetch(self) -> KeySet:
        raise ConnectionError("the address of the issuer, and whatever else")

    async def afetch(self) -> KeySet:
        return self.fetch()


class Asked:
    """A revocation store that holds no copy."""

    def __init__(self) -> None:
        self.fails = False

    def is_revoked(self, claims: Any) -> bool:
        if self.fails:
            raise ConnectionError("the store is down")
        return bool(claims.token_id == "revoked")

    async def ais_revoked(self, claims: Any) -> bool:
        return self.is_revoked(claims)


@dataclass
class Scene:
    """A guard, asked as doors ask it, in one of the two worlds."""

    guard: Guard
    awaited: bool = False
    decisions: list[Decision] = field(default_factory=list)

    def ask(self, authorization: str | None, mark: Mark | None = None) -> Principal | None:
        """Who was let in."""
        if authorization is not None:
            found = self.guard.recall(authorization.encode())
            if found is not None:
                return found
        given: Mapping[str, list[str]] = {} if authorization is None else {"authorization": [authorization]}
        request = RequestInfo(path="/orders", header=lambda name: given.get(name, []))
        admitting = self.guard.admit(request)
        admission = asyncio.run(_finished(admitting)) if self.awaited else run(admitting)
        final = self.guard.conclude(admission, lambda: mark)
        return final.principal if final.refusal is None else None


async def _finished(admitting: Any) -> Any:
    found = await admitting
    # keys are fetched beside the request; the loop must not end before
    others = asyncio.all_tasks() - {asyncio.current_task()}
    if others:
        await asyncio.wait(others)
    return found


def scene(observer: OpenTelemetryObserver, *, awaited: bool = False, revocations: Any = None, **more: Any) -> Scene:
    trusted = [
        TrustedIssuer(ISSUER, audience=AUDIENCE, keys=static(jwks=jwks("ec"))),
        TrustedIssuer(DOWN, audience=AUDIENCE, keys=Down()),
    ]
    return Scene(Guard(*trusted, observers=[observer], revocations=revocations, **more), awaited)


def every_outcome(observer: OpenTelemetryObserver, *, awaited: bool = False) -> None:
    """Go through whatever a metric is for."""
    one = scene(observer, awaited=awaited, revocations=memory())
    token = f"Bearer {mint()}"
    for authorization in (token, token, None, "Basic x", f"Bearer {mint(exp=1)}", f"Bearer {mint(iss=DOWN)}"):
        one.ask(authorization)
    one.ask(None, Mark.PUBLIC)
    caller = one.ask(token)
    assert caller is not None
    try:
        one.guard.demand(caller, scope("nobody:has"), {})
    except Exception as refusal:
        assert type(refusal).__name__ == "Forbidden"
