"""UserId: a caller under a name that only who holds the key can connect with a person."""

import hmac
from hashlib import sha256
from typing import Final

from ...errors import ConfigurationError

_SHORTEST: Final = 32  # bytes
_DIGITS: Final = 32  # hexadecimal, 128 bits: two callers never share them by chance


class UserId:
    """HMAC-SHA-256 of issuer and subject. With another key everybody has another name."""

    def __init__(self, key: bytes) -> None:
        if not isinstance(key, bytes) or len(key) < _SHORTEST:
            raise ConfigurationError(
                f"OpenTelemetryObserver(user_id_key=...): hand in at least {_SHORTEST} secret bytes"
            )
        self._key = key

    def of(self, issuer: str, subject: str) -> str:
        """The same caller always gets the same name; lengths keep issuer and subject apart."""
        text = f"{len(issuer)}:{issuer}{subject}".encode("utf-8", "surrogatepass")
        return hmac.new(self._key, text, sha256).hexdigest()[:_DIGITS]
