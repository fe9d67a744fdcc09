"""HandOver: a caller, carried to work in another process: signed, short-lived, and for that work alone."""

import hmac
import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from hashlib import sha256
from typing import Any, Final

from .access.current import Passage, current_principal, enter, leave
from .access.principal import Principal
from .base64url import decode
from .durations import Duration, checked
from .errors import ConfigurationError, InvalidToken, MissingToken
from .guard import Guard
from .verification.json_object import parse_object

__all__ = ["HandOver"]

_NAMES: Final = tuple(each.name for each in fields(Principal))
_LARGEST: Final = 65_536  # characters
_EARLY: Final = 30.0  # seconds that clocks may differ


class HandOver:
    """Carries the current caller through a queue to a worker: ``pack`` there, ``received`` here.

    What is packed names the caller and all that the token said of them, but holds no token: nobody can call anything
    with it, and a worker that calls other services does so in its own name. ``secret``: at least 32 bytes, the same in
    every process, or several, the current one first. ``lifetime``: how long the work may wait, in seconds or a
    timedelta, at most a day. ``guard`` answers what the work demands. Raises ConfigurationError.
    """

    def __init__(
        self,
        guard: Guard,
        secret: str | bytes | Sequence[str | bytes],
        *,
        lifetime: Duration = 300.0,  # seconds
        clock: Callable[[], float] = time.time,
    ) -> None:
        mistakes: list[str] = []
        several = [secret] if isinstance(secret, str | bytes) else list(secret)
        octets = [each.encode() if isinstance(each, str) else each for each in several]
        self._lifetime = checked(lifetime, "lifetime", "HandOver", mistakes, least=1, most=86_400)
        if not octets or not all(isinstance(each, bytes) and len(each) >= 32 for each in octets):
            mistakes.append("HandOver: each secret holds at least 32 bytes; make one with secrets.token_bytes(32)")
        if not isinstance(guard, Guard):
            mistakes.append("HandOver: hand in the Guard of this application first")
        if mistakes:
            raise ConfigurationError(*mistakes)
        self._guard = guard
        self._keys = [hmac.digest(each, b"jwt_middleware hand-over", sha256) for each in octets]
        self._clock = clock

    def pack(self, work: str) -> str:
        """The current caller, as a text for whoever does ``work``, such as ``"send-invoice"``, and for no other work.

        It names people: keep it where the work is kept. Raises MissingToken where nobody calls.
        """
        principal = current_principal()
        if not principal.is_authenticated:
            raise MissingToken
        said = {name: _plain(getattr(principal, name)) for name in _NAMES}
        content = json.dumps({"at": self._clock(), "work": work, "caller": said}, separators=(",", ":")).encode()
        return f"{_text(content)}.{_text(hmac.digest(self._keys[0], content, sha256))}"

    @contextmanager
    def received(self, packed: str, work: str) -> Iterator[Principal]:
        """Who gave this ``work``: the current caller within the ``with``, and nobody after it.

        A queue may deliver twice, so it may be received twice. Raises InvalidToken for what is forged, too old, or for
        other work.
        """
        principal = self._opened(packed, work)
        entered = enter(Passage(principal, self._guard))
        try:
            yield principal
        finally:
            leave(entered)

    def _opened(self, packed: str, work: str) -> Principal:
        if not isinstance(packed, str) or len(packed) > _LARGEST:
            raise InvalidToken("token_too_large")
        head, _, signature = packed.partition(".")
        try:
            content, signed = decode(head.encode("ascii")), decode(signature.encode("ascii"))
        except ValueError:
            raise InvalidToken("token_malformed") from None
        if not sum(hmac.compare_digest(hmac.digest(key, content, sha256), signed) for key in self._keys):
            raise InvalidToken("signature_invalid")
        said = parse_object(content)
        at, caller = said.get("at"), said.get("caller")
        if said.get("work") != work or not isinstance(caller, Mapping) or not isinstance(at, int | float):
            raise InvalidToken("kind_refused")
        if not -_EARLY <= self._clock() - at < self._lifetime:
            raise InvalidToken("token_expired")
        given: dict[str, Any] = {name: caller[name] for name in _NAMES if name in caller}
        return Principal(**{**given, "incomplete": frozenset(given.get("incomplete", ()))})


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, tuple | frozenset):
        return [_plain(each) for each in (sorted(value) if isinstance(value, frozenset) else value)]
    return value


def _text(octets: bytes) -> str:
    return urlsafe_b64encode(octets).rstrip(b"=").decode()
