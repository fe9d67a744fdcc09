"""Succession: which key signs, which keys are published, and how one takes over from another. Pure.

A key is published ahead of its first token, so that every verifier knows it in time; it signs; it is retired when the
next one takes over, and stays published until the last token that it may have signed has expired; then it is removed.
One that others may hold is withdrawn at once, and never comes back.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final, Literal

from ..errors import ConfigurationError
from .signing_key import SigningKey

State = Literal["next", "active", "retired"]

LOOK_AGAIN: Final = 5.0  # seconds: how late one of our own processes notices what another one has changed
LARGEST_LEEWAY: Final = 300.0  # seconds that a verifier of ours may allow

_NOTHING: Final[Mapping[str, float]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """What the overlap of two keys is computed from, in seconds.

    ``token_lifetime``: the longest that a token lives. ``verifier_cache``: the longest that a verifier works with its
    copy of the key set.
    """

    token_lifetime: float
    verifier_cache: float

    @property
    def ahead(self) -> float:
        """How long a key is published before it signs: until nobody works with a copy that lacks it."""
        return self.verifier_cache + LOOK_AGAIN

    @property
    def behind(self) -> float:
        """How long a retired key stays published: until the last token that any of our processes signed has expired."""
        return LOOK_AGAIN + self.token_lifetime + LARGEST_LEEWAY


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """One key and its dates, in seconds since the epoch; None for what has not happened."""

    key: SigningKey
    published_at: float
    activated_at: float | None = None
    retired_at: float | None = None

    @property
    def state(self) -> State:
        if self.retired_at is not None:
            return "retired"
        return "next" if self.activated_at is None else "active"

    def is_spent(self, timing: Timing, now: float) -> bool:
        """Whether no living token was signed with this key."""
        return self.retired_at is not None and now >= self.retired_at + timing.behind


@dataclass(frozen=True, slots=True)
class Succession:
    """The keys of one issuer, in the order of their publication. Each step gives a new one; mistakes raise.

    ``withdrawn`` remembers the ids of keys that must not come back, and when they went. ``revision`` counts the steps,
    so that a store can tell whether somebody else was faster.
    """

    records: tuple[KeyRecord, ...] = ()
    withdrawn: Mapping[str, float] = field(default_factory=lambda: _NOTHING)
    revision: int = 0

    @property
    def active(self) -> SigningKey:
        """The key that signs."""
        for record in self.records:
            if record.state == "active":
                return record.key
        raise ConfigurationError("SigningKeys: there is no key yet; generate one")

    def published(self, timing: Timing, now: float) -> tuple[SigningKey, ...]:
        """The keys that others may verify with: the active one, those to come, and those whose tokens still live."""
        return tuple(record.key for record in self.records if not record.is_spent(timing, now))

    def publish(self, key: SigningKey, now: float) -> "Succession":
        """Let verifiers know a key that does not sign yet. The very first one signs at once: nobody knows another."""
        if key.kid in self.withdrawn:
            raise ConfigurationError("SigningKeys: this key was withdrawn and never comes back; generate another one")
        if any(record.key.kid == key.kid for record in self.records):
            return self
        return self._with((*self.records, KeyRecord(key, now, None if self.records else now)))

    def activate(self, kid: str, timing: Timing, now: float, *, at_once: bool) -> "Succession":
        """Sign with this key from now on, and retire the one before it."""
        record = self._named(kid)
        if record.state == "active":
            return self
        if record.is_spent(timing, now):
            raise ConfigurationError("SigningKeys: verifiers have forgotten this key; generate another one")
        early = record.published_at + timing.ahead - now
        if record.state == "next" and early > 0 and not at_once:
            raise ConfigurationError(
                f"SigningKeys: verifiers may not know this key yet; activate it in {early:.0f} seconds, or say"
                " at_once=True where every verifier looks again when it meets an unknown key id, as ours do"
            )
        return self._with(tuple(self._after_activation(each, kid, now) for each in self.records))

    def retire(self, kid: str, now: float) -> "Succession":
        """Stop publishing a key as soon as the last token it signed has expired; at once if it never signed."""
        record = self._passive(kid)
        if record.state == "retired":
            return self
        return self._with(tuple(each for each in self.records if each is not record))

    def withdraw(self, kid: str, successor: SigningKey, now: float) -> "Succession":
        """Stop publishing a key at once. If it signed, the one that waits longest takes over, else ``successor``."""
        record = self._named(kid)
        left = tuple(each for each in self.records if each is not record)
        if record.state == "active":
            heir = next((each for each in left if each.state == "next"), None)
            if heir is None:
                left = (*left, KeyRecord(successor, now, now))
            else:
                left = tuple(replace(each, activated_at=now) if each is heir else each for each in left)
        return replace(self._with(left), withdrawn=MappingProxyType({**self.withdrawn, kid: now}))

    def without_the_spent(self, timing: Timing, now: float) -> "Succession":
        """Remove the keys that no living token was signed with."""
        left = tuple(record for record in self.records if not record.is_spent(timing, now))
        return self if len(left) == len(self.records) else self._with(left)

    def _after_activation(self, record: KeyRecord, kid: str, now: float) -> KeyRecord:
        if record.key.kid == kid:
            return replace(record, activated_at=now, retired_at=None)
        return replace(record, retired_at=now) if record.state == "active" else record

    def _with(self, records: tuple[KeyRecord, ...]) -> "Succession":
        return replace(self, records=records, revision=self.revision + 1)

    def _named(self, kid: str) -> KeyRecord:
        for record in self.records:
            if record.key.kid == kid:
                return record
        raise ConfigurationError("SigningKeys: no key of this id is published; publish it first")

    def _passive(self, kid: str) -> KeyRecord:
        record = self._named(kid)
        if record.state == "active":
            raise ConfigurationError("SigningKeys: this key signs; activate another one first")
        return record
