"""Where in a request the token stands.

A location is a function from a request to a token, or to None: nothing stands here, look further. It raises
MalformedRequest where something stands that cannot be read, and MissingToken where the place is taken by something that
is no bearer token: then no later place is looked at.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl

from ..errors import ConfigurationError, Forbidden, MalformedRequest, MissingToken
from .request import RequestInfo

TokenLocation = Callable[[RequestInfo], str | None]

_TOKEN: Final = r"[A-Za-z0-9._~+/-]+=*"  # token68, RFC 9110 section 11.2
_CREDENTIALS: Final = re.compile(rf"bearer +({_TOKEN})", re.IGNORECASE | re.ASCII)
_OTHER_SCHEME: Final = re.compile(r"(?!bearer(?: |$))[A-Za-z0-9!#$%&'*+.^_`|~-]+(?: .*)?", re.IGNORECASE | re.ASCII)
# WSGI servers join two headers with a comma (RFC 9110 section 5.3)
_JOINED: Final = re.compile(r",[ \t]*bearer(?:[ \t]|$)", re.IGNORECASE | re.ASCII)
_SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})  # RFC 9110 section 9.2.1


def authorization_header(request: RequestInfo) -> str | None:
    """``Authorization: Bearer <token>`` (RFC 6750 section 2.1): the default, and the only one that is on by default."""
    return _with_scheme(request.header("authorization"))


@dataclass(frozen=True, slots=True)
class TokenInHeader:
    """Another header, as API gateways send it, with or without the scheme. See ``token_in_header``."""

    name: str
    scheme: bool

    def __call__(self, request: RequestInfo) -> str | None:
        values = request.header(self.name)
        return _with_scheme(values) if self.scheme else _bare(values)


def token_in_header(name: str, *, scheme: bool = False) -> TokenLocation:
    """The token stands in the header ``name``, after ``Bearer`` if ``scheme``, else by itself."""
    if not _is_header_name(name):
        raise ConfigurationError(f"token_in_header({name!r}): a header name holds letters, digits and hyphens")
    return TokenInHeader(name.lower(), scheme)


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
        if not re.fullmatch(_TOKEN, token, re.ASCII):
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
    if not _is_header_name(csrf_header):
        mistakes.append("token_in_cookie: csrf_header holds letters, digits and hyphens")
    if mistakes:
        raise ConfigurationError(*mistakes)
    return TokenInCookie(name, key, frozenset(allowed_origins), csrf_cookie, csrf_header.lower())


@dataclass(frozen=True, slots=True)
class TokenInWebSocketProtocol:
    """A WebSocket subprotocol: browsers cannot set headers there. See ``token_in_websocket_protocol``."""

    prefix: str

    def __call__(self, request: RequestInfo) -> str | None:
        if request.kind != "websocket":
            return None
        offered = [each.strip() for value in request.header("sec-websocket-protocol") for each in value.split(",")]
        found = [each.removeprefix(self.prefix) for each in offered if each.startswith(self.prefix)]
        return _bare(found)


def token_in_websocket_protocol(prefix: str = "bearer.") -> TokenLocation:
    """A WebSocket client offers the token as a subprotocol: ``new WebSocket(url, ["chat", "bearer." + token])``.

    The application accepts one of the other subprotocols, never this one.
    """
    if not isinstance(prefix, str) or not re.fullmatch(r"[A-Za-z0-9._~+-]+", prefix):
        raise ConfigurationError(
            f"token_in_websocket_protocol({prefix!r}): the prefix tells the token from other protocols; write 'bearer.'"
        )
    return TokenInWebSocketProtocol(prefix)


@dataclass(frozen=True, slots=True)
class TokenInQuery:
    """A query parameter. See ``token_in_query_that_leaks_into_logs``."""

    name: str

    def __call__(self, request: RequestInfo) -> str | None:
        try:
            pairs = parse_qsl(request.query, keep_blank_values=True, max_num_fields=100)
        except ValueError:
            raise MalformedRequest from None
        return _bare([value for name, value in pairs if name == self.name])


def token_in_query_that_leaks_into_logs(name: str = "access_token") -> TokenLocation:
    """The token stands in the URL (RFC 6750 section 2.3), where logs, histories and proxies keep it.

    OAuth 2.1 forbids it. It is for old clients that can do nothing else; such answers must not be cached.
    """
    if not isinstance(name, str) or not name:
        raise ConfigurationError(f"token_in_query_that_leaks_into_logs({name!r}): name the query parameter")
    return TokenInQuery(name)


def _is_header_name(name: object) -> bool:
    return isinstance(name, str) and re.fullmatch(r"[A-Za-z0-9-]+", name) is not None


def _with_scheme(values: Sequence[str]) -> str | None:
    if not values:
        return None
    if len(values) > 1:
        raise MalformedRequest("several_tokens")
    found = _CREDENTIALS.fullmatch(values[0])
    if found:
        return found[1]
    if _JOINED.search(values[0]):
        raise MalformedRequest("several_tokens")
    if _OTHER_SCHEME.fullmatch(values[0]):
        raise MissingToken
    raise MalformedRequest


def _bare(values: Sequence[str]) -> str | None:
    if not values:
        return None
    if len(values) > 1:
        raise MalformedRequest("several_tokens")
    if not re.fullmatch(_TOKEN, values[0], re.ASCII):
        raise MalformedRequest
    return values[0]


def _cookies(request: RequestInfo, names: set[str]) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for value in request.header("cookie"):
        for part in value.split(";"):
            name, _, content = part.strip(" ").partition("=")
            if name not in names:
                continue
            if (
                pairs.setdefault(name, content) != content
            ):  # two paths or domains set it: which one counts is unknowable
                raise MalformedRequest("several_tokens")
    return pairs


def _csrf_signature(secret: bytes, random: str, token: str) -> str:
    return hmac.new(secret, _octets(f"{random}.{token}"), hashlib.sha256).hexdigest()


def _octets(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")  # a header may hold anything, and its answer is no server error
