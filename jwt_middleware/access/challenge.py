"""From a refusal to status, headers and body (RFC 6750 section 3, RFC 9110 section 11, RFC 9457)."""

import json
from dataclasses import dataclass

from ..errors import AuthError, AuthUnavailable, Forbidden, InvalidToken, MalformedRequest

_TITLES = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 503: "Service Unavailable"}


@dataclass(frozen=True, slots=True)
class Challenge:
    """The HTTP answer to a refusal, the same behind every door. Header names are lower-case."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def authenticate(self) -> str:
        """The value of WWW-Authenticate, or an empty string."""
        return dict(self.headers).get("www-authenticate", "")


def challenge_for(refusal: AuthError, realm: str) -> Challenge:
    """Every text comes from a fixed table or from the requirement; nothing comes from the token or the request."""
    problem: dict[str, object] = {
        "type": "about:blank",
        "title": _TITLES[refusal.status],
        "status": refusal.status,
        "detail": refusal.sentence,
        "code": refusal.reason,
    }
    headers = [("content-type", "application/problem+json"), ("cache-control", "no-store")]
    if isinstance(refusal, Forbidden) and refusal.missing:
        problem["missing"] = list(refusal.missing)
    if isinstance(refusal, AuthUnavailable):
        headers.append(("retry-after", str(refusal.retry_after)))
    else:
        headers.append(("www-authenticate", _bearer(refusal, realm)))
    body = json.dumps(problem).encode()
    return Challenge(refusal.status, (*headers, ("content-length", str(len(body)))), body)


def _bearer(refusal: AuthError, realm: str) -> str:
    parameters = [("realm", realm)]
    if isinstance(refusal, MalformedRequest):
        parameters += [("error", "invalid_request"), ("error_description", refusal.sentence)]
    elif isinstance(refusal, InvalidToken):
        parameters += [("error", "invalid_token"), ("error_description", refusal.sentence)]
    elif isinstance(refusal, Forbidden) and refusal.scopes:
        parameters += [("error", "insufficient_scope"), ("error_description", refusal.sentence)]
        parameters += [("scope", " ".join(refusal.scopes))]
    return "Bearer " + ", ".join(f'{name}="{value}"' for name, value in parameters)
