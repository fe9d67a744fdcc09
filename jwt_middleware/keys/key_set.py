"""KeySet: which key of a JWKS fits this header (RFC 7517 section 5, RFC 7515 section 4.1.4). Pure."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, TypeVar

from .key import Key, KeyRefused, key_from_jwk, secret_from_jwk

T = TypeVar("T")

MAX_KEYS: Final = 500
_MAX_SIZE: Final = 1_048_576  # characters of JSON
_REASONS: Final = 5  # that are told


class KeySet:
    """The usable keys of one issuer. Immutable; built once, looked up on every token that was not seen before.

    ``fresh_for`` is how many seconds its source vouches for it, None if the source does not say. ``age`` is how many
    seconds ago its source had asked for it, 0 if it comes from there. ``skipped`` says of each key that cannot be used
    why not.
    """

    __slots__ = ("_alone", "_identity", "_kids", "_named", "age", "fresh_for", "keys", "skipped")

    def __init__(
        self,
        keys: Iterable[Key],
        *,
        fresh_for: float | None = None,
        age: float = 0.0,  # seconds
        skipped: Iterable[str] = (),
    ) -> None:
        self.keys = tuple(keys)
        self.fresh_for = fresh_for
        self.age = age
        self.skipped = tuple(skipped)
        self._identity = frozenset((key.kid, key.thumbprint, key.algorithms, key.issuer) for key in self.keys)
        self._kids = frozenset(key.kid for key in self.keys if key.kid is not None)
        self._named: dict[tuple[str | None, str], Key | None] = {}
        self._alone: dict[str, Key | None] = {}
        for key in self.keys:
            for algorithm in key.algorithms:
                _note(self._named, (key.kid, algorithm), key)
                _note(self._alone, algorithm, key)

    def select(self, kid: str | None, algorithm: str) -> Key | None:
        """The one key that may have signed, or None. A key id is only ever looked up.

        A token without a key id fits when one key alone could have signed it; so does any token of an issuer whose only
        fitting key has no key id. Two different keys with one key id are unusable: which one is meant is unknowable.
        """
        if kid is not None and kid in self._kids:
            return self._named.get((kid, algorithm))
        key = self._alone.get(algorithm)
        return key if key is not None and (kid is None or key.kid is None) else None

    @property
    def is_ambiguous(self) -> bool:
        """Whether different keys without a key id share an algorithm, so that no token ever fits them."""
        return any(kid is None and key is None for (kid, _), key in self._named.items())

    def skipped_in_words(self) -> str:
        """Why keys cannot be used, and how many for each reason: one line for the log, however many there are."""
        counted = Counter(self.skipped).most_common()
        words = [f"{reason} ({count})" for reason, count in counted[:_REASONS]]
        return "; ".join(words if len(counted) <= _REASONS else [*words, "and other reasons"])

    def __eq__(self, other: object) -> bool:
        """Whether the same keys may be used in the same way; how long they are fresh does not matter."""
        return isinstance(other, KeySet) and self._identity == other._identity

    def __hash__(self) -> int:
        return hash(self._identity)

    def __len__(self) -> int:
        return len(self.keys)

    def __repr__(self) -> str:
        return f"<KeySet of {len(self.keys)} keys>"


def key_set_from_jwks(
    document: Mapping[str, object] | str | bytes,
    *,
    fresh_for: float | None = None,
    age: float = 0.0,
    max_keys: int = MAX_KEYS,
) -> KeySet:
    """Read a JWKS. One key that cannot be used never spoils the others. Raises ValueError for what is no JWKS."""
    keys, skipped = _read(document, key_from_jwk, max_keys)
    return KeySet(keys, fresh_for=fresh_for, age=age, skipped=skipped)


def secrets_from_jwks(document: bytes, *, fresh_for: float | None = None) -> KeySet:
    """Read a JWKS of shared secrets, in the same way. It comes from a file of one's own, never from a URL."""
    keys, skipped = _read(document, secret_from_jwk, MAX_KEYS)
    return KeySet(keys, fresh_for=fresh_for, skipped=skipped)


def _read(
    document: Mapping[str, object] | str | bytes, read: Callable[[Mapping[str, object]], Key], most: int
) -> tuple[list[Key], list[str]]:
    if isinstance(document, str | bytes):
        document = _parsed(document)
    members = document.get("keys") if isinstance(document, Mapping) else None
    if not isinstance(members, list | tuple):
        raise ValueError("the document is not a JWKS: it has no list of keys")
    if len(members) > most:
        raise ValueError(f"the key set holds {len(members)} keys, more than {most}")
    keys: list[Key] = []
    skipped: list[str] = []
    for member in members:
        try:
            keys.append(read(member))
        except KeyRefused as refused:
            skipped.append(str(refused))
    return keys, skipped


def joined(sets: Sequence[KeySet]) -> KeySet:
    """The keys of several sets as one; it is fresh as long as the first of them that grows old."""
    if len(sets) == 1:
        return sets[0]
    ends = [each.fresh_for for each in sets if each.fresh_for is not None]
    return KeySet(
        [key for each in sets for key in each.keys],
        fresh_for=min(ends, default=None),
        age=max((each.age for each in sets), default=0.0),
        skipped=[reason for each in sets for reason in each.skipped],
    )


def _note(table: dict[T, Key | None], place: T, key: Key) -> None:
    """Put ``key`` there, or None where another one stands. Of a key with and without a key id the named one counts."""
    there = table.get(place, key)
    if there is None or there.thumbprint != key.thumbprint:
        table[place] = None
    elif place not in table or there.kid is None:
        table[place] = key


def _parsed(document: str | bytes) -> Mapping[str, object]:
    if len(document) > _MAX_SIZE:
        raise ValueError("the document is too large for a JWKS")
    try:
        text = document if isinstance(document, str) else document.decode("utf-8")
        parsed: object = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("the document is not JSON") from None
    if not isinstance(parsed, dict):
        raise ValueError("the document is not a JWKS: it has no list of keys")
    return parsed
