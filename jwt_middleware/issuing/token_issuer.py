"""TokenIssuer: access tokens by RFC 9068."""

import math
import time
from collections.abc import Callable, Iterable
from datetime import timedelta
from secrets import token_urlsafe

from ..errors import ConfigurationError
from .signing_keys import SigningKeys


class TokenIssuer:
    """Signs access tokens in the name of ``issuer``, with whichever of ``keys`` is active.

    ``issuer`` becomes ``iss``, as verifiers compare it: code point for code point. ``lifetime`` is in seconds or a
    timedelta. ``clock``: seconds since the epoch. Raises ConfigurationError.
    """

    def __init__(
        self,
        issuer: str,
        keys: SigningKeys,
        lifetime: float | timedelta = 300.0,  # seconds
        clock: Callable[[], float] = time.time,
    ) -> None:
        seconds = lifetime.total_seconds() if isinstance(lifetime, timedelta) else lifetime
        mistakes = []
        if not isinstance(issuer, str) or not issuer or issuer != issuer.strip():
            mistakes.append(f"TokenIssuer({issuer!r}): the issuer is a text without blanks around it, such as a URL")
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 1 <= seconds < math.inf:
            mistakes.append(f"TokenIssuer({issuer!r}): lifetime is {lifetime!r}; write a number of seconds, 1 or more")
        if mistakes:
            raise ConfigurationError(*mistakes)
        self.issuer = issuer
        self.keys = keys
        self.lifetime = float(seconds)
        self._clock = clock

    def access_token(
        self,
        subject: str,
        *,
        audience: str | Iterable[str],
        client_id: str,
        scopes: Iterable[str] = (),
        roles: Iterable[str] = (),
        permissions: Iterable[str] = (),
        groups: Iterable[str] = (),
        tenant: str | None = None,
    ) -> str:
        """A signed access token (RFC 9068 section 2) for ``subject``, meant for ``audience``.

        ``roles``, ``permissions`` and ``groups`` are always written, also when empty: a caller who has none is another
        thing than one of whom nothing is known. Hand it only to that caller, with ``Cache-Control: no-store``.
        """
        audiences = [audience] if isinstance(audience, str) else list(audience)
        if not subject or not client_id or not audiences or not all(audiences):
            raise ConfigurationError("access_token(): subject, client_id and audience are never empty (RFC 9068)")
        now = int(self._clock())
        expires_at = now + max(1, int(self.lifetime))
        claims: dict[str, object] = {
            "iss": self.issuer,
            "sub": subject,
            "aud": audiences[0] if len(audiences) == 1 else audiences,
            "client_id": client_id,
            "iat": now,
            "exp": expires_at,
            "jti": token_urlsafe(16),
            "scope": " ".join(_names(scopes, "scopes")),
            "roles": _names(roles, "roles"),
            "permissions": _names(permissions, "permissions"),
            "groups": _names(groups, "groups"),
        }
        if tenant is not None:
            claims["tenant"] = tenant
        return self.keys.sign(claims, "at+jwt", expires_at)

    def __repr__(self) -> str:
        return f"<TokenIssuer {self.issuer!r}>"


def _names(given: Iterable[str], what: str) -> list[str]:
    if isinstance(given, str):  # one role, never its letters
        raise ConfigurationError(f"access_token({what}=...): write a list of texts")
    return list(given)
