"""Somebody is calling, as behind a door."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType

from jwt_middleware import Guard, RequestInfo
from jwt_middleware.access.current import Passage, enter, leave
from jwt_middleware.testing import LocalIssuer
from jwt_middleware.waiting import run

LOCAL = LocalIssuer(audience="orders")
GUARD = Guard(LOCAL.trusted, observers=[])


@contextmanager
def calling(
    token: str, guard: Guard = GUARD, *, shown: str | None = None, beside: Mapping[str, str] = MappingProxyType({})
) -> Iterator[None]:
    """Somebody calls with this token, and headers ``beside`` it; ``shown`` is what the request holds later."""
    headers = {"authorization": f"Bearer {token}", **beside}
    info = RequestInfo(header=lambda name: [headers[name]] if name in headers else [])
    admission = run(guard.admit(info))
    assert admission.refusal is None, admission.refusal
    if shown is not None:
        headers["authorization"] = f"Bearer {shown}"
    entered = enter(Passage(admission.principal, guard, headers, lambda _: info))
    try:
        yield
    finally:
        leave(entered)
