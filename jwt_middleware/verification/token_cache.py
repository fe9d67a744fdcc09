"""Tokens that were verified a moment ago."""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Generic, TypeVar

from .authenticator import Genuine, Trust

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Entry(Generic[T]):
    value: T
    trust: Trust
    generation: int
    not_before: float  # seconds since the epoch, leeway included, as are the next two
    expires_at: float
    stored_at: float


class TokenCache(Generic[T]):
    """What was made of a verified token, kept by the SHA-256 of its text: a memory dump holds no usable token.

    Two generations of at most half of ``max_tokens`` each: when the young one is full the old one is forgotten. There
    is no lock: one dict operation is atomic, and losing an entry costs one verification. Refusals are never kept. On
    every hit the times are looked at again, and whether the issuer's keys are still those that verified the token.
    """

    def __init__(self, max_tokens: int = 10_000, max_age: float = 60.0, *, clock: Callable[[], float]) -> None:
        self._half = max(1, max_tokens // 2)
        self._max_age = max_age  # seconds
        self._clock = clock
        self._young: dict[bytes, _Entry[T]] = {}
        self._old: dict[bytes, _Entry[T]] = {}

    def get(self, token: bytes) -> T | None:
        """What was kept for ``token``, or None, which decides nothing."""
        digest = sha256(token).digest()
        entry = self._young.get(digest) or self._old.get(digest)
        if entry is None or entry.generation != entry.trust.keys.generation:
            return None
        now = self._clock()
        if not entry.not_before <= now < entry.expires_at or not 0 <= now - entry.stored_at < self._max_age:
            return None
        return entry.value

    def put(self, token: bytes, genuine: Genuine, value: T) -> None:
        """Keep ``value``, which must be immutable: every request with this token will share it."""
        rules = genuine.trust.issuer.rules
        claims = genuine.claims
        starts = [each for each in (claims.not_before, claims.issued_at) if each is not None]
        ends = [claims.expires_at]
        if rules.max_age is not None and claims.issued_at is not None:
            ends.append(claims.issued_at + rules.max_age)
        entry = _Entry(
            value,
            genuine.trust,
            genuine.generation,
            max(starts, default=0.0) - rules.leeway,
            min(ends) + rules.leeway,
            self._clock(),
        )
        if len(self._young) >= self._half:
            self._old, self._young = self._young, {}
        self._young[sha256(token).digest()] = entry
