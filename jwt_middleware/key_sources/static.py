"""Keys that are handed in and never change."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Any

from ..errors import ConfigurationError
from ..keys.key import Key, KeyRefused, key_from_jwk, key_from_pem, secret_key
from ..keys.key_set import KeySet, key_set_from_jwks

Text = str | bytes
Named = Text | Sequence[Text] | Mapping[str, Text]


@dataclass(frozen=True, slots=True)
class StaticKeys:
    """A key source that always answers the same. See ``static``."""

    key_set: KeySet = field(repr=False)
    symmetric: bool

    def fetch(self) -> KeySet:
        return self.key_set

    async def afetch(self) -> KeySet:
        return self.key_set


def static(
    *,
    pem: Named | None = None,
    jwk: Mapping[str, object] | None = None,
    jwks: Mapping[str, object] | Text | None = None,
    secret: Named | None = None,
) -> StaticKeys:
    """Keys at hand: exactly one of a PEM, a JWK, a JWKS or a shared secret.

    ``pem`` and ``secret`` take one text, a list of them, or a mapping from key ids to texts: name old and new key while
    you rotate. A secret holds at least 32 bytes, 48 for HS384, 64 for HS512. Keys of a JWKS that cannot verify, such as
    those for encryption, are left out. Raises ConfigurationError with every mistake; no text of a key is ever part of
    it.
    """
    given = {"pem": pem, "jwk": jwk, "jwks": jwks, "secret": secret}
    named = [name for name, value in given.items() if value is not None]
    if len(named) != 1:
        raise ConfigurationError(f"static(): hand in exactly one of pem, jwk, jwks and secret, not {named or 'none'}")
    mistakes: list[str] = []
    if jwks is not None:
        found = _of_document(jwks, mistakes)
    elif jwk is not None:
        found = _of_texts(lambda member, _: key_from_jwk(member), [jwk], mistakes)
    elif pem is not None:
        found = _of_texts(key_from_pem, pem, mistakes)
    else:
        found = _of_texts(secret_key, secret, mistakes)
    if mistakes:
        raise ConfigurationError(*(f"static({named[0]}=...): {mistake}" for mistake in mistakes))
    return StaticKeys(found, secret is not None)


def _of_document(jwks: Mapping[str, object] | Text, mistakes: list[str]) -> KeySet:
    try:
        found = key_set_from_jwks(jwks, fresh_for=inf)
    except ValueError as error:
        mistakes.append(str(error))
        return KeySet(())
    if not len(found):
        mistakes += found.skipped or ["there is no key in it"]
    return found


def _of_texts(read: Callable[[Any, str | None], Key], texts: object, mistakes: list[str]) -> KeySet:
    named = _named(texts)
    keys: list[Key] = []
    for place, (kid, text) in enumerate(named, start=1):
        try:
            keys.append(read(text, kid))
        except KeyRefused as refused:  # by its place: whoever mistook secret and key id must not read the secret here
            mistakes.append(f"key {place} of {len(named)}: {refused}" if len(named) > 1 else str(refused))
    if not named:
        mistakes.append("there is no key in it")
    found = KeySet(keys, fresh_for=inf)
    if found.is_ambiguous:
        mistakes.append("keys without a key id cannot be told apart; hand in a mapping from key ids to keys")
    return found


def _named(texts: object) -> Sequence[tuple[Any, object]]:
    if isinstance(texts, Mapping):
        return list(texts.items())
    if isinstance(texts, list | tuple):
        return [(None, text) for text in texts]
    return [(None, texts)]
