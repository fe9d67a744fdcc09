"""SigningKeys: the keys of one issuer, as every process that signs with them sees them."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final, Protocol

from ..durations import Duration, checked
from ..errors import ConfigurationError
from ..keys.key import secret_key
from ..keys.key_set import KeySet, key_set_from_jwks
from .signing_key import Algorithm, SigningKey
from .succession import LOOK_AGAIN, KeyRecord, Succession, Timing

_FRESH: Final = 10.0  # seconds: how late our own verifiers may learn of a key that was withdrawn
_TRIES: Final = 100  # others may be faster that often


class KeyStore(Protocol):
    """Where a succession is kept for several processes. Raises whatever it likes when it cannot say."""

    def read(self) -> Succession:
        """What is kept; an empty Succession where nothing is."""

    async def aread(self) -> Succession: ...

    def replace(self, old: Succession, new: Succession) -> bool:
        """Keep ``new`` in one atomic step, unless what is kept is no longer ``old``. Whether it was done."""


class SigningKeys:
    """The keys of one issuer. A rotation that refuses nobody goes ``publish``, ``activate``, ``retire``.

    ``publish`` a key before it signs, long enough for verifiers to fetch it; then ``activate`` it, which retires the
    one before: that stays published until the last token it signed has expired. ``rotate`` does what is due of all
    this. Also a key source (see ``KeySource``), for an issuer that takes its own tokens.

    ``active`` is the first key, ``store`` where the keys are kept if several processes sign; with neither, keys live in
    this process and the first is made at once, for ``algorithm``. ``token_lifetime``: the longest that a token lives; a
    TokenIssuer holds to it. ``verifier_cache``: the longest that verifiers work with their copy of the key set; half of
    it is what the JWKS asks for, the rest is for caches on the way. Both in seconds or a timedelta. ``clock``: seconds
    since the epoch. Raises ConfigurationError.

    The lock guards the fields below it, and is never held while asking the store.
    """

    def __init__(
        self,
        active: SigningKey | None = None,
        *,
        store: KeyStore | None = None,
        algorithm: Algorithm = "ES256",
        token_lifetime: Duration = 3600.0,  # seconds
        verifier_cache: Duration = 600.0,  # seconds
        clock: Callable[[], float] = time.time,
    ) -> None:
        mistakes: list[str] = []
        self.timing = Timing(
            token_lifetime=checked(token_lifetime, "token_lifetime", "SigningKeys", mistakes, least=1, most=31_536_000),
            verifier_cache=checked(verifier_cache, "verifier_cache", "SigningKeys", mistakes, least=120, most=604_800),
        )
        if active is not None and store is not None:
            mistakes.append("SigningKeys: hand in the first key or a store, not both; publish(key) puts it into one")
        if mistakes:
            raise ConfigurationError(*mistakes)
        self._clock = clock
        self._store = store
        self._algorithm: Algorithm = algorithm if active is None else active.algorithm
        self._lock = threading.Lock()
        first = SigningKey.generate(algorithm) if active is None and store is None else active
        self._seen = Succession() if first is None else Succession().publish(first, clock())
        self._looked_at: float | None = None

    @property
    def symmetric(self) -> bool:
        """Whether these are shared secrets, as declared: secrets and private keys never mix."""
        return self._algorithm == "HS256"

    @property
    def active(self) -> SigningKey:
        """The key that signs."""
        return self._current().active

    @property
    def published(self) -> tuple[SigningKey, ...]:
        """The keys that others may verify with: the active one, those to come, and those whose tokens still live."""
        return self._current().published(self.timing, self._clock())

    @property
    def records(self) -> tuple[KeyRecord, ...]:
        """Every key with its state and dates, spent ones included until the next step removes them."""
        return self._current().records

    @property
    def max_age(self) -> int:
        """Seconds that a copy of the key set may be kept, for Cache-Control."""
        return int(self.timing.verifier_cache / 2)

    def publish(self, key: SigningKey) -> None:
        """Let verifiers know a key that does not sign yet."""
        self._refuse_mixed([key])
        self._step(lambda seen, now: seen.publish(key, now))

    def activate(self, kid: str, *, at_once: bool = False) -> None:
        """Sign with this published key from now on, and retire the one before it.

        Raises ConfigurationError while some verifier may not know it, unless ``at_once``: for verifiers that all look
        again when they meet an unknown key id.
        """
        self._step(lambda seen, now: seen.activate(kid, self.timing, now, at_once=at_once))

    def retire(self, kid: str) -> None:
        """Stop publishing a key as soon as the last token it signed has expired; at once if it never signed."""
        self._step(lambda seen, now: seen.retire(kid, now))

    def withdraw(self, kid: str) -> None:
        """Stop publishing a key at once, for one that others may hold. If it signed, the next one takes over.

        Its tokens are refused as soon as verifiers look at the key set again; where that is too late, revoke the key.
        """
        successor = SigningKey.generate(self._algorithm_of(kid))
        self._step(lambda seen, now: seen.withdraw(kid, successor, now))

    def prepare(self) -> str:
        """See to it that a key signs and another one waits, whose id is given: for the start of a service."""
        while (following := self._following()) is None:  # the very first key signs, the one after it waits
            fresh = SigningKey.generate(self._algorithm)
            # several workers start at once: what one of them has published meanwhile is enough for all
            self._step(lambda seen, now, fresh=fresh: seen if _waiting(seen) else seen.publish(fresh, now))  # type: ignore[misc]  # bound now
        return following.key.kid

    def rotate(self, *, at_once: bool = False) -> SigningKey:
        """Let the key that was published first take over, and publish another one ahead. The key that signs now.

        Raises ConfigurationError, which says how long to wait, while some verifier may not know it.
        """
        following = self._following()
        kid = self.prepare() if following is None else following.key.kid
        self.activate(kid, at_once=at_once)
        self.prepare()
        return self.active

    def sign(self, claims: Mapping[str, object], kind: str) -> str:
        """Sign with the active key. What is signed must not live longer than ``token_lifetime``."""
        return self._current().active.sign(claims, kind)

    def fetch(self) -> KeySet:
        return self._key_set(self._current())

    async def afetch(self) -> KeySet:
        await self.alook()
        return self._key_set(self._seen)

    async def alook(self) -> None:
        """Look at the store if that is due, so that signing right after it waits for nothing."""
        if self._store is not None and self._is_due():
            self._note(await self._store.aread())

    def look(self) -> None:
        """The same without an event loop."""
        self._current()

    def _current(self) -> Succession:
        if self._store is not None and self._is_due():
            self._note(self._store.read())
        return self._seen

    def _is_due(self) -> bool:
        looked_at = self._looked_at
        return looked_at is None or not 0 <= self._clock() - looked_at < LOOK_AGAIN

    def _note(self, found: Succession) -> None:
        self._refuse_mixed([record.key for record in found.records])
        with self._lock:
            if found.revision >= self._seen.revision:  # else another thread has seen more
                self._seen = found
            self._looked_at = self._clock()

    def _step(self, change: Callable[[Succession, float], Succession]) -> None:
        """Change what is kept. Whoever was faster is respected: the step is taken again from what they left."""
        for _ in range(_TRIES):
            old = self._seen if self._store is None else self._store.read()
            now = self._clock()
            new = change(old, now).without_the_spent(self.timing, now)
            if new is old or self._replace(old, new):
                self._note(new)
                return
        raise ConfigurationError("SigningKeys: others change the keys all the time; nothing was done")

    def _replace(self, old: Succession, new: Succession) -> bool:
        if self._store is not None:
            return self._store.replace(old, new)
        with self._lock:
            if self._seen is not old:
                return False
            self._seen = new
            return True

    def _following(self) -> KeyRecord | None:
        """The key that was published first of those that have not signed."""
        if self._store is not None:
            self._note(self._store.read())
        return _waiting(self._seen)

    def _refuse_mixed(self, keys: Sequence[SigningKey]) -> None:
        if any(key.symmetric != self.symmetric for key in keys):
            raise ConfigurationError(
                f"SigningKeys(algorithm={self._algorithm!r}): secrets and private keys never mix; keep them apart"
            )

    def _algorithm_of(self, kid: str) -> Algorithm:
        return next((each.key.algorithm for each in self.records if each.key.kid == kid), self._algorithm)

    def _key_set(self, seen: Succession) -> KeySet:
        keys = seen.published(self.timing, self._clock())
        if self.symmetric:
            return KeySet([secret_key(key.shared_secret, key.kid, "HS256") for key in keys], fresh_for=_FRESH)
        return key_set_from_jwks({"keys": [dict(key.public_jwk) for key in keys]}, fresh_for=_FRESH)

    def __repr__(self) -> str:
        return f"<SigningKeys {len(self._seen.records)} kept>"


def _waiting(seen: Succession) -> KeyRecord | None:
    return next((each for each in seen.records if each.state == "next"), None)
