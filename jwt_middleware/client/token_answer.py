"""What a token endpoint answers (RFC 6749 section 5, RFC 8693 section 2.2): a token, or why there is none."""

import json
import re
from dataclasses import dataclass, field
from typing import Final

from ..errors import TokenOutage
from ..web import Reply

_TOKEN: Final = re.compile(r"[A-Za-z0-9._~+/-]+=*")  # what fits into the header (RFC 6750 section 2.1)
_MAX_TOKEN: Final = 16_384  # characters
_UNSAID: Final = 60.0  # seconds that a token is kept whose lifetime nobody says
_LONGEST: Final = 86_400.0  # seconds that a token is kept at most
_USABLE: Final = ("urn:ietf:params:oauth:token-type:access_token", "urn:ietf:params:oauth:token-type:jwt")
# the only texts of the answer that get into an error: RFC 6749 section 5.2, RFC 8707 section 2, RFC 7009 section 2.2.1
_ERRORS: Final = frozenset(
    {
        *("invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type"),
        *("invalid_scope", "invalid_target", "unsupported_token_type"),
    }
)


@dataclass(frozen=True, slots=True)
class Granted:
    """A token that we may send, for how many seconds it is good, and which scopes it has; None: those asked for."""

    token: str = field(repr=False)
    lifetime: float
    scopes: tuple[str, ...] | None = None


def granted(reply: Reply) -> Granted:
    """Read the answer. Raises TokenOutage: 503 where asking again later may help, 502 where it will not."""
    refuse_what_is_no_success(reply, "token endpoint")
    said = _object(reply.content)
    token, kind = said.get("access_token"), said.get("token_type")
    if not isinstance(token, str) or len(token) > _MAX_TOKEN or not _TOKEN.fullmatch(token):
        raise TokenOutage("the token endpoint gave no token that could be sent", status=502)
    if not isinstance(kind, str) or kind.lower() != "bearer":  # compared without case: RFC 6749 section 5.1
        raise TokenOutage("the token endpoint gave a token that is no bearer token", status=502)
    if said.get("issued_token_type", _USABLE[0]) not in _USABLE:
        raise TokenOutage("the token endpoint gave a token that is no access token", status=502)
    return Granted(token, _lifetime(said.get("expires_in")), _scopes(said.get("scope")))


def refuse_what_is_no_success(reply: Reply, who: str) -> None:
    """Raises TokenOutage for every status but 200: 503 where asking again later may help, 502 where it will not."""
    if reply.status == 429 or reply.status >= 500:
        raise TokenOutage(f"the {who} answers with status {reply.status}", retry_after=int(reply.retry_after or 1))
    if reply.status != 200:
        code = _object(reply.content).get("error")
        named = code if isinstance(code, str) and code in _ERRORS else f"status {reply.status}"
        raise TokenOutage(f"the {who} refuses: {named}", status=502, refused=named)


def _object(content: bytes) -> dict[str, object]:
    try:
        said = json.loads(content.decode("utf-8"))
    except (ValueError, RecursionError):
        said = None
    return said if isinstance(said, dict) else {}


def _lifetime(said: object) -> float:
    if isinstance(said, str) and said.isascii() and said.isdigit() and len(said) < 10:  # as some issuers write it
        said = int(said)
    if said is None:
        return _UNSAID
    if isinstance(said, bool) or not isinstance(said, int | float) or not said > 0:
        raise TokenOutage("the token endpoint gave a token that has expired already", status=502)
    return min(float(said), _LONGEST) if said < _LONGEST else _LONGEST


def _scopes(said: object) -> tuple[str, ...] | None:
    return tuple(each for each in said.split(" ") if each) if isinstance(said, str) else None
