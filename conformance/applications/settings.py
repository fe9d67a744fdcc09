"""What the application of this project is configured with, by the name of the setting."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from jwt_middleware import (
    ClaimMapping,
    Freshness,
    Guard,
    TrustedIssuer,
    authorization_header,
    detail_and_code,
    plain_text,
    token_in_cookie,
    token_in_query_that_leaks_into_logs,
)
from jwt_middleware.key_sources.discovery import discovery
from jwt_middleware.key_sources.static import static
from jwt_middleware.revocation_stores.memory import memory

from ..issuer import issuer_url
from .application import AUDIENCE

VARIABLES: Final = ("CONFORMANCE_ISSUERS", "CONFORMANCE_TLS_ISSUERS", "CONFORMANCE_TRANSPORT")
_PATIENCE: Final = 20.0  # seconds
NOW: Final = 1_800_000_000.0  # the clock stands still, so that times can be met to the second


def clock() -> float:
    return NOW


class Ageing:
    """A clock for the age of keys, which stands still until ``pass_time``; the guards that tell it."""

    def __init__(self) -> None:
        self.now = 0.0
        self.guards: list[Guard] = []

    def __call__(self) -> float:
        return self.now

    def pass_time(self, seconds: float) -> None:
        """Let keys grow older, and wait until those that are due then were asked for."""
        self.now += seconds
        for guard in self.guards:
            guard.ready()
        for thread in threading.enumerate():
            if thread.name == "jwt_middleware":
                thread.join(_PATIENCE)


ageing: Final = Ageing()


@dataclass(frozen=True)
class Issuers:
    """Where the issuers of one transport are, one per setting."""

    plain: str
    tls: str
    transport: str

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "Issuers":
        return cls(*(environ[name] for name in VARIABLES))


def guard_for(setting: str, issuers: Issuers) -> Guard:
    """The guard of one setting. Raises ConfigurationError where a setting must not start."""
    issuer = issuer_url(issuers.plain, issuers.tls, issuers.transport, setting)
    found = _SETTINGS.get(setting)
    return _guard(trusting(issuer)) if found is None else found[1](issuer)


def trusting(issuer: str, **more: Any) -> TrustedIssuer:
    return TrustedIssuer(issuer, **{"audience": AUDIENCE, **more})


def _guard(*trusted: TrustedIssuer, **more: Any) -> Guard:
    return Guard(*trusted, clock=clock, **more)


def _ageing(trusted: TrustedIssuer) -> Guard:
    guard = _guard(trusted, monotonic=ageing)
    ageing.guards.append(guard)
    return guard


def _revoking(issuer: str) -> Guard:
    store = memory(clock=clock)
    store.revoke_token(issuer, "withdrawn", until=NOW + 1000)
    return _guard(trusting(issuer), revocations=store)


# every setting that is not named here is the default one, with an issuer of its own
_SETTINGS: Final[Mapping[str, tuple[str, Callable[[str], Guard]]]] = {
    "rfc9068": ('profile="rfc9068"', lambda issuer: _guard(trusting(issuer, profile="rfc9068"))),
    "one-algorithm": ('algorithms=["ES256"]', lambda issuer: _guard(trusting(issuer, algorithms=["ES256"]))),
    "two-issuers": (
        "two issuers, one with ES256, one with RS256",
        lambda issuer: _guard(
            trusting(issuer, algorithms=["ES256"]), trusting(f"{issuer}-second", algorithms=["RS256"])
        ),
    ),
    "two-alike": ("two issuers", lambda issuer: _guard(trusting(issuer), trusting(f"{issuer}-second"))),
    "no-leeway": ("leeway=0", lambda issuer: _guard(trusting(issuer, leeway=0))),
    "scope-hierarchy": (
        'scope_hierarchy={"admin": ["write"], "write": ["read"]}',
        lambda issuer: _guard(
            trusting(issuer, mapping=ClaimMapping(scope_hierarchy={"admin": ["write"], "write": ["read"]}))
        ),
    ),
    "id-tokens": ("accept_id_tokens=True", lambda issuer: _guard(trusting(issuer, accept_id_tokens=True))),
    "max-age": ("max_age=300", lambda issuer: _guard(trusting(issuer, max_age=300))),
    "revocations": ("a revocation store", _revoking),
    "cookie": (
        "token_in_cookie",
        lambda issuer: _guard(
            trusting(issuer), token_from=[authorization_header, token_in_cookie("session", secret=b"s" * 32)]
        ),
    ),
    "query": (
        "token_in_query_that_leaks_into_logs",
        lambda issuer: _guard(
            trusting(issuer), token_from=[authorization_header, token_in_query_that_leaks_into_logs()]
        ),
    ),
    "cors": ("Starlette's CORSMiddleware outside", lambda issuer: _guard(trusting(issuer))),
    "impatient": (
        "discovery(timeout=0.5)",
        lambda issuer: _guard(trusting(issuer, keys=discovery(issuer, timeout=0.5))),
    ),
    "ageing": (
        "Freshness(max_stale=7200), and a clock that can be moved",
        lambda issuer: _ageing(trusting(issuer, freshness=Freshness(max_stale=7200))),
    ),
    "withdrawn": ("a clock that can be moved", lambda issuer: _ageing(trusting(issuer))),
    "slow-keys": ("", lambda issuer: _guard(trusting(issuer))),
    "tls": ("an https issuer", lambda issuer: _guard(trusting(issuer))),
    "weak-secret": (
        'static(secret="changeme")',
        lambda issuer: _guard(trusting(issuer, keys=static(secret="changeme"))),
    ),
    "plain-http": (
        'TrustedIssuer("http://issuer.example")',
        lambda _: _guard(trusting("http://issuer.example")),
    ),
    "explained": (
        'error_uri="https://docs.example/{code}"',
        lambda issuer: _guard(trusting(issuer), error_uri="https://docs.example/{code}"),
    ),
    "page-without-host": ('error_uri="/errors"', lambda issuer: _guard(trusting(issuer), error_uri="/errors")),
    "page-with-quotes": (
        "an error_uri with a quote",
        lambda issuer: _guard(trusting(issuer), error_uri='https://docs.example/"'),
    ),
    "plain-text": ("refusal_body=plain_text", lambda issuer: _guard(trusting(issuer), refusal_body=plain_text)),
    "detail-and-code": (
        "refusal_body=detail_and_code",
        lambda issuer: _guard(trusting(issuer), refusal_body=detail_and_code),
    ),
    "odd-realm": ("a realm with a quote", lambda issuer: _guard(trusting(issuer), realm='or"ders')),
}


def words(setting: str) -> str:
    """What is special about a setting; empty where only its issuer is."""
    return _SETTINGS[setting][0] if setting in _SETTINGS else ""
