"""RefreshTokens: the text of refresh tokens. Opaque, unguessable, and known to be ours before any store is asked.

A token is ``session.secret.tag``: 256 bits of secret, and a tag that only our key makes, so that whoever knows the name
of a session cannot end it by a made-up token. The successor of a token is derived from it, from a nonce that the store
keeps, and from our key: the same whenever it is asked for, and nobody has it who lacks one of the three.
"""

import hmac
import re
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from secrets import token_bytes, token_hex
from typing import Final

from ..errors import ConfigurationError

_TEXT: Final = re.compile(r"([A-Za-z0-9_-]{16,64})\.([A-Za-z0-9_-]{43})\.([A-Za-z0-9_-]{22})", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Keys:
    """What one secret gives."""

    tag: bytes = field(repr=False)
    successor: bytes = field(repr=False)


class RefreshTokens:
    """Makes and reads refresh tokens. The first secret makes, every one reads: name the old one while you change it."""

    def __init__(self, secrets: list[bytes]) -> None:
        if not secrets or any(len(each) < 32 for each in secrets):
            raise ConfigurationError(
                "Sessions(secret=...): at least 32 bytes, the same in every process: openssl rand -base64 32"
            )
        self._keys = [_Keys(_derived(each, b"tag"), _derived(each, b"successor")) for each in secrets]

    def first(self, session_id: str) -> str:
        """The first token of a session."""
        return self._written(session_id, token_bytes(32), self._keys[0])

    def successor(self, token: str, nonce: str) -> str:
        """The one token that follows."""
        return self._after(token, nonce, self._keys[0])

    def successors(self, token: str, nonce: str) -> list[str]:
        """What may have followed: one for each secret, while secrets change."""
        return [self._after(token, nonce, keys) for keys in self._keys]

    def session_of(self, token: str) -> str | None:
        """The session that a token of ours belongs to; None for everything else."""
        found = _TEXT.fullmatch(token)
        if found is None:
            return None
        session_id, secret, tag = found.groups()
        tags = [_tag(keys.tag, session_id, secret) for keys in self._keys]
        return session_id if any(hmac.compare_digest(tag, each) for each in tags) else None

    def _after(self, token: str, nonce: str, keys: _Keys) -> str:
        session_id = token.partition(".")[0]
        return self._written(session_id, hmac.digest(keys.successor, f"{nonce} {token}".encode(), "sha256"), keys)

    def _written(self, session_id: str, secret: bytes, keys: _Keys) -> str:
        """Every refresh token is written here."""
        text = _text(secret)
        return f"{session_id}.{text}.{_tag(keys.tag, session_id, text)}"


def new_session_id() -> str:
    """In hexadecimal: a name that begins with a hyphen is an option to every command line."""
    return token_hex(18)


def digest(token: str) -> str:
    """What is kept of a token. A plain hash is enough: nobody guesses 256 bits."""
    return _text(sha256(token.encode()).digest())


def _tag(key: bytes, session_id: str, secret: str) -> str:
    return _text(hmac.digest(key, f"{session_id}.{secret}".encode(), "sha256")[:16])


def _derived(secret: bytes, purpose: bytes) -> bytes:
    return hmac.digest(secret, b"jwt_middleware refresh token " + purpose, "sha256")


def _text(octets: bytes) -> str:
    return urlsafe_b64encode(octets).rstrip(b"=").decode()
