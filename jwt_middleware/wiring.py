"""From the declaration of an issuer to what keeps its keys. Key sources are loaded here, when they are needed."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import cast

from .keys.key_cache import KeyCache, KeySource
from .verification.trusted_issuer import TrustedIssuer


def keys_of(
    trusted: TrustedIssuer,
    monotonic: Callable[[], float],
    watching: Callable[[str], AbstractContextManager[object]] = nullcontext,
) -> KeyCache:
    """``monotonic``: seconds on a clock that never goes back. ``watching``: entered around each fetch, by issuer."""
    source = trusted.keys or _fetched(trusted, monotonic)
    if trusted.snapshot is not None:
        from .key_sources.snapshot import Remote, snapshot  # loads an HTTP client, which many services never need

        remote = cast(Remote, source)  # TrustedIssuer has looked at it
        source = snapshot(remote, trusted.snapshot, issuer=trusted.issuer, max_stale=trusted.freshness.max_stale)
    return KeyCache(
        source,
        trusted.freshness,
        issuer=trusted.issuer,
        clock=monotonic,
        watching=partial(watching, trusted.issuer),
    )


def prepare() -> None:
    """Load what fetches keys before the first request does, where issuers are known only at run time."""
    from .key_sources import discovery  # noqa: F401  # it is the loading that counts
    from .web import certificates

    certificates(None, needed=True)


def _fetched(trusted: TrustedIssuer, monotonic: Callable[[], float]) -> KeySource:
    if trusted.jwks_urls:
        from .key_sources.jwks_url import jwks_url  # loads an HTTP client, too, as does discovery

        return jwks_url(trusted.jwks_urls)
    from .key_sources.discovery import discovery

    source = discovery(trusted.issuer)
    source.clock = monotonic
    return source
