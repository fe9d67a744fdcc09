"""Watching: an observer that measures is told of what happens below decisions; without one nothing of this runs."""

import time
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AbstractContextManager
from typing import Literal, Protocol, runtime_checkable

from .access.admission import Admission
from .access.principal import Principal
from .decisions import Observer
from .keys.key_state import KeyState
from .verification.authenticator import Authenticator, Genuine, RevocationStore
from .verification.claims import Claims
from .verification.token_cache import TokenCache
from .verification.trusts import Trusts

Step = Literal["admission", "verification", "keys", "revocations"]
Failed = Callable[[BaseException], None]


@runtime_checkable
class Watcher(Observer, Protocol):
    """An observer that measures. Must not block and must not raise; a guard takes one at most."""

    def attached(self, keys: Callable[[], Sequence[KeyState]], lag: Callable[[], float | None]) -> None:
        """A guard is built. ``keys``: what is known of its keys. ``lag``: seconds its revocations may be behind."""

    def recalled(self, principal: Principal) -> None:
        """A request was let in for a token that was verified a moment ago, and no decision is told."""

    def remembered(self, seconds: float) -> None:
        """A token was found among those that were verified a moment ago, which took so long."""

    def step(self, what: Step, issuer: str = "") -> AbstractContextManager[Failed]:
        """Entered around what takes time. What it gives is called with what went wrong without being raised."""


@runtime_checkable
class Lagging(Protocol):
    """A revocation store that knows how far it is behind."""

    @property
    def lag(self) -> float | None:
        """Seconds by which what this process looks up may be behind; None while it was never whole."""


def lag_of(store: RevocationStore | None) -> Callable[[], float | None]:
    return (lambda: store.lag) if isinstance(store, Lagging) else (lambda: None)


async def watched(admitting: Coroutine[None, None, Admission], watcher: Watcher) -> Admission:
    with watcher.step("admission") as failed:
        admission = await admitting
        if admission.refusal is not None:
            failed(admission.refusal)
    return admission


def watched_recall(
    recall: Callable[[bytes], Principal | None], watcher: Watcher
) -> Callable[[bytes], Principal | None]:
    def recalled(authorization: bytes) -> Principal | None:
        principal = recall(authorization)
        if principal is not None:
            watcher.recalled(principal)
        return principal

    return recalled


class WatchedCache(TokenCache[Principal]):
    """Tokens that were verified a moment ago, and how long it takes to find one."""

    watcher: Watcher

    def get(self, credentials: bytes) -> Principal | None:
        begun = time.perf_counter()
        found = super().get(credentials)
        if found is not None:
            self.watcher.remembered(time.perf_counter() - begun)
        return found


class WatchedAuthenticator(Authenticator):
    """An authenticator, and how long it takes to verify a token that is new."""

    def __init__(
        self, trusts: Trusts, revocations: RevocationStore | None, clock: Callable[[], float], watcher: Watcher
    ) -> None:
        super().__init__(trusts, None if revocations is None else WatchedStore(revocations, watcher), clock)
        self._watcher = watcher

    async def authenticate(self, token: str) -> Genuine:
        with self._watcher.step("verification"):
            return await super().authenticate(token)


class WatchedStore:
    """A revocation store, and how long it takes to ask."""

    def __init__(self, store: RevocationStore, watcher: Watcher) -> None:
        self._store = store
        self._watcher = watcher

    def is_revoked(self, claims: Claims) -> bool:
        with self._watcher.step("revocations"):
            return self._store.is_revoked(claims)

    async def ais_revoked(self, claims: Claims) -> bool:
        with self._watcher.step("revocations"):
            return await self._store.ais_revoked(claims)
