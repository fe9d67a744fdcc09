"""The body of a refusal: what it looks like to those who read bodies. The challenge in the header is what counts."""

import json
import logging
import re
from collections.abc import Callable, Mapping
from typing import Final

from ..errors import AuthError, Forbidden
from ..events import event

# from a refusal, and the parameters of its challenge, to a media type and the body
RefusalBody = Callable[[AuthError, Mapping[str, str]], tuple[str, bytes]]

_log: Final = logging.getLogger("jwt_middleware")
_MEDIA_TYPE: Final = re.compile(r"[\x20-\x7e]+")  # a header holds no line break

TITLES = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 502: "Bad Gateway", 503: "Service Unavailable"}


def body_of(refusal: AuthError, said: Mapping[str, str], body: RefusalBody) -> tuple[str, bytes]:
    """What ``body`` gives; the problem document where it fails, for the refusal goes out whatever it does."""
    try:
        media_type, content = body(refusal, said)
        if not (isinstance(content, bytes) and _MEDIA_TYPE.fullmatch(media_type)):
            raise TypeError("a refusal body is a media type and bytes")
    except Exception as error:  # noqa: BLE001  # a function of the application's raises what it likes
        _log.error(
            "refusal_body failed: %s",
            type(error).__name__,
            extra=event("hook_failed", hook="refusal_body", error=type(error).__name__),
        )
        return problem_json(refusal, said)
    return media_type, content


def problem_json(refusal: AuthError, said: Mapping[str, str]) -> tuple[str, bytes]:
    """A problem document (RFC 9457): the fixed sentence, the reason code, what was missing, and the challenge.

    ``because`` is there where the guard explains refusals.
    """
    problem: dict[str, object] = {
        "type": said.get("error_uri", "about:blank"),
        "title": TITLES[refusal.status],
        "status": refusal.status,
        "detail": refusal.sentence,
        "code": refusal.reason,
    }
    if isinstance(refusal, Forbidden) and refusal.missing:
        problem["missing"] = list(refusal.missing)
    if isinstance(refusal, Forbidden) and refusal.because:
        problem["because"] = refusal.because
    problem |= {name: said[name] for name in ("error", "scope") if name in said}  # RFC 9457 section 3.2
    return "application/problem+json", json.dumps(problem).encode()


def detail_and_code(refusal: AuthError, said: Mapping[str, str]) -> tuple[str, bytes]:  # noqa: ARG001  # asked like its siblings
    """``{"detail": ..., "code": ...}``, as clients of Django REST framework expect."""
    return "application/json", json.dumps({"detail": refusal.sentence, "code": refusal.reason}).encode()


def plain_text(refusal: AuthError, said: Mapping[str, str]) -> tuple[str, bytes]:  # noqa: ARG001  # asked like its siblings
    """The fixed sentence and nothing else."""
    return "text/plain; charset=utf-8", refusal.sentence.encode()
