"""Tokens that were verified a moment ago."""

from collections.abc import Callable
from functools import partial
from hashlib import sha256
from typing import Any, Final, Generic, NamedTuple, TypeVar

from ..keys.key_cache import KeyCache
from .authenticator import Genuine
from .claims import Claims

T = TypeVar("T")


class _Entry(NamedTuple, Generic[T]):
    value: T
    begins_at: float  # seconds since the epoch: when it was kept, or when the token is good from, leeway included
    ends_at: float  # when it is forgotten, or when the token is no longer good
    generation: int
    keys: KeyCache  # that verified the token
    claims: Claims


# Makes an entry of its six fields in one step of C, which a NamedTuple's own way is not.
_entry_of: Final[Callable[[tuple[Any, ...]], Any]] = partial(tuple.__new__, _Entry)
# A copied context is ready sooner than a new one, for which OpenSSL looks its algorithm up again.
_new_hash: Final[Callable[[], Any]] = sha256().copy


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
        self._young: dict[bytes, _Entry[T]] = {}
        self._old: dict[bytes, _Entry[T]] = {}

    def get(self, credentials: bytes) -> T | None:
        """What was kept for the token of these credentials, ``Bearer`` and the token, or None, which decides nothing.

        Takes the whole value of an Authorization header: this one call is the warm way of a request. So ``Bearer`` is
        hashed along with the token, and whatever does not begin with it was never kept.
        """
        if len(credentials) > self._longest:
            return None
        hashed = _new_hash()
        hashed.update(credentials)
        digest = hashed.digest()
        entry = self._young.get(digest) or self._old.get(digest)
        if entry is None:
            return None
        value, begins_at, ends_at, generation, keys, claims = entry
        if generation != keys.generation or (self._revoked is not None and self._revoked(claims) is not False):
            return None
        return value if begins_at <= self._clock() < ends_at else None

    def put(self, credentials: bytes, genuine: Genuine, value: T) -> None:
        """Keep ``value``, which must be immutable: every request with this token will share it."""
        rules = genuine.trust.issuer.rules
        claims = genuine.claims
        now = self._clock()
        for_keys = genuine.trust.keys.seconds_left  # a token is good no longer than its key may serve
        begins_at, ends_at = now, min(now + min(self._max_age, for_keys), claims.expires_at + rules.leeway)
        for start in (claims.not_before, claims.issued_at):
            if start is not None and start - rules.leeway > begins_at:
                begins_at = start - rules.leeway
        if rules.max_age is not None and claims.issued_at is not None:
            ends_at = min(ends_at, claims.issued_at + rules.max_age + rules.leeway)
        entry = _entry_of((value, begins_at, ends_at, genuine.generation, genuine.trust.keys, genuine.named))
        if len(self._young) >= self._half:
            self._old, self._young = self._young, {}
        self._young[sha256(credentials).digest()] = entry
