"""Every way in which the endpoints of sessions say no: status, sentence, and OAuth's error code if it has one."""

import json
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from .exchange import Answer


@dataclass(frozen=True, slots=True)
class _Refusal:
    status: int
    title: str
    sentence: str
    error: str = ""  # RFC 6749 section 5.2, RFC 8707 section 2


REFUSALS: Final = MappingProxyType(
    {
        "body_malformed": _Refusal(400, "Bad Request", "the body is not what this endpoint takes", "invalid_request"),
        "credentials_refused": _Refusal(400, "Bad Request", "these credentials are not accepted", "invalid_grant"),
        "refresh_refused": _Refusal(400, "Bad Request", "the session cannot be continued", "invalid_grant"),
        "scope_refused": _Refusal(400, "Bad Request", "a scope is asked for that is not granted", "invalid_scope"),
        "resource_refused": _Refusal(
            400, "Bad Request", "a resource is asked for that is not granted", "invalid_target"
        ),
        "session_unknown": _Refusal(404, "Not Found", "there is no such session"),
        "body_too_large": _Refusal(413, "Content Too Large", "the body is larger than this endpoint takes"),
        "content_type_refused": _Refusal(415, "Unsupported Media Type", "the body must be application/json"),
        "too_many_attempts": _Refusal(429, "Too Many Requests", "too many failed attempts; wait before the next one"),
    }
)

NO_STORE: Final = ("cache-control", "no-store")  # RFC 6749 section 5.1, for errors, too


def refusal_answer(code: str, *headers: tuple[str, str]) -> Answer:
    """A problem (RFC 9457) with fixed texts: nothing of the request is repeated."""
    refusal = REFUSALS[code]
    problem = {
        "type": "about:blank",
        "title": refusal.title,
        "status": refusal.status,
        "detail": refusal.sentence,
        "code": code,
        **({"error": refusal.error} if refusal.error else {}),
    }
    body = json.dumps(problem).encode()
    return Answer(refusal.status, (("content-type", "application/problem+json"), NO_STORE, *headers), body)
