"""Keys that are handed in and never change."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf

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
    you rotate. A secret holds at least 32 bytes, 48 for HS384, 64 for HS512. Raises ConfigurationError with every
    mistake; no text of a key is ever part of it.
    """
    given = {"pem": pem, "jwk": jwk, "jwks": jwks, "secret": secret}
    named = [name for name, value in given.items() if value is not None]
    if len(named) != 1:
        raise ConfigurationError(f"static(): hand in exactly one of pem, jwk, jwks and secret, not {named or 'none'}")
    mistakes: list[str] = []
    keys: list[Key] = []
    try:
        if pem is not None:
            keys = [key_from_pem(text, kid) for kid, text in _named(pem)]
        elif secret is not None:
            keys = [secret_key(text, kid) for kid, text in _named(secret)]
        elif jwk is not None:
            keys = [key_from_jwk(jwk)]
        elif jwks is not None:
            found = key_set_from_jwks(jwks)
            keys, mistakes = list(found.keys), list(found.skipped)
    except (KeyRefused, ValueError, TypeError, AttributeError) as refused:
        mistakes.append(str(refused) if isinstance(refused, ValueError) else f"{named[0]} is not a text of a key")
    if not keys and not mistakes:
        mistakes.append("there is no key in it")
    if mistakes:
        raise ConfigurationError(*(f"static({named[0]}=...): {mistake}" for mistake in mistakes))
    return StaticKeys(KeySet(keys, fresh_for=inf), secret is not None)


def _named(texts: Named) -> Iterable[tuple[str | None, Text]]:
    if isinstance(texts, str | bytes):
        return [(None, texts)]
    if isinstance(texts, Mapping):
        return list(texts.items())
    return [(None, text) for text in texts]
