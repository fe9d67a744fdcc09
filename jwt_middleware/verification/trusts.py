"""Which of the issuers that we trust is meant: one that was declared, or one that is known only at run time."""

import threading
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from inspect import isawaitable, iscoroutine
from math import ceil
from typing import Final

from ..errors import AuthError, AuthUnavailable, ConfigurationError, InvalidToken
from ..keys.key_cache import KeyCache
from ..waiting import ask
from .trusted_issuer import TrustedIssuer

Resolver = Callable[[str], TrustedIssuer | Awaitable[TrustedIssuer | None] | None]

_KEPT_FOR: Final = 60.0  # seconds that a resolver's yes holds
_MAX_SIZE: Final = 16_384  # bytes of a token whose issuer is not known yet


@dataclass(frozen=True, slots=True)
class Trust:
    """One trusted issuer with what keeps its keys fresh."""

    issuer: TrustedIssuer
    keys: KeyCache


class Trusts:
    """Everyone we trust. What a token says of its issuer is looked up here, never believed.

    ``resolver``: asked about an issuer that was not declared; only its yes makes us keep anything, and fetch. At most
    ``max_resolved`` of its issuers are kept, those that were used last, and each is asked about again after a minute.
    Keys of newcomers, each of whom costs a fetch, are wired for so many a minute, and for twice as many at first: else
    whoever has tokens of more issuers than are kept could make us fetch with every request. Whatever it raises means
    that nobody can say. ``keys_of``: wires a declaration to its keys. ``clock``: monotonic.

    The lock guards the table of those that were resolved, and is never held while asking.
    """

    def __init__(
        self,
        declared: Sequence[TrustedIssuer],
        resolver: Resolver | None = None,
        *,
        keys_of: Callable[[TrustedIssuer], KeyCache],
        max_resolved: int = 1_000,
        clock: Callable[[], float],
    ) -> None:
        self.declared = tuple(Trust(each, keys_of(each)) for each in declared)
        self._declared = {said: trust for trust in self.declared for said in trust.issuer.rules.issuers}
        self.only = self.declared[0] if len(self.declared) == 1 and resolver is None else None
        sizes = [each.rules.max_size for each in declared]
        self.max_size = max(sizes if resolver is None else (*sizes, _MAX_SIZE))  # bytes
        self._resolver = resolver
        self._keys_of = keys_of
        self._max_resolved = max_resolved
        self._clock = clock
        self._lock = threading.Lock()
        self._resolved: dict[str, tuple[Trust, float]] = {}  # and until when the yes holds; the last used stands last
        self._newcomers = 2.0 * max_resolved  # that may still be wired
        self._counted_at = clock()

    async def named(self, issuer: object) -> Trust:
        """Whom a token means by its ``iss``, None where it has none. Raises InvalidToken, or AuthUnavailable."""
        if issuer is not None and not isinstance(issuer, str):
            raise InvalidToken("issuer_untrusted")
        declared = self._declared.get(issuer)
        if declared is not None:
            return declared
        if self._resolver is None or not issuer:
            raise InvalidToken("issuer_untrusted")
        kept = self._kept(issuer)
        if kept is not None:
            return kept
        try:
            found = await ask(_resolve, _aresolve, self._resolver, issuer)
        except (AuthError, ConfigurationError):
            raise
        except Exception as error:
            raise AuthUnavailable("issuers_unavailable") from error
        return self._keep(issuer, found)

    def leeway(self, issuer: str) -> float:
        """Of those who speak for ``issuer``, the largest, in seconds."""
        with self._lock:
            resolved = [trust for trust, _ in self._resolved.values()]
        everyone = [trust.issuer.rules for trust in (*self._declared.values(), *resolved)]
        return max((rules.leeway for rules in everyone if issuer in rules.issuers.values()), default=0.0)

    def _kept(self, issuer: str) -> Trust | None:
        with self._lock:
            entry = self._resolved.pop(issuer, None)
            if entry is None:
                return None
            self._resolved[issuer] = entry
        trust, until = entry
        return trust if self._clock() < until else None

    def _keep(self, issuer: str, found: TrustedIssuer | None) -> Trust:
        if found is not None and not isinstance(found, TrustedIssuer):
            raise ConfigurationError("Guard(resolver=...): a resolver answers with a TrustedIssuer or None")
        if found is None or issuer not in found.rules.issuers:
            with self._lock:
                self._resolved.pop(issuer, None)
            raise InvalidToken("issuer_untrusted")
        with self._lock:
            there = self._resolved.get(issuer)
            known = there[0].keys if there is not None and _same_keys(there[0].issuer, found) else None
            if known is None:
                self._take_in()
        keys = self._keys_of(found) if known is None else known
        with self._lock:
            there = self._resolved.pop(issuer, None)
            if there is not None and _same_keys(there[0].issuer, found):
                keys = there[0].keys  # they cost a fetch
            trust = Trust(found, keys)
            self._resolved[issuer] = (trust, self._clock() + _KEPT_FOR)
            while len(self._resolved) > self._max_resolved:
                del self._resolved[next(iter(self._resolved))]
        return trust

    def _take_in(self) -> None:
        """One more newcomer. Raises AuthUnavailable when there were too many; the lock is held."""
        now, most = self._clock(), float(self._max_resolved)
        self._newcomers = min(2 * most, self._newcomers + (now - self._counted_at) * most / _KEPT_FOR)
        self._counted_at = now
        if self._newcomers < 1.0:
            wait = ceil((1.0 - self._newcomers) * _KEPT_FOR / most)
            cause = RuntimeError("more issuers are new than max_resolved allows in a minute")
            raise AuthUnavailable("issuers_unavailable", retry_after=wait) from cause
        self._newcomers -= 1.0


def _same_keys(one: TrustedIssuer, other: TrustedIssuer) -> bool:
    return _of_keys(one) == _of_keys(other)


def _of_keys(issuer: TrustedIssuer) -> tuple[object, ...]:
    return issuer.issuer, issuer.keys, issuer.jwks_urls, issuer.freshness, issuer.snapshot


def _resolve(resolver: Resolver, issuer: str) -> TrustedIssuer | None:
    found = resolver(issuer)
    if isawaitable(found):
        if iscoroutine(found):
            found.close()  # nobody will ever await it
        raise ConfigurationError("Guard(resolver=...): a sync application needs a resolver that is a plain function")
    return found


async def _aresolve(resolver: Resolver, issuer: str) -> TrustedIssuer | None:
    found = resolver(issuer)
    return await found if isawaitable(found) else found
