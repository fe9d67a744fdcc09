"""TokenIssuer: access tokens by RFC 9068."""

import json
import logging
import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from secrets import token_urlsafe
from typing import Final

from ..durations import Duration, checked
from ..errors import ConfigurationError
from ..events import event
from .account import Account, Claim
from .signing_keys import SigningKeys

CustomClaims = Callable[[Account], Mapping[str, Claim]]

_SCOPE: Final = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")  # RFC 6749 section 3.3
# names that mean something to whoever verifies; no function of a user's writes them
_TAKEN: Final = frozenset(
    {
        *("iss", "sub", "aud", "exp", "nbf", "iat", "jti", "client_id", "azp", "sid", "tenant"),
        *("scope", "scp", "roles", "permissions", "groups", "auth_time", "acr", "amr"),
        *("cnf", "act", "may_act", "typ", "token_use", "nonce", "at_hash", "c_hash", "s_hash", "events", "htm", "htu"),
    }
)
_SAY_AGAIN: Final = 60.0  # seconds between two warnings
_log: Final = logging.getLogger("jwt_middleware")


class TokenIssuer:
    """Signs access tokens in the name of ``issuer``, with whichever of ``keys`` is active.

    ``issuer`` becomes ``iss``, as verifiers compare it: code point for code point. ``lifetime`` is in seconds or a
    timedelta. ``custom_claims`` gives what your own services want to know besides. ``warn_above``: a token of more
    bytes is logged, because servers and proxies refuse large headers. ``clock``: seconds since the epoch. Raises
    ConfigurationError.
    """

    def __init__(
        self,
        issuer: str,
        keys: SigningKeys,
        lifetime: Duration = 300.0,  # seconds
        clock: Callable[[], float] = time.time,
        *,
        custom_claims: CustomClaims | None = None,
        warn_above: int = 4096,  # bytes
    ) -> None:
        mistakes: list[str] = []
        where = f"TokenIssuer({issuer!r})"
        if not isinstance(issuer, str) or not issuer or issuer != issuer.strip():
            mistakes.append(f"{where}: the issuer is a text without blanks around it, such as a URL")
        self.lifetime = checked(lifetime, "lifetime", where, mistakes, least=1, most=31_536_000)
        if self.lifetime > keys.timing.token_lifetime:
            mistakes.append(
                f"{where}: tokens would outlive the overlap of two keys; say SigningKeys(token_lifetime={lifetime!r})"
            )
        if mistakes:
            raise ConfigurationError(*mistakes)
        self.issuer = issuer
        self.keys = keys
        self._clock = clock
        self._custom_claims = custom_claims
        self._warn_above = warn_above
        self._warned_at = float("-inf")  # seconds since the epoch

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
        claims: Mapping[str, Claim] | None = None,
    ) -> str:
        """A signed access token (RFC 9068 section 2) for ``subject``, meant for ``audience``.

        ``roles``, ``permissions`` and ``groups`` are always written, also when empty: a caller who has none is another
        thing than one of whom nothing is known. Hand it only to that caller, with ``Cache-Control: no-store``.
        """
        account = Account(
            subject=subject,
            scopes=_names(scopes, "scopes"),
            roles=_names(roles, "roles"),
            permissions=_names(permissions, "permissions"),
            groups=_names(groups, "groups"),
            tenant=tenant,
            claims=claims or {},
        )
        return self.token_for(account, audience=audience, client_id=client_id)

    def machine_token(self, client_id: str, *, audience: str | Iterable[str], scopes: Iterable[str] = ()) -> str:
        """A token for a client in its own name: its subject is its client id (RFC 9068 section 2.2)."""
        account = Account(subject=client_id, scopes=_names(scopes, "scopes"))
        return self._signed(account, audience, client_id, None, None)

    def token_for(
        self,
        account: Account,
        *,
        audience: str | Iterable[str],
        client_id: str,
        session_id: str | None = None,
        logged_in_at: float | None = None,
    ) -> str:
        """The same for an Account. ``session_id`` becomes ``sid``; ``logged_in_at`` becomes ``auth_time``.

        A subject that could be taken for a client is refused (RFC 9068 section 5).
        """
        if account.subject == client_id or account.subject.startswith("client:"):
            raise ConfigurationError("access_token(): this subject would be taken for a client; see machine_token()")
        return self._signed(account, audience, client_id, session_id, logged_in_at)

    def _signed(
        self,
        account: Account,
        audience: str | Iterable[str],
        client_id: str,
        session_id: str | None,
        logged_in_at: float | None,
    ) -> str:
        audiences = [audience] if isinstance(audience, str) else list(audience)
        if not client_id or not audiences or not all(audiences):
            raise ConfigurationError("access_token(): client_id and audience are never empty (RFC 9068)")
        if not all(_SCOPE.fullmatch(each) for each in account.scopes):
            raise ConfigurationError("access_token(scopes=...): a scope has no blanks, quotes or backslashes")
        now = int(self._clock())
        expires_at = now + max(1, int(self.lifetime))
        claims: dict[str, object] = {
            "iss": self.issuer,
            "sub": account.subject,
            "aud": audiences[0] if len(audiences) == 1 else audiences,
            "client_id": client_id,
            "iat": now,
            "exp": expires_at,
            "jti": token_urlsafe(16),
            "scope": " ".join(account.scopes),
            "roles": list(account.roles),
            "permissions": list(account.permissions),
            "groups": list(account.groups),
        }
        known = {
            "tenant": account.tenant,
            "sid": session_id,
            "auth_time": None if logged_in_at is None else int(logged_in_at),
            "acr": account.acr,
            "amr": list(account.amr) or None,
        }
        claims.update({name: value for name, value in known.items() if value is not None})
        claims.update(_own(account.claims))
        if self._custom_claims is not None:
            claims.update(_own(self._custom_claims(account)))
        token = self.keys.sign(claims, "at+jwt")
        self._warn_if_large(len(token), now)
        return token

    def _warn_if_large(self, size: int, now: float) -> None:
        if size > self._warn_above and not 0 <= now - self._warned_at < _SAY_AGAIN:
            self._warned_at = now
            _log.warning(
                "an access token has %d bytes, more than %d: servers and proxies refuse large headers; put fewer"
                " roles, permissions or claims into it",
                size,
                self._warn_above,
                extra=event("token_large", size=size),
            )

    def __repr__(self) -> str:
        return f"<TokenIssuer {self.issuer!r}>"


def _names(given: Iterable[str], what: str) -> Sequence[str]:
    if isinstance(given, str):  # one role, never its letters
        raise ConfigurationError(f"access_token({what}=...): write a list of texts")
    return tuple(given)


def _own(claims: Mapping[str, Claim]) -> dict[str, object]:
    """Claims of a user's own, checked: they must not say what the standards say, and must be JSON."""
    taken = sorted(_TAKEN & set(claims))
    if taken:
        raise ConfigurationError(f"a custom claim is named {taken[0]!r}, which has a meaning already; choose another")
    try:
        plain = json.dumps(_plain(claims), allow_nan=False, ensure_ascii=False).encode()
    except (TypeError, ValueError, RecursionError):
        raise ConfigurationError("a custom claim is no JSON: texts, numbers, truth values, lists and dicts") from None
    written: dict[str, object] = json.loads(plain)
    return written


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value
