"""From a refusal to status, headers and body (RFC 6750 section 3, RFC 9110 section 11)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ..errors import AuthError, AuthUnavailable, Forbidden, InvalidToken, MalformedRequest
from .refusal_body import RefusalBody, body_of, problem_json

_ILLEGAL: Final = re.compile(r"[^\x20\x21\x23-\x5b\x5d-\x7e]")  # in a parameter, RFC 6750 section 3
_SCOPE_TOKEN: Final = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")  # RFC 6749 section 3.3


@dataclass(frozen=True, slots=True)
class Challenge:
    """The HTTP answer to a refusal, the same behind every door. Header names are lower-case.

    One ``www-authenticate`` in ``headers`` is one challenge: a door writes each as a field line of its own, for clients
    that cannot take several out of one line (RFC 9110 section 11.6.1).
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def authenticate(self) -> str:
        """The value of WWW-Authenticate, or an empty string."""
        return dict(self.headers).get("www-authenticate", "")


def challenge_for(
    refusal: AuthError, realm: str, *, error_uri: str | None = None, body: RefusalBody = problem_json
) -> Challenge:
    """Every text comes from a fixed table or from the requirement; nothing comes from the token or the request.

    ``error_uri`` is a page that explains refusals, where ``{code}`` stands for the reason code.
    """
    said = _bearer(refusal, realm)
    explained = {} if error_uri is None else {"error_uri": error_uri.replace("{code}", refusal.reason)}
    media_type, content = body_of(refusal, {**said, **explained}, body)
    headers = [("content-type", media_type), ("cache-control", "no-store")]
    if isinstance(refusal, AuthUnavailable):
        headers.append(("retry-after", str(refusal.retry_after)))
    else:
        headers.append(("www-authenticate", _written({**said, **explained} if "error" in said else said)))
    return Challenge(refusal.status, (*headers, ("content-length", str(len(content)))), content)


def _bearer(refusal: AuthError, realm: str) -> dict[str, str]:
    """The parameters of the challenge, in order."""
    said = {"realm": realm}
    if isinstance(refusal, MalformedRequest):
        return {**said, "error": "invalid_request", "error_description": refusal.sentence}
    if isinstance(refusal, InvalidToken):
        return {**said, "error": "invalid_token", "error_description": refusal.sentence}
    if isinstance(refusal, Forbidden):
        scopes = [each for each in refusal.scopes if _SCOPE_TOKEN.fullmatch(each)]  # others could not be asked for
        if scopes:
            error = {"error": "insufficient_scope", "error_description": refusal.sentence}
            return {**said, **error, "scope": " ".join(scopes)}
    return said


def _written(parameters: Mapping[str, str]) -> str:
    """A challenge whose values are quoted strings that need no escape, whatever was handed in."""
    return "Bearer " + ", ".join(f'{name}="{_ILLEGAL.sub("?", value)}"' for name, value in parameters.items())
