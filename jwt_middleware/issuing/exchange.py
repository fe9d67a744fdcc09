"""Neutral request in, neutral answer out: what the doors carry to and from the issuing side."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from types import MappingProxyType
from typing import Final

from ..access.request import RequestInfo

MAX_BODY: Final = 8192  # bytes that a door reads of a request; one more says that there are too many
MAX_FORM: Final = 65_536  # the same of what a registered client sends, which may hold tokens and an assertion

# for documents that everybody may read, and scripts of every origin, too; they hold nothing about whoever asks
_ANYWHERE: Final = (("access-control-allow-origin", "*"), ("x-content-type-options", "nosniff"))


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuingRequest:
    """One request to the issuing side. ``body`` is what was sent, at most one byte more than its endpoint takes.

    ``address`` is where the request came from, as far as the server knows. ``folder`` is the path that the endpoints
    share, as browsers see it. ``parameters`` are those of the route. ``source`` is the framework's own request.
    """

    info: RequestInfo
    body: bytes = field(default=b"", repr=False)
    address: str = ""
    folder: str = "/"
    parameters: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    source: object = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a door sends back. Header names are lower-case; there may be several of one name (cookies)."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes = field(repr=False)


def document_answer(request: IssuingRequest, document: object, *, media_type: str, max_age: int) -> Answer:
    """A public document that may be kept for ``max_age`` seconds; 304 for whoever has it already (RFC 9110, 13.1.2)."""
    body = json.dumps(document, separators=(",", ":")).encode()
    tag = f'"{sha256(body).hexdigest()[:32]}"'
    headers = [("cache-control", f"public, max-age={max_age}"), ("etag", tag), *_ANYWHERE]
    if _has_already(request.info.header("if-none-match"), tag):
        return Answer(304, tuple(headers), b"")
    return Answer(200, (("content-type", media_type), *headers), body)


def preflight_answer() -> Answer:
    """The answer to OPTIONS on a public document: read it from everywhere, with no credentials."""
    headers = (*_ANYWHERE, ("allow", "GET, HEAD, OPTIONS"), ("access-control-allow-methods", "GET, HEAD"))
    return Answer(204, (*headers, ("access-control-max-age", "86400")), b"")


def _has_already(values: Sequence[str], tag: str) -> bool:
    tags = [each.strip().removeprefix("W/") for value in values for each in value.split(",")]
    return tag in tags or tags == ["*"]
