"""Where in a request the token stands.

A location is a function from a request to a token, or to None: nothing stands here, look further. It raises
MalformedRequest where something stands that cannot be read, and MissingToken where the place is taken by something that
is no bearer token: then no later place is looked at. The location in cookies stands in ``token_cookie``.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

from ..errors import ConfigurationError, InvalidToken, MalformedRequest, MissingToken
from .request import RequestInfo

TokenLocation = Callable[[RequestInfo], str | None]

TOKEN: Final = r"[A-Za-z0-9._~+/-]+=*"  # token68, RFC 9110 section 11.2
_LARGEST: Final = 1_048_576  # characters of a token; no rules take a larger one
_ONE_TOKEN: Final = re.compile(TOKEN, re.ASCII)
_CREDENTIALS: Final = re.compile(rf"bearer +({TOKEN})", re.IGNORECASE | re.ASCII)
_OTHER_SCHEME: Final = re.compile(r"(?!bearer(?: |$))[A-Za-z0-9!#$%&'*+.^_`|~-]+(?: .*)?", re.IGNORECASE | re.ASCII)
# WSGI servers join two headers with a comma (RFC 9110 section 5.3)
_JOINED: Final = re.compile(r",[ \t]*bearer(?:[ \t]|$)", re.IGNORECASE | re.ASCII)


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
    if not is_header_name(name):
        raise ConfigurationError(f"token_in_header({name!r}): a header name holds letters, digits and hyphens")
    return TokenInHeader(name.lower(), scheme)


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

    OAuth 2.1 forbids it. It is for old clients that can do nothing else; no shared cache may keep the answers.
    """
    if not isinstance(name, str) or not name:
        raise ConfigurationError(f"token_in_query_that_leaks_into_logs({name!r}): name the query parameter")
    return TokenInQuery(name)


def is_header_name(name: object) -> bool:
    return isinstance(name, str) and re.fullmatch(r"[A-Za-z0-9-]+", name) is not None


def _with_scheme(values: Sequence[str]) -> str | None:
    if not values:
        return None
    if len(values) > 1:
        raise MalformedRequest("several_tokens")
    if len(values[0]) > len("Bearer ") + _LARGEST:
        raise InvalidToken("token_too_large")  # whatever it holds: nobody makes us look through all of it
    if values[0][:7] == "Bearer " and _ONE_TOKEN.fullmatch(values[0], 7):  # as nearly everybody writes it
        return values[0][7:]
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
    if not re.fullmatch(TOKEN, values[0], re.ASCII):
        raise MalformedRequest
    return values[0]
