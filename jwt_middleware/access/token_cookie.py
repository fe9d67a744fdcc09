"""The token in a cookie, which browsers also send when another site asks them to: so the request proves its origin."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from ..errors import ConfigurationError, Forbidden, MalformedRequest
from .request import RequestInfo
from .token_location import TOKEN, is_header_name

_SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})  # RFC 9110 section 9.2.1


@dataclass(frozen=True, slots=True)
class TokenInCookie:
    """A cookie, with proof against cross-site forgery (RFC 6265bis section 8.8). See ``token_in_cookie``."""

    name: str
    secret: bytes = field(repr=False)
    allowed_origins: frozenset[str]
    csrf_cookie: str
    csrf_header: str

    def __call__(self, request: RequestInfo) -> str | None:
        cookies = _cookies(request, {self.name, self.csrf_cookie})
        token = cookies.get(self.name)
        if token is None:
            return None
        if request.kind == "websocket":
            if not self._origin_allowed(request, must_be_sent=True):
                raise Forbidden("csrf_failed")
        elif request.method not in _SAFE_METHODS and not request.csrf_by_framework:
            if not self._origin_allowed(request, must_be_sent=False) or not self._double_submitted(request, cookies):
                raise Forbidden("csrf_failed")
        if not re.fullmatch(TOKEN, token, re.ASCII):
            raise MalformedRequest
        return token

    def _origin_allowed(self, request: RequestInfo, *, must_be_sent: bool) -> bool:
        origins = request.header("origin")
        if origins:
            own = {f"{request.scheme}://{host}" for host in request.header("host")}
            return len(origins) == 1 and (origins[0] in self.allowed_origins or origins[0] in own)
        return not must_be_sent and list(request.header("sec-fetch-site")) == ["same-origin"]

    def _double_submitted(self, request: RequestInfo, cookies: dict[str, str]) -> bool:
        sent = request.header(self.csrf_header)
        kept = cookies.get(self.csrf_cookie, "")
        if len(sent) != 1 or not hmac.compare_digest(_octets(sent[0]), _octets(kept)):
            return False
        random, _, signature = kept.partition(".")
        expected = _csrf_signature(self.secret, random, cookies[self.name])
        return hmac.compare_digest(_octets(signature), _octets(expected))

    def csrf_token(self, token: str) -> str:
        """The value of the CSRF cookie that goes with the cookie ``token``; scripts repeat it in the header."""
        random = secrets.token_hex(16)
        return f"{random}.{_csrf_signature(self.secret, random, token)}"


def token_in_cookie(
    name: str,
    *,
    secret: str | bytes,
    allowed_origins: Sequence[str] = (),
    csrf_cookie: str = "csrf_token",
    csrf_header: str = "X-CSRF-Token",
) -> TokenInCookie:
    """The token stands in a cookie, which browsers also send when another site asks them to.

    So a request with an unsafe method must prove where it comes from: an allowed or own ``Origin``, or
    ``Sec-Fetch-Site: same-origin``; and the signed value of the CSRF cookie, repeated in ``csrf_header`` (under Django,
    Django's own CSRF check instead). A WebSocket must send an allowed or own ``Origin``. Failure is 403.
    ``secret`` signs the CSRF value and holds at least 32 bytes. Set the token's cookie ``Secure`` and ``HttpOnly``.
    """
    # nothing but text and bytes: bytes(64) would be 64 zeros, which everybody knows
    key = _octets(secret) if isinstance(secret, str) else secret if isinstance(secret, bytes) else b""
    mistakes = []
    if len(key) < 32:
        mistakes.append("token_in_cookie: secret must hold at least 32 bytes; make one with secrets.token_bytes(32)")
    if isinstance(allowed_origins, str) or any(
        not re.fullmatch(r"https?://[^/?#\s]+", each) for each in allowed_origins
    ):
        mistakes.append("token_in_cookie: allowed_origins takes a list of origins such as 'https://app.example.com'")
    if not all(isinstance(each, str) and re.fullmatch(r"[A-Za-z0-9_.-]+", each) for each in (name, csrf_cookie)):
        mistakes.append("token_in_cookie: a cookie name holds letters, digits, hyphens, dots and underscores")
    if name == csrf_cookie:
        mistakes.append("token_in_cookie: csrf_cookie names another cookie than the one that holds the token")
    if not is_header_name(csrf_header):
        mistakes.append("token_in_cookie: csrf_header holds letters, digits and hyphens")
    if mistakes:
        raise ConfigurationError(*mistakes)
    return TokenInCookie(name, key, frozenset(allowed_origins), csrf_cookie, csrf_header.lower())


def _cookies(request: RequestInfo, names: set[str]) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for value in request.header("cookie"):
        for part in value.split(";"):
            name, _, content = part.strip(" ").partition("=")
            if name not in names:
                continue
            if pairs.setdefault(name, content) != content:
                raise MalformedRequest("several_tokens")  # of two paths or domains: which one counts is unknowable
    return pairs


def _csrf_signature(secret: bytes, random: str, token: str) -> str:
    return hmac.new(secret, _octets(f"{random}.{token}"), hashlib.sha256).hexdigest()


def _octets(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")  # a header may hold anything, and its answer is no server error
