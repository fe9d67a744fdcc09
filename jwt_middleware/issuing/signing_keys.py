"""SigningKeys: which key signs, which keys are published, and how one takes over from another."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from ..errors import ConfigurationError
from ..keys.key_set import KeySet, key_set_from_jwks
from .signing_key import SigningKey

_FRESH: Final = 10.0  # seconds: how late our own verifiers may learn of a key that was withdrawn
_GRACE: Final = 300.0  # seconds: the largest leeway that our own verifiers allow


@dataclass(slots=True)
class _Published:
    key: SigningKey
    signed_until: float = 0.0  # seconds since the epoch: when the last token it signed expires
    retired: bool = False


class SigningKeys:
    """The keys of one issuer. A rotation that refuses nobody goes ``publish``, ``activate``, ``retire``.

    ``publish`` a key before it signs, long enough for verifiers to fetch it; then ``activate`` it; then ``retire`` the
    old one, which stays published until the last token it signed has expired. Also a key source (see ``KeySource``),
    for an issuer that takes its own tokens. What was signed is remembered in this process only.

    The lock guards the fields below it.
    """

    symmetric = False

    def __init__(self, active: SigningKey, *, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._published: dict[str, _Published] = {active.kid: _Published(active)}
        self._active = active.kid

    @property
    def active(self) -> SigningKey:
        """The key that signs."""
        with self._lock:
            return self._published[self._active].key

    @property
    def published(self) -> tuple[SigningKey, ...]:
        """The keys that others may verify with: the active one, those to come, and those whose tokens still live."""
        with self._lock:
            self._drop_the_spent()
            return tuple(each.key for each in self._published.values())

    def publish(self, key: SigningKey) -> None:
        """Let verifiers know a key that does not sign yet."""
        with self._lock:
            self._published.setdefault(key.kid, _Published(key))

    def activate(self, kid: str) -> None:
        """Sign with this published key from now on; the one before it stays published."""
        with self._lock:
            self._named(kid).retired = False
            self._active = kid

    def retire(self, kid: str) -> None:
        """Stop publishing a key as soon as the last token it signed has expired, the leeway of verifiers included."""
        with self._lock:
            self._passive(kid).retired = True
            self._drop_the_spent()

    def withdraw(self, kid: str) -> None:
        """Stop publishing a key at once, for one that others may hold; its tokens are refused from then on."""
        with self._lock:
            self._passive(kid)
            del self._published[kid]

    def sign(self, claims: Mapping[str, object], kind: str, expires_at: float) -> str:
        """Sign with the active key, and remember for how long it is needed."""
        with self._lock:
            active = self._published[self._active]
            active.signed_until = max(active.signed_until, expires_at)
        return active.key.sign(claims, kind)

    def fetch(self) -> KeySet:
        return key_set_from_jwks({"keys": [dict(key.public_jwk) for key in self.published]}, fresh_for=_FRESH)

    async def afetch(self) -> KeySet:
        return self.fetch()

    def _named(self, kid: str) -> _Published:
        found = self._published.get(kid)
        if found is None:
            raise ConfigurationError("SigningKeys: no key of this id is published; publish it first")
        return found

    def _passive(self, kid: str) -> _Published:
        if kid == self._active:
            raise ConfigurationError("SigningKeys: this key signs; activate another one first")
        return self._named(kid)

    def _drop_the_spent(self) -> None:
        now = self._clock()
        spent = [k for k, each in self._published.items() if each.retired and now >= each.signed_until + _GRACE]
        for kid in spent:
            del self._published[kid]

    def __repr__(self) -> str:
        return f"<SigningKeys {len(self._published)} published>"
