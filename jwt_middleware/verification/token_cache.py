"""Tokens that were verified a moment ago."""

from collections.abc import Callable
from hashlib import sha256
from typing import Generic, TypeVar

from ..keys.key_cache import KeyCache
from .authenticator import Genuine
from .claims import Claims

T = TypeVar("T")


# what is kept; from when, in seconds since the epoch (when it was kept, or the token is good from, leeway included);
# until when (it is forgotten, or the token no longer good); the keys that verified the token, and what it says
Entry = tuple[T, float, float, int, KeyCache, Claims]


class TokenCache(Generic[T]):
    """What was made of a verified token, kept by the SHA-256 of its text: a memory dump holds no usable token.

    Two generations of at most half of ``max_tokens`` each: when the young one is full the old one is forgotten. There
    is no lock: one dict operation is atomic, and losing an entry costs one verification. Refusals are never kept. On
    every hit the times are looked at again, whether the issuer's keys are still those that verified the token, and
    whether it was ``revoked``, which must not wait; None for "must be asked".
    """

    def __init__(
        self,
        max_tokens: int = 10_000,
        max_age: float = 60.0,  # seconds
        *,
        max_size: int = 1_048_576,  # bytes; nobody makes us hash a larger token
        clock: Callable[[], float],
        revoked: Callable[[Claims], bool | None] | None = None,
    ) -> None:
        self._half = max(1, max_tokens // 2)
        self._max_age = max_age
        self._longest = len(b"Bearer ") + max_size
        self._clock = clock
        self._revoked = revoked
        self._young: dict[bytes, Entry[T]] = {}
        self._old: dict[bytes, Entry[T]] = {}

    def get(self, credentials: bytes) -> T | None:
        """What was kept for the token of these credentials, ``Bearer`` and the token, or None, which decides nothing.

        Takes the whole value of an Authorization header: this one call is the warm way of a request. So ``Bearer`` is
        hashed along with the token, and whatever does not begin with it was never kept.
        """
        if len(credentials) > self._longest:
            return None
        digest = sha256(credentials).digest()
        entry = self._young.get(digest) or self._old.get(digest)
        if entry is None:
            return None
        value, begins_at, ends_at, generation, keys, claims = entry
        if generation != keys.generation or not begins_at <= self._clock() < ends_at:
            return None
        return value if self._revoked is None or self._revoked(claims) is False else None

    def put(self, token: bytes, genuine: Genuine, value: T) -> None:
        """Keep ``value``, which must be immutable: every request with this token will share it."""
        rules = genuine.trust.issuer.rules
        claims = genuine.claims
        leeway = rules.leeway
        begins_at = now = self._clock()
        ends_at = now + self._max_age
        keys_end_at = now + genuine.trust.keys.seconds_left  # a token is good no longer than its key may serve
        if keys_end_at < ends_at:
            ends_at = keys_end_at
        if claims.expires_at + leeway < ends_at:
            ends_at = claims.expires_at + leeway
        for start in (claims.not_before, claims.issued_at):
            if start is not None and start - leeway > begins_at:
                begins_at = start - leeway
        if rules.max_age is not None and claims.issued_at is not None:
            ends_at = min(ends_at, claims.issued_at + rules.max_age + leeway)
        entry = value, begins_at, ends_at, genuine.generation, genuine.trust.keys, genuine.named
        if len(self._young) >= self._half:
            self._old, self._young = self._young, {}
        self._young[sha256(b"Bearer " + token).digest()] = entry
